import { z } from 'zod';
import { errorCodes } from '#server/kernel/errors.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';

/** An event that was not stored; its neighbours were. */
const rejectedEventSchema = z.object({
  /** Place in the request, from 0. */
  index: z.number().int().nonnegative(),
  /** `unprocessable`, `agent_mismatch` or `id_conflict`. */
  code: z.enum(errorCodes),
  /** One sentence that says what to change, with a JSON pointer where one helps. */
  detail: z.string(),
});
export type RejectedEvent = z.infer<typeof rejectedEventSchema>;

/** Answer of `POST /api/v1/events` and tRPC `telemetry.ingest`; sent only when it is durable. */
export const ingestAnswerSchema = z.object({
  accepted: z.number().int().nonnegative(),
  /** Events that were stored before, with the same body. */
  duplicates: z.number().int().nonnegative(),
  rejected: z.array(rejectedEventSchema),
  /** Position of the last event stored; null when none was. */
  position: z.string().nullable(),
});
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;

/**
 * One decoded and normalised event on its way to redaction, and where it stood in its request.
 */
export interface NormalisedEvent {
  readonly draft: EventDraft;
  /**
   * True when the event itself names its agent; false when the name is a guess from the service or
   * absent, so that an agent's own key may override it and a late parent may give it.
   */
  readonly isAgentExplicit: boolean;
  /** Slug or id of the agent that this one says it started; null for all but spawns that name one. */
  readonly spawned: string | null;
  /** Place in the request, from 0. */
  readonly index: number;
}
