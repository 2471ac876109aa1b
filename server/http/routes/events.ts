import type { AgentRoute } from '#server/http/agent-route.ts';
import { decodeEvents } from '#server/ingest/decode-events.ts';
import { storeDecoded } from '#server/ingest/store-decoded.ts';
import type { Ingest } from '#server/ingest/store-events.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

/** `POST /api/v1/events`: 200, or 207 when some of the batch was rejected. 2xx means durable. */
export function eventsRoute(ingest: Ingest): AgentRoute {
  return {
    method: 'POST',
    url: '/api/v1/events',
    permission: 'telemetry.ingest',
    bodyBytesMax: limits.telemetryBodyBytesMax,
    handle: async ({ ctx, body, contentType }) => {
      requireJson(contentType);
      const answer = await storeDecoded(ctx, ingest, decodeEvents(body), 'reject');
      return { status: answer.rejected.length > 0 ? 207 : 200, body: answer };
    },
  };
}

function requireJson(contentType: string | undefined): void {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/json') return;
  throw new AppError('unsupported_media_type', 'Send the events as application/json.');
}
