'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { severities } from '#server/detection/states/contract.ts';
import { links } from '#server/kernel/links.ts';
import { prepareTimeSeries, type TimeCount } from '../charts/prepare-time-series.ts';
import { TimeSeriesChart } from '../charts/time-series-chart.tsx';
import { useTRPC } from '../trpc/client.ts';
import { formatCounted, formatRate } from '../ui/format-quantity.ts';
import { severityLooks } from '../ui/severity.tsx';
import {
  countsInputOf,
  kindLooks,
  type OverviewSpan,
  rateKeys,
  sumCounts,
  toKindCounts,
  toRates,
} from './prepare-overview.ts';

const panel = 'rounded border border-line bg-panel';

const severityChartLooks = Object.fromEntries(
  severities.map((level) => [
    level,
    { label: severityLooks[level].word, color: severityLooks[level].color },
  ]),
);
const decisionKeys = ['allow', 'hold', 'deny'] as const;
const decisionLooks = {
  allow: { label: 'allowed', color: 'var(--color-series-1)' },
  hold: { label: 'held', color: 'var(--color-medium-fill)' },
  deny: { label: 'denied', color: 'var(--color-critical-fill)' },
};
const permitKeys = ['redeemed', 'open', 'unused'] as const;
const permitLooks = {
  redeemed: { label: 'redeemed', color: 'var(--color-series-1)' },
  open: { label: 'not used yet', color: 'var(--color-series-3)' },
  unused: { label: 'over unused', color: 'var(--color-medium-fill)' },
};
const rateLooks = {
  events: { label: 'Events', color: 'var(--color-series-1)' },
  errors: { label: 'Errors', color: 'var(--color-critical-fill)' },
};

export interface OverviewChartProps {
  readonly tenant: string;
  readonly span: OverviewSpan;
  /** The span as the URL of a list carries it. */
  readonly range: string;
  /** "in the last 24 hours" */
  readonly spanWords: string;
  readonly onSelect: (fromMs: number, toMs: number) => void;
}

function bucketOf(span: OverviewSpan) {
  return { fromMs: span.fromMs, toMs: span.toMs, bucketMs: span.stepMinutes * 60_000 };
}

function waiting(isPending: boolean, words: string): string {
  return isPending ? 'Loading…' : words;
}

/** One answer serves both charts of events; the last one stays while the next is fetched. */
function useCounts(span: OverviewSpan) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.activity.counts.queryOptions(countsInputOf(span), { placeholderData: keepPreviousData }),
  );
  return { items: query.data?.items ?? [], isPending: query.isPending };
}

/** Events received, by kind. */
export function EventsChart({ span, spanWords, onSelect }: OverviewChartProps) {
  const { items, isPending } = useCounts(span);
  const sums = sumCounts(items);
  return (
    <TimeSeriesChart
      className={panel}
      title="Events by kind"
      summary={waiting(isPending, `${formatCounted(sums.events, 'event')} received ${spanWords}`)}
      series={prepareTimeSeries(toKindCounts(items), bucketOf(span))}
      looks={kindLooks}
      shape="bar"
      onSelect={onSelect}
      emptyText={waiting(isPending, 'No events in this time.')}
    />
  );
}

/** Alerts raised, by severity; each total leads to the list that counts to it. */
export function AlertsChart({ tenant, span, range, spanWords, onSelect }: OverviewChartProps) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.alerts.histogram.queryOptions(countsInputOf(span), { placeholderData: keepPreviousData }),
  );
  const raised: readonly TimeCount[] = (query.data?.items ?? []).map((item) => ({
    atMs: Date.parse(item.at),
    key: item.severity,
    value: item.alerts,
  }));
  const total = raised.reduce((sum, item) => sum + item.value, 0);
  return (
    <TimeSeriesChart
      className={panel}
      title="Alerts by severity"
      summary={waiting(query.isPending, `${formatCounted(total, 'alert')} raised ${spanWords}`)}
      series={prepareTimeSeries(raised, { ...bucketOf(span), keys: severities })}
      looks={severityChartLooks}
      shape="bar"
      onSelect={onSelect}
      hrefOf={(key) => links.alerts(tenant, { state: 'all', severity: key, range })}
      emptyText={waiting(query.isPending, 'No alert was raised in this time.')}
    />
  );
}

/** What agents asked for, by what was decided on it. */
export function DecisionsChart({ span, spanWords, onSelect }: OverviewChartProps) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.actions.counts.queryOptions(countsInputOf(span), { placeholderData: keepPreviousData }),
  );
  const decided: readonly TimeCount[] = (query.data?.items ?? []).map((item) => ({
    atMs: Date.parse(item.at),
    key: item.decision,
    value: item.actions,
  }));
  const total = decided.reduce((sum, item) => sum + item.value, 0);
  return (
    <TimeSeriesChart
      className={panel}
      title="Decisions"
      summary={waiting(query.isPending, `${formatCounted(total, 'action')} decided ${spanWords}`)}
      series={prepareTimeSeries(decided, { ...bucketOf(span), keys: decisionKeys })}
      looks={decisionLooks}
      shape="bar"
      onSelect={onSelect}
      emptyText={waiting(query.isPending, 'No agent asked for an action in this time.')}
    />
  );
}

/** Permits by when they were issued and what became of them. */
export function PermitsChart({ span, spanWords, onSelect }: OverviewChartProps) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.actions.permitCounts.queryOptions(countsInputOf(span), {
      placeholderData: keepPreviousData,
    }),
  );
  const counted: readonly TimeCount[] = (query.data?.items ?? []).map((item) => ({
    atMs: Date.parse(item.at),
    key: item.what,
    value: item.permits,
  }));
  const issued = counted.reduce((sum, item) => sum + item.value, 0);
  return (
    <TimeSeriesChart
      className={panel}
      title="Permits"
      summary={waiting(query.isPending, `${formatCounted(issued, 'permit')} issued ${spanWords}`)}
      series={prepareTimeSeries(counted, { ...bucketOf(span), keys: permitKeys })}
      looks={permitLooks}
      shape="bar"
      onSelect={onSelect}
      emptyText={waiting(query.isPending, 'No permit was issued in this time.')}
    />
  );
}

/** Events and errors a second. */
export function RateChart({ span, spanWords }: OverviewChartProps) {
  const { items, isPending } = useCounts(span);
  return (
    <TimeSeriesChart
      className={panel}
      title="Rate of ingest"
      summary={waiting(
        isPending,
        `Events and errors a second ${spanWords}, averaged over each step`,
      )}
      series={prepareTimeSeries(toRates(items, span), { ...bucketOf(span), keys: rateKeys })}
      looks={rateLooks}
      shape="line"
      hasTotals={false}
      formatValue={formatRate}
      formatAxis={formatRate}
      emptyText={waiting(isPending, 'No events in this time.')}
    />
  );
}
