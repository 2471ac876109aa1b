import { limits } from '#server/kernel/limits.ts';
import {
  bounds,
  type Bound,
  type CorrelationDocument,
  type CorrelationType,
} from '#server/detection/sigma/rule-documents.ts';
import { RuleFault } from '#server/detection/sigma/rule-fault.ts';

/** What a correlation asks of the events in one window of one group. */
export interface CorrelationPlan {
  readonly type: CorrelationType;
  /** How many rules it refers to; a match says by index which of them it comes from. */
  readonly inputs: number;
  /** A window is half-open: it ends with an event and reaches back less than this. */
  readonly timespanMs: number;
  readonly bounds: readonly { readonly bound: Bound; readonly value: number }[];
  /**
   * value_percentile: which percentile of the window's numbers is compared; null compares the share
   * of the window's events, in per cent, that carry the same value as the event at its end (the
   * specification's only example, "a process name rarer than 1 %", means that).
   */
  readonly percentile: number | null;
  /**
   * More events can only make it truer, so it fires at once in whatever order they come. Otherwise
   * a window is judged when the watermark has passed its end.
   */
  readonly isImmediate: boolean;
  /** Events remembered for one group. */
  readonly entriesMax: number;
  /** The field whose values are counted or added up, for each input; empty for other types. */
  readonly valueFields: readonly (readonly string[])[];
  /** The group-by names, and for each input the fields they stand for there. */
  readonly groupBy: readonly string[];
  readonly groupFields: readonly (readonly string[])[];
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const valueTypes = ['value_count', 'value_sum', 'value_avg', 'value_percentile'] as const;

/**
 * Reads a correlation's own part; `names` are the names its rules go by, in their order.
 * @throws RuleFault `shape`, `unknown_rule`, `unsupported`, `too_large`
 */
export function compileCorrelation(
  correlation: CorrelationDocument['correlation'],
  names: readonly (readonly string[])[],
): CorrelationPlan {
  const { type, condition } = correlation;
  const needsField = (valueTypes as readonly string[]).includes(type);
  const fields = fieldsOf(condition?.field);
  checkCondition(correlation, needsField, fields.length);
  const timespanMs = readTimespan(correlation.timespan);
  const given = bounds.flatMap((bound) => {
    const value = condition?.[bound];
    return value === undefined ? [] : [{ bound, value }];
  });
  const required = given.length > 0 ? given : [{ bound: 'gte' as const, value: names.length }];
  const groupBy = correlation['group-by'];
  const aliases = readAliases(correlation, names);
  return {
    type,
    inputs: names.length,
    timespanMs,
    bounds: required,
    percentile: condition?.percentile ?? null,
    isImmediate:
      type !== 'value_avg' &&
      type !== 'value_percentile' &&
      required.every(({ bound }) => bound === 'gt' || bound === 'gte'),
    entriesMax: entriesMaxOf(required),
    valueFields: names.map((_, input) => fields.map((name) => aliases[input]?.get(name) ?? name)),
    groupBy,
    groupFields: names.map((_, input) => groupBy.map((name) => aliases[input]?.get(name) ?? name)),
  };
}

function fieldsOf(field: string | readonly string[] | undefined): readonly string[] {
  if (field === undefined) return [];
  return typeof field === 'string' ? [field] : field;
}

function checkCondition(
  correlation: CorrelationDocument['correlation'],
  needsField: boolean,
  fields: number,
): void {
  const { type, condition } = correlation;
  const path = ['correlation', 'condition'];
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  const hasBound =
    condition !== undefined && bounds.some((bound) => condition[bound] !== undefined);
  if (!isTemporal && !hasBound) {
    throw new RuleFault('shape', path, `"${type}" needs a bound such as gte.`);
  }
  if (needsField && fields === 0) throw new RuleFault('shape', path, `"${type}" needs a field.`);
  if (!needsField && fields > 0) {
    throw new RuleFault('shape', [...path, 'field'], `"${type}" counts no field.`);
  }
  if (type !== 'value_count' && fields > 1) {
    throw new RuleFault('shape', [...path, 'field'], `"${type}" takes one field.`);
  }
  if (type !== 'value_percentile' && condition?.percentile !== undefined) {
    throw new RuleFault('shape', [...path, 'percentile'], `"${type}" has no percentile.`);
  }
}

/** `\d+[smhd]` in milliseconds, at most `limits.ruleTimespanMsMax`. */
function readTimespan(timespan: string): number {
  const unit = timespan.slice(-1);
  const factor = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? unitMs[unit] : 0;
  const timespanMs = Number(timespan.slice(0, -1)) * factor;
  if (timespanMs > limits.ruleTimespanMsMax) {
    throw new RuleFault('too_large', ['correlation', 'timespan'], 'At most 30 days.');
  }
  return timespanMs;
}

/** Enough for four times the threshold, so that a burst is counted whole before the oldest go. */
function entriesMaxOf(required: CorrelationPlan['bounds']): number {
  const threshold = Math.max(...required.map(({ value }) => value));
  return Math.min(Math.max(4 * threshold, limits.windowEntriesMin), limits.windowEntriesMax);
}

function readAliases(
  correlation: CorrelationDocument['correlation'],
  names: readonly (readonly string[])[],
): readonly ReadonlyMap<string, string>[] {
  const byInput = names.map(() => new Map<string, string>());
  for (const [alias, fields] of Object.entries(correlation.aliases ?? {})) {
    for (const [rule, field] of Object.entries(fields)) {
      const input = names.findIndex((known) => known.includes(rule));
      if (input === -1) {
        const path = ['correlation', 'aliases', alias, rule];
        throw new RuleFault('unknown_rule', path, `This correlation has no rule "${rule}".`);
      }
      byInput[input]?.set(alias, field);
    }
  }
  return byInput;
}
