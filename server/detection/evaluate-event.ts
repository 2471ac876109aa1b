import { sha256Hex } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';
import { readingsFor } from '#server/detection/baseline/baseline-fields.ts';
import type { BaselineFacts, BaselineReading } from '#server/detection/baseline/readings.ts';
import { advanceOwnWindow, type Evidence, type WindowStep } from '#server/detection/correlate.ts';
import type { RuleClock } from '#server/detection/rule-clock.ts';
import { detectionsFor, type PackSource, type RulePack } from '#server/detection/rule-pack.ts';
import type { CompiledRule, CorrelationRule } from '#server/detection/sigma/compiled-rule.ts';
import {
  PreparedEvent,
  type FieldReader,
  type FieldValue,
} from '#server/detection/sigma/prepared-event.ts';
import type { OwnWindow } from '#server/detection/window-state.ts';

/** One event as rules see it. */
export interface EvaluatedEvent {
  readonly eventId: string;
  /** Log source category: the event's kind. */
  readonly category: string;
  /** Event time, milliseconds since 1970, whole. */
  readonly at: number;
  readonly fields: FieldReader;
  /** Left out where nothing is known of the agent. */
  readonly baseline?: BaselineFacts;
}

/** Where the windows are kept between events; the detector commits them with its cursor. */
export interface WindowStore {
  /** The window of a group, to be worked in: what is left in it is what is remembered. */
  open(scope: string, group: string): OpenWindow;
}

/** A window in work; null until something has matched. */
export interface OpenWindow {
  state: OwnWindow | null;
}

/** A rule has fired over events of one group. */
export interface RuleFinding {
  readonly source: PackSource;
  readonly rule: CompiledRule;
  /** Values of the rule's group-by fields, in its order. */
  readonly group: readonly string[];
  readonly evidence: readonly Evidence[];
  /** What a rule over single events read of baselines; a correlation only counts its events. */
  readonly readings?: readonly BaselineReading[];
}

const scopes = new WeakMap<PackSource, Map<CorrelationRule, string>>();

/** Versions of what a source counts of others; empty for one that counts only its own rules. */
function basisOf({ rules }: PackSource): string {
  const counted = rules.flatMap(({ origin }) =>
    origin === undefined ? [] : [`${origin.ruleId}@${origin.version}`],
  );
  if (counted.length === 0) return '';
  return `:${sha256Hex([...new Set(counted)].sort().join(' ')).slice(0, 12)}`;
}

/**
 * Scope of a correlation's windows: another version of the rule, or of one that it counts, starts
 * afresh.
 */
export function windowScope(source: PackSource, rule: CorrelationRule): string {
  const known = scopes.get(source) ?? new Map<CorrelationRule, string>();
  scopes.set(source, known);
  const scope =
    known.get(rule) ?? `window:${source.ruleId}:${source.version}:${rule.key}${basisOf(source)}`;
  known.set(rule, scope);
  return scope;
}

/** What single events told: findings at once, and matches for the correlations of their sources. */
export interface Detected {
  readonly findings: readonly RuleFinding[];
  readonly feeds: ReadonlyMap<PackSource, readonly Feed[]>;
}

/** Runs every rule of the pack over one event, see {@link detectEvent} and {@link correlate}. */
export function evaluateEvent(
  pack: RulePack,
  event: EvaluatedEvent,
  windows: WindowStore,
  now: number,
): RuleFinding[] {
  const detected = detectEvent(pack, event);
  return [...detected.findings, ...correlate(pack, detected, windows, now)];
}

const nothing: Detected = { findings: [], feeds: new Map() };

/**
 * Runs the rules over single events. Each field is read and folded once for all rules; most events
 * match nothing, and only rules that their fields leave possible are asked.
 */
export function detectEvent(
  pack: RulePack,
  event: EvaluatedEvent,
  clock: RuleClock | null = null,
): Detected {
  const prepared = new PreparedEvent(event.fields);
  let detected: { findings: RuleFinding[]; feeds: Map<PackSource, Feed[]> } | null = null;
  for (const detection of detectionsFor(pack, event.category, prepared)) {
    const { source, rule } = detection;
    if (!(clock === null ? rule.matches(prepared) : clock.ask(detection, prepared))) continue;
    detected ??= { findings: [], feeds: new Map() };
    const read = (field: string) => prepared.field(field).values;
    if (rule.isAlerting) {
      const group = rule.groupBy.map((field) => groupValueOf(read(field)) ?? '');
      const evidence = [{ eventId: event.eventId, at: event.at, isLate: false }];
      const { baseline } = event;
      const readings = baseline === undefined ? [] : readingsFor(rule.fields, baseline);
      detected.findings.push({ source, rule, group, evidence, readings });
    }
    const correlations = pack.correlations.get(source);
    if (correlations === undefined) continue;
    const feeds = detected.feeds.get(source) ?? [];
    // Read now: a feed that could read any field would keep the whole event until its batch is over.
    const values = new Map(correlations.fields.map((field) => [field, read(field)]));
    feeds.push({
      key: rule.key,
      at: event.at,
      eventId: event.eventId,
      read: (field) => values.get(field),
    });
    detected.feeds.set(source, feeds);
  }
  return detected ?? nothing;
}

