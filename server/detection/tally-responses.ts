import type { ResponseAction } from '#db/enums.ts';
import type { BacktestResult } from '#server/detection/contract.ts';
import type { TalliedAlert } from '#server/detection/tally-backtest.ts';
import { limits } from '#server/kernel/limits.ts';

const hourMs = 60 * 60_000;

/**
 * What a rule would have done by itself about the alerts of a run: each judged by its first event, in the
 * order of event time, under the cap of an hour that holds for a tenant. Pure.
 */
export function tallyResponses(
  action: ResponseAction,
  alerts: readonly TalliedAlert[],
  places: ReadonlyMap<string, { readonly agentId: string; readonly isVerified: boolean }>,
): NonNullable<BacktestResult['responses']> {
  const agents = new Set<string>();
  const taken: number[] = [];
  let [capped, claimed] = [0, 0];
  for (const { eventId, firstAt } of alerts.toSorted((a, b) => a.firstAt - b.firstAt)) {
    const place = places.get(eventId);
    if (place?.isVerified !== true) claimed += 1;
    else if (taken.filter((at) => at > firstAt - hourMs).length >= limits.responsesPerHourMax) {
      capped += 1;
    } else {
      taken.push(firstAt);
      agents.add(place.agentId);
    }
  }
  return { action, agents: agents.size, taken: taken.length, capped, claimed };
}
