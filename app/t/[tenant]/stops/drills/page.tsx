import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadDrillUrl } from '#components/drills/drill-url.ts';
import { DrillsScreen } from '#components/drills/drills-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import {
  listDrillAgents,
  listDrills,
  readDrill,
  readDrillPlan,
} from '#server/containment/drills/queries.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Drills' };

export default async function DrillsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const { drill } = await loadDrillUrl(props.searchParams);
  await Promise.all([
    prefetch(pageTrpc.drills.list.queryKey(), () => listDrills(ctx)),
    prefetch(pageTrpc.drills.agents.queryKey(), () => listDrillAgents(ctx)),
    prefetch(pageTrpc.drills.plan.queryKey(), () => readDrillPlan(ctx)),
    drill === null
      ? null
      : prefetch(pageTrpc.drills.get.queryKey({ id: drill }), () => readDrill(ctx, drill)),
  ]);
  return (
    <HydrateClient>
      <DrillsScreen
        tenant={tenant}
        rules={{
          start: refusalOf(ctx.actor, 'drills.run'),
          plan: refusalOf(ctx.actor, 'drills.plan'),
          mark: refusalOf(ctx.actor, 'agents.write'),
          intervalDaysMax: limits.drillIntervalDaysMax,
        }}
      />
    </HydrateClient>
  );
}
