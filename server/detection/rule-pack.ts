import type {
  CompiledRule,
  CorrelationRule,
  DetectionRule,
} from '#server/detection/sigma/compiled-rule.ts';

/** One compiled source under the id and version that its alerts are raised with. */
export interface PackSource {
  readonly ruleId: string;
  readonly version: number;
  /** Referred-to rules before those that refer to them. */
  readonly rules: readonly CompiledRule[];
}

interface PackDetection {
  readonly source: PackSource;
  readonly rule: DetectionRule;
}

/** Enabled rules, indexed by what they can match. One form runs online and over history. */
export interface RulePack {
  readonly sources: readonly PackSource[];
  /** Detections that may match an event of a category; `*` for a category that no rule names. */
  readonly byCategory: ReadonlyMap<string, readonly PackDetection[]>;
  /** Correlations of a source, inner ones first. */
  readonly correlations: ReadonlyMap<PackSource, readonly CorrelationRule[]>;
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
  const byCategory = new Map<string, readonly PackDetection[]>();
  for (const category of new Set([...named, anyCategory])) {
    byCategory.set(
      category,
      detections.filter(({ rule }) => (rule.logsource.category ?? category) === category),
    );
  }
  const correlations = new Map<PackSource, readonly CorrelationRule[]>();
  for (const source of sources) {
    const own = source.rules.filter((rule) => rule.kind === 'correlation');
    if (own.length > 0) correlations.set(source, own);
  }
  return { sources, byCategory, correlations };
}

/** The detections to ask about an event of this kind. */
export function detectionsFor(pack: RulePack, category: string): readonly PackDetection[] {
  return pack.byCategory.get(category) ?? pack.byCategory.get(anyCategory) ?? [];
}

/** Whether a rule of the pack reads a field of this name or beginning. */
export function readsField(pack: RulePack, field: string): boolean {
  return pack.sources.some(({ rules }) =>
    rules.some(
      (rule) => rule.kind === 'detection' && rule.fields.some((name) => name.startsWith(field)),
    ),
  );
}

function isOurs(rule: DetectionRule): boolean {
  const { product: named, service } = rule.logsource;
  return (named === undefined || named === product) && service === undefined;
}
