import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { agentPageItems, loadAgentListUrl } from '#components/agents/agent-url.ts';
import { AgentsScreen } from '#components/agents/agents-screen.tsx';
import { HydrateClient, pageTrpc, prefetchPages } from '#components/trpc/server.tsx';
import { listAgents } from '#server/agents/queries.ts';
import { requirePageSession } from '#server/auth/page-session.ts';

export const metadata: Metadata = { title: 'Agents' };

export default async function AgentsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const { q: search } = await loadAgentListUrl(props.searchParams);
  const input = { limit: agentPageItems, ...(search === null ? {} : { search }) };
  await prefetchPages(pageTrpc.agents.list.infiniteQueryKey(input), () =>
    listAgents(ctx, { limit: agentPageItems, cursor: null, search }),
  );
  return (
    <HydrateClient>
      <AgentsScreen tenant={tenant} />
    </HydrateClient>
  );
}
