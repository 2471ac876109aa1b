import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { toTraceFilters } from '#components/traces/prepare-trace-filters.ts';
import { loadTraceListUrl } from '#components/traces/trace-url.ts';
import { TracesScreen } from '#components/traces/traces-screen.tsx';
import { HydrateClient, pageTrpc, prefetchPages } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { limits } from '#server/kernel/limits.ts';
import { listTraces } from '#server/telemetry/queries.ts';
import { listTracesInputSchema } from '#server/telemetry/traces/contract.ts';

export const metadata: Metadata = { title: 'Traces' };

export default async function TracesPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const filters = toTraceFilters(await loadTraceListUrl(props.searchParams), Date.now());
  await prefetchPages(pageTrpc.traces.list.infiniteQueryKey(filters), async () =>
    listTraces(ctx, listTracesInputSchema.parse(filters)),
  );
  return (
    <HydrateClient>
      <TracesScreen
        tenant={tenant}
        queryCharsMax={limits.searchQueryCharsMax}
        searchHitsMax={limits.searchHitsMax}
      />
    </HydrateClient>
  );
}
