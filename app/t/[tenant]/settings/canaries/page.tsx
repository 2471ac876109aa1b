import type { Metadata } from 'next';
import { CanariesScreen } from '#components/canaries/canaries-screen.tsx';
import { HydrateClient, pageTrpc, prefetchPages } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { listCanaries } from '#server/guard/queries.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Canaries' };

export default async function CanariesPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'canaries.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  await prefetchPages(pageTrpc.canaries.list.infiniteQueryKey({}), () =>
    listCanaries(ctx, { limit: limits.pageItemsDefault, cursor: null }),
  );
  return (
    <HydrateClient>
      <CanariesScreen refusal={refusalOf(ctx.actor, 'canaries.write')} />
    </HydrateClient>
  );
}
