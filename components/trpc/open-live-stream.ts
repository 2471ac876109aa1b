import type { TRPCClient } from '@trpc/client';
import { z } from 'zod';
import { type LiveBatch, liveBatchSchema } from '#server/live/contract.ts';
import type { AppRouter } from '#server/trpc/root.ts';
import type { OpenStream } from '../live/live-connection.ts';

/** What tRPC makes of a tracked message; its types tell the server's side of it. */
const envelopeSchema = z.object({ data: liveBatchSchema });

/**
 * The transport of the live connection: tRPC's subscription over server-sent events, which resumes
 * by itself behind the last batch when the line breaks. The only file that knows which transport it
 * is.
 */
export function makeOpenLiveStream(
  client: TRPCClient<AppRouter>,
  tenant: string,
): OpenStream<LiveBatch> {
  return (since, handlers) => {
    const subscription = client.live.changes.subscribe(
      { tenant, lastEventId: since },
      {
        onData: (envelope: unknown) => handlers.onMessage(envelopeSchema.parse(envelope).data),
        onConnectionStateChange: ({ state, error }) => {
          if (state === 'pending') handlers.onPhase('open');
          else if (state === 'connecting') handlers.onPhase(error ? 'broken' : 'opening');
        },
        onError: () => handlers.onPhase('broken'),
      },
    );
    return () => subscription.unsubscribe();
  };
}
