import { z } from 'zod';
import { requirePermission } from '#server/auth/require-permission.ts';
import { limits } from '#server/kernel/limits.ts';
import type { WireEvent } from '#server/telemetry/contract.ts';
import { telemetryProcedure } from '#server/trpc/init.ts';
import { ingestAnswerSchema } from './contract.ts';
import { readWireEvents } from './decode-events.ts';
import { storeDecoded } from './store-decoded.ts';
import type { Ingest } from './store-events.ts';

/** Each event is judged by the decoder, so that a bad one is rejected alone. */
const batchSchema = z.object({
  events: z.array(z.custom<WireEvent>(() => true)).max(limits.eventsPerPostMax),
});

/** Procedures of the router `telemetry` that write; they live here because ingest stands below it. */
export function ingestProcedures(ingest: Ingest) {
  return {
    /** The same as `POST /api/v1/events`, for callers that already speak tRPC. */
    ingest: telemetryProcedure
      .input(batchSchema)
      .output(ingestAnswerSchema)
      .mutation(({ ctx, input }) => {
        requirePermission(ctx.scope, 'telemetry.ingest');
        return storeDecoded(ctx.scope, ingest, readWireEvents(input.events), 'reject');
      }),
  };
}
