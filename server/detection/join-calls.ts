import { limits } from '#server/kernel/limits.ts';

/** A call of a governed tool, as telemetry told of it. */
export interface ToldCall {
  readonly eventId: string;
  readonly traceId: string;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly callId: string | null;
  /** Told with the agent's own key. */
  readonly isVerified: boolean;
  /** The action that the event names; a claim. */
  readonly claimedAction: string | null;
  /** By the event's own account, but never after we received it. */
  readonly endedAtMs: number;
}

/** An action whose permit was redeemed. */
export interface RedeemedAction {
  readonly actionId: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly idempotencyKey: string;
  readonly redeemedAtMs: number;
}

/**
 * Joins the calls of one agent and tool with its redeemed actions, each action with at most one call;
 * what stays out of the answer has no permit. Only calls that the agent told itself take part. First
 * come the calls that name their action, and one that names a wrong or a used one gets no other;
 * then those with the action's span, or with its idempotency key as their call id; then those of its
 * trace. A redeem counts for calls that ended after it, give or take the clocks' skew.
 *
 * In each step the call that ended first chooses first, so the answer depends on the calls and not
 * on the order in which they arrive, and a call that is without a permit stays so whatever other
 * calls arrive later. Pure.
 */
export function joinCalls(
  calls: readonly ToldCall[],
  redeems: readonly RedeemedAction[],
): Map<string, string> {
  const joined = new Map<string, string>();
  const free = new Map(
    redeems
      .toSorted((a, b) => a.redeemedAtMs - b.redeemedAtMs || (a.actionId < b.actionId ? -1 : 1))
      .map((redeem) => [redeem.actionId, redeem]),
  );
  const take = (call: ToldCall, redeem: RedeemedAction | undefined): void => {
    if (redeem === undefined || joined.has(call.eventId) || !isBefore(redeem, call)) return;
    joined.set(call.eventId, redeem.actionId);
    free.delete(redeem.actionId);
  };
  const ordered = calls
    .filter((call) => call.isVerified)
    .toSorted((a, b) => a.endedAtMs - b.endedAtMs || (a.eventId < b.eventId ? -1 : 1));
  for (const call of ordered) {
    if (call.claimedAction !== null) take(call, free.get(call.claimedAction));
  }
  const others = ordered.filter((call) => call.claimedAction === null);
  const bySpan = Map.groupBy(free.values(), (redeem) => placeOf(redeem.traceId, redeem.spanId));
  const byKey = new Map([...free.values()].map((redeem) => [redeem.idempotencyKey, redeem]));
  const firstFree = (list: readonly RedeemedAction[] | undefined) =>
    list?.find((redeem) => free.has(redeem.actionId));
  for (const call of others) {
    const keyed = call.callId === null ? undefined : byKey.get(call.callId);
    take(call, keyed !== undefined && free.has(keyed.actionId) ? keyed : undefined);
    for (const spanId of [call.spanId, call.parentSpanId]) {
      if (spanId !== null) take(call, firstFree(bySpan.get(placeOf(call.traceId, spanId))));
    }
  }
  const byTrace = Map.groupBy(free.values(), (redeem) => redeem.traceId);
  for (const queue of byTrace.values()) queue.reverse();
  for (const call of others) {
    const queue = joined.has(call.eventId) ? undefined : byTrace.get(call.traceId);
    const next = queue?.at(-1);
    if (next === undefined || !isBefore(next, call)) continue;
    take(call, queue?.pop());
  }
  return joined;
}

const placeOf = (traceId: string | null, spanId: string | null) => `${traceId}/${spanId}`;

const isBefore = (redeem: RedeemedAction, call: ToldCall) =>
  redeem.redeemedAtMs <= call.endedAtMs + limits.evidenceSkewMs;
