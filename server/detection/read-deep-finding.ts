import { scoreContent } from '#server/detection/score-content.ts';
import type { DeepFinding } from '#server/detection/contract.ts';
import { shippedModel, verdictOf } from '#server/guard/score-injection.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { EventBody } from '#server/telemetry/contract.ts';
import { readEvent } from '#server/telemetry/read-event.ts';

/**
 * What the deep layer makes of one event, by the weights of now: read afresh and stored nowhere, so that
 * it is never older than what judged. Null score for what the layer does not look at: content that nobody
 * distrusts, kinds that bring nothing in, texts too short to instruct.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function readDeepFinding(
  ctx: Ctx,
  eventId: string,
  revision: number | null,
): Promise<DeepFinding> {
  const { kind, trust, body } = await readEvent(ctx, eventId, revision);
  if (body.state !== 'shown') return { state: body.state };
  const score = scoreContent({ kind, trust, body: JSON.parse(body.text) as EventBody });
  if (score === null) return { state: 'unasked' };
  return { state: 'scored', score, verdict: verdictOf(score), model: shippedModel().version };
}
