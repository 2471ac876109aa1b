import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadStopUrl, stopPageItems } from '#components/stops/stop-url.ts';
import { StopsScreen } from '#components/stops/stops-screen.tsx';
import { HydrateClient, pageTrpc, prefetch, prefetchPages } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { readStopDetail } from '#server/containment/read-ladder.ts';
import { listStops } from '#server/gate/queries.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Stops' };

export default async function StopsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx, person } = await requirePageSession(tenant);
  const { stop } = await loadStopUrl(props.searchParams);
  await Promise.all([
    prefetchPages(pageTrpc.stops.list.infiniteQueryKey({ limit: stopPageItems }), () =>
      listStops(ctx, { limit: stopPageItems, cursor: null }),
    ),
    stop === null
      ? null
      : prefetch(pageTrpc.stops.get.queryKey({ id: stop }), () => readStopDetail(ctx, stop)),
  ]);
  return (
    <HydrateClient>
      <StopsScreen
        tenant={tenant}
        rules={{
          me: person.email,
          refusal: refusalOf(ctx.actor, 'stops.lift'),
          reasonCharsMax: limits.stopReasonCharsMax,
          pairMinutes: limits.liftPairMinutes,
          watchMinutes: limits.resumptionWatchMinutes,
        }}
      />
    </HydrateClient>
  );
}
