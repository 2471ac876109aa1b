import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadChannelUrl } from '#components/channels/channel-url.ts';
import { ChannelsScreen } from '#components/channels/channels-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { services } from '#server/kernel/services.ts';
import { createChannelTools } from '#server/notifications/channel-tools.ts';
import { listChannels, listDeliveries } from '#server/notifications/queries.ts';

export const metadata: Metadata = { title: 'Channels' };

export default async function ChannelsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'channels.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  const { state, channel: channelId } = await loadChannelUrl(props.searchParams);
  const wanted = { state, channelId };
  await Promise.all([
    prefetch(pageTrpc.channels.list.queryKey(), async () => ({ items: await listChannels(ctx) })),
    prefetch(pageTrpc.channels.deliveries.queryKey(wanted), async () => ({
      items: await listDeliveries(ctx, wanted),
    })),
  ]);
  return (
    <HydrateClient>
      <ChannelsScreen
        tenant={tenant}
        refusal={refusalOf(ctx.actor, 'channels.write')}
        retryRefusal={refusalOf(ctx.actor, 'deliveries.retry')}
        hasMail={createChannelTools(services()).mailServer !== null}
      />
    </HydrateClient>
  );
}
