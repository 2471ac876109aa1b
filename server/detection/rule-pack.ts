import type {
  CompiledRule,
  CorrelationRule,
  DetectionRule,
} from '#server/detection/sigma/compiled-rule.ts';
import { createLiteralScan, type LiteralScan } from '#server/detection/literal-scan.ts';
import { baselinePrefixes } from '#server/detection/baseline/baseline-fields.ts';
import type { PreparedEvent } from '#server/detection/sigma/prepared-event.ts';
import type { Guard } from '#server/detection/sigma/rule-guard.ts';

/** One compiled source under the id and version that its alerts are raised with. */
export interface PackSource {
  readonly ruleId: string;
  readonly version: number;
  /** Referred-to rules before those that refer to them. */
  readonly rules: readonly CompiledRule[];
  /** It is logged what it would open, and nobody is told. */
  readonly isShadow?: boolean;
}

export interface PackDetection {
  readonly source: PackSource;
  readonly rule: DetectionRule;
}

/**
 * The detections that one field makes worth asking: being there, being or holding a text. Each is named
 * by its place in {@link CategoryIndex.detections}.
 */
interface GuardedField {
  readonly field: string;
  readonly whenPresent: readonly number[];
  readonly byValue: ReadonlyMap<string, readonly number[]>;
  /** Null when no rule looks for a part. */
  readonly parts: {
    readonly scan: LiteralScan;
    readonly asking: readonly (readonly number[])[];
  } | null;
}

interface CategoryIndex {
  /** In the order of the pack. */
  readonly detections: readonly PackDetection[];
  /** 1 at the place of each of which nothing is known that keeps an event away from it. */
  readonly always: Uint8Array;
  readonly guarded: readonly GuardedField[];
  /** Room to mark in what one event makes worth asking: thousands of events a second come by. */
  readonly marks: Uint8Array;
}

/** Enabled rules, indexed by what they can match. One form runs online and over history. */
export interface RulePack {
  readonly sources: readonly PackSource[];
  /** Detections that may match an event of a category; `*` for a category that no rule names. */
  readonly byCategory: ReadonlyMap<string, CategoryIndex>;
  /** Correlations of a source, inner ones first. */
  readonly correlations: ReadonlyMap<PackSource, SourceCorrelations>;
}

export interface SourceCorrelations {
  readonly rules: readonly CorrelationRule[];
  /** The fields that they ask of an event. */
  readonly fields: readonly string[];
}

/** Our log source: everything that agents do. Rules of other products never see our events. */
export const product = 'ai_agent';
const anyCategory = '*';

/** Builds the index. Cheap enough to do again whenever a rule changes. */
export function buildPack(sources: readonly PackSource[]): RulePack {
  const detections = sources.flatMap((source) =>
    source.rules.flatMap((rule): PackDetection[] =>
      rule.kind === 'detection' && isOurs(rule) ? [{ source, rule }] : [],
    ),
  );
  const named = detections.flatMap(({ rule }) => rule.logsource.category ?? []);
  const byCategory = new Map<string, CategoryIndex>();
  for (const category of new Set([...named, anyCategory])) {
    const own = detections.filter(({ rule }) => (rule.logsource.category ?? category) === category);
    byCategory.set(category, indexOf(own));
  }
  const correlations = new Map<PackSource, SourceCorrelations>();
  for (const source of sources) {
    const rules = source.rules.filter((rule) => rule.kind === 'correlation');
    if (rules.length > 0) correlations.set(source, { rules, fields: fieldsAsked(rules) });
  }
  return { sources, byCategory, correlations };
}

function fieldsAsked(rules: readonly CorrelationRule[]): string[] {
  const asked = rules.flatMap(({ plan, carriedFields }) => [
    ...plan.groupFields.flat(),
    ...plan.valueFields.flat(),
    ...carriedFields,
  ]);
  return [...new Set(asked)];
}

function indexOf(detections: readonly PackDetection[]): CategoryIndex {
  const always = Uint8Array.from(detections, ({ rule }) => (rule.guards === null ? 1 : 0));
  const guards = detections.flatMap(({ rule }, place) =>
    (rule.guards ?? []).map((guard) => ({ ...guard, place })),
  );
  const guarded = [...Map.groupBy(guards, ({ field }) => field)].map(
    ([field, all]): GuardedField => {
      const of = (kind: Guard['kind']) => all.filter((guard) => guard.kind === kind);
      const asking = (group: typeof all) => [...new Set(group.map(({ place }) => place))];
      const byText = (kind: Guard['kind']) =>
        [...Map.groupBy(of(kind), ({ text }) => text)].map(([text, group]): [string, number[]] => [
          text,
          asking(group),
        ]);
      const parts = byText('part');
      return {
        field,
        whenPresent: asking(of('present')),
        byValue: new Map(byText('value')),
        parts:
          parts.length === 0
            ? null
            : {
                scan: createLiteralScan(parts.map(([text]) => text)),
                asking: parts.map(([, group]) => group),
              },
      };
    },
  );
  return { detections, always, guarded, marks: new Uint8Array(detections.length) };
}

const none: readonly number[] = [];

/** The detections to ask about an event of this kind, in the order of the pack. */
export function detectionsFor(
  pack: RulePack,
  category: string,
  event: PreparedEvent,
): readonly PackDetection[] {
  const index = pack.byCategory.get(category) ?? pack.byCategory.get(anyCategory);
  if (index === undefined) return [];
  const { marks } = index;
  marks.set(index.always);
  for (const guard of index.guarded) markAsked(guard, event, marks);
  return index.detections.filter((_, place) => marks[place] === 1);
}

function markAsked(guard: GuardedField, event: PreparedEvent, marks: Uint8Array): void {
  const { byValue, whenPresent, parts } = guard;
  const held = event.field(guard.field);
  if (!held.isPresent) return;
  const mark = (places: readonly number[]) => {
    for (const place of places) marks[place] = 1;
  };
  mark(whenPresent);
  if (byValue.size === 0 && parts === null) return;
  for (const text of held.texts(false, false)) {
    mark(byValue.get(text.trim()) ?? none);
    parts?.scan.scan(text, (at) => mark(parts.asking[at] ?? none));
  }
}

/** Whether a rule of the pack reads a field of this name or beginning. */
export function readsField(pack: RulePack, field: string): boolean {
  return pack.sources.some(({ rules }) =>
    rules.some(
      (rule) => rule.kind === 'detection' && rule.fields.some((name) => name.startsWith(field)),
    ),
  );
}

const tallied = ['trace.to', 'trace.found', 'trace.prompt.', 'trace.model.', 'agent.tool.repeats'];

/** Whether a rule of the pack reads what is counted of traces. */
export function readsTally(pack: RulePack): boolean {
  return tallied.some((field) => readsField(pack, field));
}

/** Whether a rule of the pack reads what is usual of an agent. */
export function readsBaseline(pack: RulePack): boolean {
  return Object.values(baselinePrefixes).some((field) => readsField(pack, field));
}

function isOurs(rule: DetectionRule): boolean {
  const { product: named, service } = rule.logsource;
  return (named === undefined || named === product) && service === undefined;
}
