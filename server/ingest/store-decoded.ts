import type { IngestAnswer, NormalisedEvent, RejectedEvent } from '#server/ingest/contract.ts';
import type { Ingest } from '#server/ingest/store-events.ts';
import type { Ctx } from '#server/kernel/context.ts';

/**
 * Stores what was decoded and adds what was not to the answer's rejects, in the order of the
 * request. An empty batch asks nothing of the database. @throws AppError as `Ingest.store`
 */
export async function storeDecoded(
  ctx: Ctx,
  ingest: Ingest,
  decoded: {
    readonly accepted: readonly NormalisedEvent[];
    readonly rejected: readonly RejectedEvent[];
  },
  onConflict: Parameters<Ingest['store']>[2],
): Promise<IngestAnswer> {
  const answer =
    decoded.accepted.length === 0
      ? { accepted: 0, duplicates: 0, rejected: [], position: null }
      : await ingest.store(ctx, decoded.accepted, onConflict);
  const rejected = [...decoded.rejected, ...answer.rejected];
  rejected.sort((a, b) => a.index - b.index);
  return { ...answer, rejected };
}
