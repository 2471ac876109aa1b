import type { ResponseAction } from '#db/enums.ts';
import type { RuleStatus, Severity } from '#server/detection/contract.ts';
import type { CorrelationPlan } from '#server/detection/sigma/compile-correlation.ts';
import type { Predicate } from '#server/detection/sigma/compile-detection.ts';
import type { Guards } from '#server/detection/sigma/rule-guard.ts';
import type { Logsource } from '#server/detection/sigma/rule-documents.ts';

/** Which source a rule comes from that was compiled into another. */
export interface RuleOrigin {
  readonly ruleId: string;
  readonly version: number;
  /** The name that lists show, and the title. */
  readonly name: string;
  readonly title: string;
}

/** What every compiled rule says of itself. */
export interface RuleHead {
  /** Name, else id, else the place in the source: how correlations refer to it. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly status: RuleStatus;
  readonly tags: readonly string[];
  readonly falsePositives: readonly string[];
  /** Opens alerts itself, rather than only feeding a correlation. */
  readonly isAlerting: boolean;
  /** What is done by itself about the agent when an alert of it opens; null = nothing. */
  readonly response: ResponseAction | null;
  /** Of a rule of another source that a correlation of this one counts; absent for its own. */
  readonly origin?: RuleOrigin;
}

/** A rule over single events, ready to run. */
export interface DetectionRule extends RuleHead {
  readonly kind: 'detection';
  readonly logsource: Logsource;
  readonly matches: Predicate;
  /** What keeps events away from it: one of them holds wherever it matches. */
  readonly guards: Guards;
  /** Names of all fields that it reads: facts that nobody reads need not be looked up. */
  readonly fields: readonly string[];
  /** Its condition with "of", lists and filters written out. */
  readonly condition: string;
  /** Which matches belong to one alert. */
  readonly groupBy: readonly string[];
}

/** A rule over the matches of others, ready to run by `correlate.ts`. */
export interface CorrelationRule extends RuleHead {
  readonly kind: 'correlation';
  readonly plan: CorrelationPlan;
  /** Keys of the rules it refers to, in its own order. */
  readonly inputs: readonly string[];
  /** Fields that an enclosing correlation will ask of the events that fire this one. */
  readonly carriedFields: readonly string[];
}

export type CompiledRule = DetectionRule | CorrelationRule;

/** A rule's own tests: each a list of events it must, or must not, fire over. */
export interface RuleTests {
  readonly hits: readonly (readonly Readonly<Record<string, unknown>>[])[];
  readonly misses: readonly (readonly Readonly<Record<string, unknown>>[])[];
}
