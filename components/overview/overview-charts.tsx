'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { severities } from '#server/detection/contract.ts';
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
const rateLooks = {
  events: { label: 'Events', color: 'var(--color-series-1)' },
  errors: { label: 'Errors', color: 'var(--color-critical-fill)' },
};

/** Events by kind, alerts by severity and the rate of ingest over the chosen span. */
export function OverviewCharts(props: {
  readonly tenant: string;
  readonly span: OverviewSpan;
  /** The span as the URL of a list carries it. */
  readonly range: string;
  /** "in the last 24 hours" */
  readonly spanWords: string;
  readonly onSelect: (fromMs: number, toMs: number) => void;
}) {
  const { tenant, span, range, spanWords, onSelect } = props;
  const trpc = useTRPC();
  const input = countsInputOf(span);
  const counts = useQuery(
    trpc.activity.counts.queryOptions(input, { placeholderData: keepPreviousData }),
  );
  const histogram = useQuery(
    trpc.alerts.histogram.queryOptions(input, { placeholderData: keepPreviousData }),
  );
  const bucket = {
    fromMs: span.fromMs,
    toMs: span.toMs,
    bucketMs: span.stepMinutes * 60_000,
  };
  const items = counts.data?.items ?? [];
  const sums = sumCounts(items);
  const raised: readonly TimeCount[] = (histogram.data?.items ?? []).map((item) => ({
    atMs: Date.parse(item.at),
    key: item.severity,
    value: item.alerts,
  }));
  const raisedTotal = raised.reduce((sum, item) => sum + item.value, 0);
  const waiting = (isPending: boolean, words: string) => (isPending ? 'Loading…' : words);
  return (
    <>
      <TimeSeriesChart
        className={panel}
        title="Events by kind"
        summary={waiting(
          counts.isPending,
          `${formatCounted(sums.events, 'event')} received ${spanWords}`,
        )}
        series={prepareTimeSeries(toKindCounts(items), bucket)}
        looks={kindLooks}
        shape="bar"
        onSelect={onSelect}
        emptyText={waiting(counts.isPending, 'No events in this time.')}
      />
      <TimeSeriesChart
        className={panel}
        title="Alerts by severity"
        summary={waiting(
          histogram.isPending,
          `${formatCounted(raisedTotal, 'alert')} raised ${spanWords}`,
        )}
        series={prepareTimeSeries(raised, { ...bucket, keys: severities })}
        looks={severityChartLooks}
        shape="bar"
        onSelect={onSelect}
        hrefOf={(key) => links.alerts(tenant, { state: 'all', severity: key, range })}
        emptyText={waiting(histogram.isPending, 'No alert was raised in this time.')}
      />
      <TimeSeriesChart
        className={panel}
        title="Rate of ingest"
        summary={waiting(
          counts.isPending,
          `Events and errors a second ${spanWords}, averaged over each step`,
        )}
        series={prepareTimeSeries(toRates(items, span), { ...bucket, keys: rateKeys })}
        looks={rateLooks}
        shape="line"
        hasTotals={false}
        formatValue={formatRate}
        formatAxis={formatRate}
        emptyText={waiting(counts.isPending, 'No events in this time.')}
      />
    </>
  );
}
