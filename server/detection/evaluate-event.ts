import { advanceWindow, type Evidence, type WindowStep } from '#server/detection/correlate.ts';
import { detectionsFor, type PackSource, type RulePack } from '#server/detection/rule-pack.ts';
import type { CompiledRule, CorrelationRule } from '#server/detection/sigma/compiled-rule.ts';
import {
  PreparedEvent,
  type FieldReader,
  type FieldValue,
} from '#server/detection/sigma/prepared-event.ts';
import type { WindowState } from '#server/detection/window-state.ts';

/** One event as rules see it. */
export interface EvaluatedEvent {
  readonly eventId: string;
  /** Log source category: the event's kind. */
  readonly category: string;
  /** Event time, milliseconds since 1970, whole. */
  readonly at: number;
  readonly fields: FieldReader;
}

/** Where the windows are kept between events; the detector commits them with its cursor. */
export interface WindowStore {
  read(scope: string, group: string): WindowState | null;
  write(scope: string, group: string, state: WindowState): void;
}

/** A rule has fired over events of one group. */
export interface RuleFinding {
  readonly source: PackSource;
  readonly rule: CompiledRule;
  /** Values of the rule's group-by fields, in its order. */
  readonly group: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Scope of a correlation's windows: another version of the rule starts afresh. */
export function windowScope(source: PackSource, rule: CorrelationRule): string {
  return `window:${source.ruleId}:${source.version}:${rule.key}`;
}

/**
 * Runs every rule of the pack over one event: detections first, then the correlations that their
 * matches feed, inner ones before outer. Each field is read and folded once for all rules.
 */
export function evaluateEvent(
  pack: RulePack,
  event: EvaluatedEvent,
  windows: WindowStore,
  now: number,
): RuleFinding[] {
  const prepared = new PreparedEvent(event.fields);
  const findings: RuleFinding[] = [];
  let matched: Map<PackSource, string[]> | null = null;
  for (const { source, rule } of detectionsFor(pack, event.category)) {
    if (!rule.matches(prepared)) continue;
    if (rule.isAlerting) {
      const group = rule.groupBy.map((field) => textOf(prepared.field(field).values) ?? '');
      const evidence = [{ eventId: event.eventId, at: event.at, isLate: false }];
      findings.push({ source, rule, group, evidence });
    }
    matched ??= new Map();
    const keys = matched.get(source);
    if (keys === undefined) matched.set(source, [rule.key]);
    else keys.push(rule.key);
  }
  if (matched === null) return findings;
  for (const [source, keys] of matched) {
    const feeds = keys.map((key): Feed => ({
      key,
      at: event.at,
      eventId: event.eventId,
      read: (field) => prepared.field(field).values,
    }));
    findings.push(...correlate(pack.correlations.get(source) ?? [], source, feeds, windows, now));
  }
  return findings;
}

/** A match on its way into correlations: of a detection, or of a correlation that fired. */
interface Feed {
  readonly key: string;
  readonly at: number;
  readonly eventId: string;
  readonly read: (field: string) => FieldValue;
}

/** Feeds matches into a source's correlations, inner ones first; shared with the closing of windows. */
export function correlate(
  rules: readonly CorrelationRule[],
  source: PackSource,
  feeds: readonly Feed[],
  windows: WindowStore,
  now: number,
): RuleFinding[] {
  const findings: RuleFinding[] = [];
  const pending = [...feeds];
  for (const rule of rules) {
    // Grows while it runs; what a rule adds is never fed to itself, as nothing leads back.
    for (const feed of pending) {
      rule.inputs.forEach((key, input) => {
        if (key !== feed.key) return;
        const taken = takeFeed(rule, input, feed, source, windows, now);
        if (taken === null) return;
        pending.push(...feedsOf(rule, taken.step));
        const { evidence } = taken.step;
        if (rule.isAlerting && evidence.length > 0) {
          findings.push({ source, rule, group: taken.group, evidence });
        }
      });
    }
  }
  return findings;
}

/** What an enclosing correlation sees of one that fired: the events that its windows ended with. */
export function feedsOf(rule: CorrelationRule, step: Pick<WindowStep, 'fired'>): Feed[] {
  return step.fired.map((entry) => ({
    key: rule.key,
    at: entry.at,
    eventId: entry.eventId,
    read: (field) => entry.carried[field],
  }));
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
    const value = textOf(feed.read(field));
    if (value === null) return null;
    group.push(value);
  }
  const values = valuesOf(rule, input, feed);
  if (values === null) return null;
  const carried: Record<string, string> = {};
  for (const field of rule.carriedFields) {
    const value = textOf(feed.read(field));
    if (value !== null) carried[field] = value;
  }
  const scope = windowScope(source, rule);
  const key = JSON.stringify(group);
  const match = { at: feed.at, eventId: feed.eventId, input, values, carried };
  const step = advanceWindow(rule.plan, windows.read(scope, key), match, now);
  windows.write(scope, key, step.state);
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

/** A field as one text; several values form one group together. Null for an absent field. */
function textOf(value: FieldValue): string | null {
  const list = listOf(value);
  return list.length === 0 ? null : list.join(',');
}
