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
  /** Its place in the pack. */
  readonly order: number;
}

/** The detections that one field makes worth asking: being there, being or holding a text. */
interface GuardedField {
  readonly field: string;
  readonly whenPresent: readonly PackDetection[];
  readonly byValue: ReadonlyMap<string, readonly PackDetection[]>;
  /** Null when no rule looks for a part. */
  readonly parts: {
    readonly scan: LiteralScan;
    readonly asking: readonly PackDetection[][];
  } | null;
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
  const always = detections.filter(({ rule }) => rule.guards === null);
  const guards = detections.flatMap((detection) =>
    (detection.rule.guards ?? []).map((guard) => ({ ...guard, detection })),
  );
  const guarded = [...Map.groupBy(guards, ({ field }) => field)].map(
    ([field, all]): GuardedField => {
      const of = (kind: Guard['kind']) => all.filter((guard) => guard.kind === kind);
      const asking = (group: typeof all) => [...new Set(group.map(({ detection }) => detection))];
      const byText = (kind: Guard['kind']) =>
        [...Map.groupBy(of(kind), ({ text }) => text)].map(
          ([text, group]): [string, PackDetection[]] => [text, asking(group)],
        );
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
  return { always, guarded };
}

/** The detections to ask about an event of this kind, in the order of the pack. */
export function detectionsFor(
  pack: RulePack,
  category: string,
  event: PreparedEvent,
): readonly PackDetection[] {
  const index = pack.byCategory.get(category) ?? pack.byCategory.get(anyCategory);
  if (index === undefined) return [];
  const found = new Set<PackDetection>();
  for (const { field, byValue, whenPresent, parts } of index.guarded) {
    const held = event.field(field);
    if (!held.isPresent) continue;
    for (const detection of whenPresent) found.add(detection);
    if (byValue.size === 0 && parts === null) continue;
    for (const text of held.texts(false, false)) {
      for (const detection of byValue.get(text.trim()) ?? []) found.add(detection);
      parts?.scan.scan(text, (at) => {
        for (const detection of parts.asking[at] ?? []) found.add(detection);
      });
    }
  }
  if (found.size === 0) return index.always;
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

/** Whether a rule of the pack reads what is usual of an agent. */
export function readsBaseline(pack: RulePack): boolean {
  return Object.values(baselinePrefixes).some((field) => readsField(pack, field));
}

function isOurs(rule: DetectionRule): boolean {
  const { product: named, service } = rule.logsource;
  return (named === undefined || named === product) && service === undefined;
}
