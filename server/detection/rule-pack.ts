import type {
  CompiledRule,
  CorrelationRule,
  DetectionRule,
} from '#server/detection/sigma/compiled-rule.ts';
import type { PreparedEvent } from '#server/detection/sigma/prepared-event.ts';

/** One compiled source under the id and version that its alerts are raised with. */
export interface PackSource {
  readonly ruleId: string;
  readonly version: number;
  /** Referred-to rules before those that refer to them. */
  readonly rules: readonly CompiledRule[];
}

export interface PackDetection {
  readonly source: PackSource;
  readonly rule: DetectionRule;
  /** Its place in the pack. */
  readonly order: number;
}

/** The detections that a value of one field, or its presence, makes worth asking. */
interface GuardedField {
  readonly field: string;
  readonly byValue: Map<string, PackDetection[]>;
  readonly whenPresent: PackDetection[];
}

interface CategoryIndex {
  /** Nothing is known that keeps an event away from these. */
  readonly always: readonly PackDetection[];
  readonly guarded: readonly GuardedField[];
}

/** Enabled rules, indexed by what they can match. One form runs online and over history. */
export interface RulePack {
  readonly sources: readonly PackSource[];
  /** Detections that may match an event of a category; `*` for a category that no rule names. */
  readonly byCategory: ReadonlyMap<string, CategoryIndex>;
  /** Correlations of a source, inner ones first. */
  readonly correlations: ReadonlyMap<PackSource, readonly CorrelationRule[]>;
}

/** Our log source: everything that agents do. Rules of other products never see our events. */
export const product = 'ai_agent';
const anyCategory = '*';

/** Builds the index. Cheap enough to do again whenever a rule changes. */
export function buildPack(sources: readonly PackSource[]): RulePack {
  const detections = sources
    .flatMap((source) =>
      source.rules.flatMap((rule) =>
        rule.kind === 'detection' && isOurs(rule) ? [{ source, rule }] : [],
      ),
    )
    .map((item, order): PackDetection => ({ ...item, order }));
  const named = detections.flatMap(({ rule }) => rule.logsource.category ?? []);
  const byCategory = new Map<string, CategoryIndex>();
  for (const category of new Set([...named, anyCategory])) {
    const own = detections.filter(({ rule }) => (rule.logsource.category ?? category) === category);
    byCategory.set(category, indexOf(own));
  }
  const correlations = new Map<PackSource, readonly CorrelationRule[]>();
  for (const source of sources) {
    const own = source.rules.filter((rule) => rule.kind === 'correlation');
    if (own.length > 0) correlations.set(source, own);
  }
  return { sources, byCategory, correlations };
}

function indexOf(detections: readonly PackDetection[]): CategoryIndex {
  const always: PackDetection[] = [];
  const guarded = new Map<string, GuardedField>();
  for (const detection of detections) {
    const { guards } = detection.rule;
    if (guards === null) always.push(detection);
    for (const { field, value } of guards ?? []) {
      const index = guarded.get(field) ?? { field, byValue: new Map(), whenPresent: [] };
      guarded.set(field, index);
      const list = value === null ? index.whenPresent : (index.byValue.get(value) ?? []);
      if (!list.includes(detection)) list.push(detection);
      if (value !== null) index.byValue.set(value, list);
    }
  }
  return { always, guarded: [...guarded.values()] };
}

/** The detections to ask about an event of this kind, in the order of the pack. */
export function detectionsFor(
  pack: RulePack,
  category: string,
  event: PreparedEvent,
): readonly PackDetection[] {
  const index = pack.byCategory.get(category) ?? pack.byCategory.get(anyCategory);
  if (index === undefined) return [];
  let found: Set<PackDetection> | null = null;
  for (const { field, byValue, whenPresent } of index.guarded) {
    const held = event.field(field);
    if (!held.isPresent) continue;
    for (const detection of whenPresent) (found ??= new Set()).add(detection);
    if (byValue.size === 0) continue;
    for (const text of held.texts(false, false)) {
      for (const detection of byValue.get(text.trim()) ?? []) (found ??= new Set()).add(detection);
    }
  }
  if (found === null) return index.always;
  for (const detection of index.always) found.add(detection);
  return [...found].sort((a, b) => a.order - b.order);
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

function isOurs(rule: DetectionRule): boolean {
  const { product: named, service } = rule.logsource;
  return (named === undefined || named === product) && service === undefined;
}
