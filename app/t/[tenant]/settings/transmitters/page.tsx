import type { Metadata } from 'next';
import { TransmittersScreen } from '#components/transmitters/transmitters-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { services } from '#server/kernel/services.ts';
import { listReceivedEvents, listTransmitters } from '#server/notifications/receive/queries.ts';

export const metadata: Metadata = { title: 'Transmitters' };

export default async function TransmittersPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'transmitters.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  const { url } = services();
  await Promise.all([
    prefetch(pageTrpc.transmitters.list.queryKey(), () => listTransmitters(ctx, url)),
    prefetch(pageTrpc.transmitters.events.queryKey(), async () => ({
      items: await listReceivedEvents(ctx),
    })),
  ]);
  return (
    <HydrateClient>
      <TransmittersScreen tenant={tenant} refusal={refusalOf(ctx.actor, 'transmitters.write')} />
    </HydrateClient>
  );
}
