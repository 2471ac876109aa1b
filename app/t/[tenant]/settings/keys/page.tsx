import type { Metadata } from 'next';
import { KeysScreen } from '#components/keys/keys-screen.tsx';
import { HydrateClient, pageTrpc, prefetchPages } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { listKeys } from '#server/agents/queries.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Keys' };

export default async function KeysPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'keys.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  await prefetchPages(pageTrpc.keys.list.infiniteQueryKey({}), () =>
    listKeys(ctx, { limit: limits.pageItemsDefault, cursor: null }),
  );
  return (
    <HydrateClient>
      <KeysScreen refusal={refusalOf(ctx.actor, 'keys.write')} />
    </HydrateClient>
  );
}
