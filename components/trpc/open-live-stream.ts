import type { TRPCClient } from '@trpc/client';
import type { LiveBatch } from '#server/live/contract.ts';
import type { AppRouter } from '#server/trpc/root.ts';
import type { OpenStream } from '../live/live-connection.ts';
import { readEnvelope } from '../live/read-envelope.ts';

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
        onData: (envelope: unknown) => {
          const batch = readEnvelope(envelope);
          if (batch !== null) handlers.onMessage(batch);
        },
        onConnectionStateChange: ({ state, error }) => {
          if (state === 'connecting') handlers.onPhase(error ? 'broken' : 'opening');
        },
        onError: () => handlers.onPhase('broken'),
      },
    );
    return () => subscription.unsubscribe();
  };
}
