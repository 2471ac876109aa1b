import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadAlertUrl } from '#components/alerts/alert-url.ts';
import { AlertsScreen } from '#components/alerts/alerts-screen.tsx';
import { toAlertFilters } from '#components/alerts/prepare-alert-filters.ts';
import { HydrateClient, pageTrpc, prefetch, prefetchPages } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import { listAlertsInputSchema } from '#server/detection/contract.ts';
import { countAlerts, listAlerts, readAlert } from '#server/detection/queries.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Alerts' };

export default async function AlertsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const { alert, ...url } = await loadAlertUrl(props.searchParams);
  const filters = toAlertFilters(url, Date.now());
  await Promise.all([
    prefetchPages(pageTrpc.alerts.list.infiniteQueryKey(filters), () =>
      listAlerts(ctx, listAlertsInputSchema.parse(filters)),
    ),
    prefetch(pageTrpc.alerts.counts.queryKey(), () => countAlerts(ctx)),
    alert === null
      ? null
      : prefetch(pageTrpc.alerts.get.queryKey({ id: alert }), () => readAlert(ctx, alert)),
  ]);
  const refusal = actorMay(ctx.actor, 'alerts.triage')
    ? null
    : 'Your roles do not allow you to acknowledge and resolve alerts.';
  return (
    <HydrateClient>
      <AlertsScreen tenant={tenant} refusal={refusal} noteCharsMax={limits.alertNoteCharsMax} />
    </HydrateClient>
  );
}
