import type { Metadata } from 'next';
import { OverviewScreen } from '#components/overview/overview-screen.tsx';
import { overviewAlertsInput } from '#components/overview/overview-inputs.ts';
import { countsInputOf, toOverviewSpan } from '#components/overview/prepare-overview.ts';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { readDecisionCounts } from '#server/actions/read-decision-counts.ts';
import { readPermitCounts } from '#server/actions/read-permit-counts.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { listAlertsInputSchema } from '#server/detection/contract.ts';
import { countAlerts, listAlerts } from '#server/detection/queries.ts';
import { readAlertHistogram } from '#server/detection/read-alert-histogram.ts';
import { readCounts, readStreamState } from '#server/telemetry/read-activity.ts';

const minuteMs = 60_000;

export const metadata: Metadata = { title: 'Overview' };

export default async function OverviewPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}) {
  const { tenant } = await props.params;
  const { range } = await props.searchParams;
  const { ctx } = await requirePageSession(tenant);
  const nowMs = Math.ceil(Date.now() / minuteMs) * minuteMs;
  const span = countsInputOf(toOverviewSpan(typeof range === 'string' ? range : null, nowMs));
  await Promise.all([
    prefetch(pageTrpc.alerts.counts.queryKey(), () => countAlerts(ctx)),
    prefetch(pageTrpc.alerts.list.queryKey(overviewAlertsInput), () =>
      listAlerts(ctx, listAlertsInputSchema.parse(overviewAlertsInput)),
    ),
    prefetch(pageTrpc.activity.stream.queryKey(), () => readStreamState(ctx)),
    prefetch(pageTrpc.activity.counts.queryKey(span), async () => ({
      items: await readCounts(ctx, span),
    })),
    prefetch(pageTrpc.actions.counts.queryKey(span), () => readDecisionCounts(ctx, span)),
    prefetch(pageTrpc.actions.permitCounts.queryKey(span), () => readPermitCounts(ctx, span)),
    prefetch(pageTrpc.alerts.histogram.queryKey(span), async () => ({
      items: await readAlertHistogram(ctx, span),
    })),
  ]);
  return (
    <HydrateClient>
      <OverviewScreen tenant={tenant} />
    </HydrateClient>
  );
}