/** A match on its way into correlations: of a detection, or of a correlation that fired. */
export interface Feed {
  readonly key: string;
  readonly at: number;
  readonly eventId: string;
  readonly read: (field: string) => FieldValue;
}

/** Feeds what one event matched into the correlations of its sources, inner ones before outer. */
export function correlate(
  pack: RulePack,
  detected: Detected,
  windows: WindowStore,
  now: number,
): RuleFinding[] {
  const findings: RuleFinding[] = [];
  for (const [source, feeds] of detected.feeds) {
    const pending = [...feeds];
    for (const rule of pack.correlations.get(source)?.rules ?? []) {
      // Grows while it runs; what a rule adds is never fed to itself, as nothing leads back.
      for (const feed of pending) {
        for (const [input, key] of rule.inputs.entries()) {
          if (key !== feed.key) continue;
          const taken = takeFeed(rule, input, feed, source, windows, now);
          if (taken === null) continue;
          pending.push(...feedsOf(rule, taken.step.fired));
          const { evidence } = taken.step;
          if (rule.isAlerting && evidence.length > 0) {
            findings.push({ source, rule, group: taken.group, evidence });
          }
        }
      }
    }
  }
  return findings;
}

/** What an enclosing correlation sees of one that fired: the events that its windows ended with. */
function feedsOf(rule: CorrelationRule, fired: WindowStep['fired']): Feed[] {
  return fired.map((entry) => ({
    key: rule.key,
    at: entry.at,
    eventId: entry.eventId,
    read: (field) => entry.carried[field],
  }));
}

/** What the closing of a window by the passing of time told: `key` names its group. */
export function detectedByClosing(
  source: PackSource,
  rule: CorrelationRule,
  key: string,
  { fired, evidence }: WindowStep,
): Detected {
  const isTold = rule.isAlerting && evidence.length > 0;
  return {
    findings: isTold ? [{ source, rule, group: groupOfKey(key), evidence }] : [],
    feeds: new Map([[source, feedsOf(rule, fired)]]),
  };
}

interface Taken {
  readonly group: readonly string[];
  readonly step: WindowStep;
}

/** Null when the event lacks a group-by field or the value that is counted: it has no group. */
function takeFeed(
  rule: CorrelationRule,
  input: number,
  feed: Feed,
  source: PackSource,
  windows: WindowStore,
  now: number,
): Taken | null {
  const group: string[] = [];
  for (const field of rule.plan.groupFields[input] ?? []) {
    const value = groupValueOf(feed.read(field));
    if (value === null) return null;
    group.push(value);
  }
  const values = valuesOf(rule, input, feed);
  if (values === null) return null;
  const carried: Record<string, string> = {};
  for (const field of rule.carriedFields) {
    const value = groupValueOf(feed.read(field));
    if (value !== null) carried[field] = value;
  }
  const window = windows.open(windowScope(source, rule), groupKeyOf(group));
  const match = { at: feed.at, eventId: feed.eventId, input, values, carried };
  const step = advanceOwnWindow(rule.plan, window.state, match, now);
  window.state = step.state;
  return { group, step };
}

function valuesOf(
  rule: CorrelationRule,
  input: number,
  feed: Feed,
): readonly (string | number)[] | null {
  const fields = rule.plan.valueFields[input] ?? [];
  const [only] = fields;
  if (only === undefined) return [];
  const isNumeric =
    rule.plan.type !== 'value_count' &&
    !(rule.plan.type === 'value_percentile' && rule.plan.percentile === null);
  if (isNumeric) {
    const numbers = listOf(feed.read(only)).map(Number).filter(Number.isFinite);
    return numbers.length === 0 ? null : numbers;
  }
  if (fields.length === 1) {
    const texts = listOf(feed.read(only)).map(String);
    return texts.length === 0 ? null : texts;
  }
  const texts = fields.map((field) => textOf(feed.read(field)));
  return texts.includes(null) ? null : [JSON.stringify(texts)];
}

function listOf(value: FieldValue): readonly (string | number | boolean)[] {
  if (value === undefined || value === null) return [];
  return typeof value === 'object' ? value.filter((item) => item !== null) : [value];
}

/** A group as a key that an index can hold (a B-tree takes 2.7 kB at most). */
export function groupKeyOf(group: readonly string[]): string {
  const key = JSON.stringify(group);
  return key.length <= limits.groupKeyCharsMax ? key : `#${sha256Hex(key)}`;
}

/** The group's values; of a hashed key only the hash is left. */
function groupOfKey(key: string): readonly string[] {
  if (key.startsWith('#')) return [key];
  const values: unknown = JSON.parse(key);
  return Array.isArray(values) ? values.map(String) : [key];
}

/**
 * A field's value as it names a group: a long text is cut and told apart by its hash, because it
 * stands in keys, alerts and stored windows.
 */
function groupValueOf(value: FieldValue): string | null {
  const text = textOf(value);
  if (text === null || text.length <= limits.groupValueCharsMax) return text;
  return `${text.slice(0, limits.groupValueCharsMax - 18)}…#${sha256Hex(text).slice(0, 16)}`;
}

/** A field as one text; several values form one group together. Null for an absent field. */
function textOf(value: FieldValue): string | null {
  const list = listOf(value);
  return list.length === 0 ? null : list.join(',');
}
