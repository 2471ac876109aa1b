import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadToolUrl } from '#components/tools/tool-url.ts';
import { ToolsScreen } from '#components/tools/tools-screen.tsx';
import { HydrateClient, pageTrpc, prefetchPages } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { listTools } from '#server/agents/queries.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Tools' };

export default async function ToolsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'tools.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  const { q } = await loadToolUrl(props.searchParams);
  const search = q === '' ? null : q;
  await prefetchPages(pageTrpc.tools.list.infiniteQueryKey(search === null ? {} : { search }), () =>
    listTools(ctx, { limit: limits.pageItemsDefault, cursor: null, search }),
  );
  return (
    <HydrateClient>
      <ToolsScreen refusal={refusalOf(ctx.actor, 'tools.write')} />
    </HydrateClient>
  );
}
