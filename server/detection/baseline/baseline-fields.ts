import type { BaselineFacts, BaselineReading } from '#server/detection/baseline/readings.ts';
import type { FieldValue } from '#server/detection/sigma/prepared-event.ts';

/**
 * Fields that rules read from an event's baseline readings; absent where there is no reading.
 *
 * | field | value |
 * |---|---|
 * | agent.tool.volume, .volume_mean, .volume_std, .volume_sigma, .volume_hours | calls of the tool in this hour, and what is usual over so many hours |
 * | agent.tool.error_count, .error_mean, .error_std, .error_sigma | of a failed call: failures of the tool in this hour, and what is to be expected |
 * | agent.tool.new_shape | whether the names and types of the arguments are new for the tool |
 * | agent.tool.destination_new | recipients and hosts that the agent never called the tool with before |
 * | agent.tool.destination_calls, .destination_known | calls of the tool that named some, and how many others those were |
 * | agent.transition.surprise, .mean, .std, .sigma | bits of surprise of this call after the one or two before it in the trace |
 * | agent.transition.path, .n, .seen | `read → pay`; how often its predecessor was seen, and this path, as far as is remembered |
 * | agent.scope.new | data classes and resources that the agent never touched before |
 * | agent.drift.bits, .mean, .std, .sigma | every twenty calls: how far the recent mix of tools is from the usual one |
 */
export const baselineFields: Readonly<Record<string, (facts: BaselineFacts) => FieldValue>> = {
  'agent.tool.volume': ({ volume }) => volume?.value,
  'agent.tool.volume_mean': ({ volume }) => volume?.mean,
  'agent.tool.volume_std': ({ volume }) => volume?.std,
  'agent.tool.volume_sigma': ({ volume }) => volume?.sigma,
  'agent.tool.volume_hours': ({ volume }) => volume?.hours,
  'agent.tool.error_count': ({ errors }) => errors?.value,
  'agent.tool.error_mean': ({ errors }) => errors?.mean,
  'agent.tool.error_std': ({ errors }) => errors?.std,
  'agent.tool.error_sigma': ({ errors }) => errors?.sigma,
  'agent.tool.new_shape': ({ shape }) => shape?.isNew,
  'agent.tool.destination_new': ({ destination }) =>
    destination?.fresh.length ? destination.fresh : undefined,
  'agent.tool.destination_calls': ({ destination }) => destination?.calls,
  'agent.tool.destination_known': ({ destination }) => destination?.known,
  'agent.transition.surprise': ({ sequence }) => sequence?.value,
  'agent.transition.mean': ({ sequence }) => sequence?.mean,
  'agent.transition.std': ({ sequence }) => sequence?.std,
  'agent.transition.sigma': ({ sequence }) => sequence?.sigma,
  'agent.transition.path': ({ sequence }) => sequence?.path.join(' → '),
  'agent.transition.n': ({ sequence }) => sequence?.contexts,
  'agent.transition.seen': ({ sequence }) => sequence?.seen,
  'agent.scope.new': ({ scope }) => (scope?.fresh.length ? scope.fresh : undefined),
  'agent.drift.bits': ({ drift }) => drift?.value,
  'agent.drift.mean': ({ drift }) => drift?.mean,
  'agent.drift.std': ({ drift }) => drift?.std,
  'agent.drift.sigma': ({ drift }) => drift?.sigma,
};

/** How the names of the fields of each kind of reading begin. */
export const baselinePrefixes: Readonly<Record<BaselineReading['kind'], string>> = {
  volume: 'agent.tool.volume',
  errors: 'agent.tool.error_',
  sequence: 'agent.transition.',
  shape: 'agent.tool.new_shape',
  destination: 'agent.tool.destination_',
  scope: 'agent.scope.',
  drift: 'agent.drift.',
};

/** The readings of an event that a rule over these fields has looked at: what its alert shows. */
export function readingsFor(fields: readonly string[], facts: BaselineFacts): BaselineReading[] {
  return Object.values(facts).flatMap((reading) => {
    if (reading === null) return [];
    const prefix = baselinePrefixes[reading.kind];
    return fields.some((field) => field.startsWith(prefix)) ? [reading] : [];
  });
}
