import type { NormalisedEvent, RejectedEvent } from '#server/ingest/contract.ts';
import type { DecodedOtlp } from '#server/ingest/otlp-model.ts';

/** A decoded OTLP request as events, each with its place among all items of the request. */
export function normaliseBatch<Item>(
  decoded: DecodedOtlp<Item>,
  normalise: (item: Item, index: number) => NormalisedEvent,
): { accepted: NormalisedEvent[]; rejected: RejectedEvent[] } {
  const taken = new Set(decoded.rejected.map((rejection) => rejection.index));
  let index = -1;
  const accepted = decoded.accepted.map((item) => {
    do index += 1;
    while (taken.has(index));
    return normalise(item, index);
  });
  const rejected = decoded.rejected.map((rejection): RejectedEvent => ({
    index: rejection.index,
    code: 'unprocessable',
    detail: rejection.reason,
  }));
  return { accepted, rejected };
}
