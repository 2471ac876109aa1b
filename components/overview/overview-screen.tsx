'use client';

import { useQueryState } from 'nuqs';
import { useState } from 'react';
import type { LiveBatch } from '#server/live/contract.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { nameTimeRange, parseTimeRange, serialiseTimeRange } from '../ui/time-range.ts';
import { TimeRangePicker } from '../ui/time-range-picker.tsx';
import { useClock } from '../ui/use-clock.ts';
import { Fleet } from './fleet.tsx';
import { NeedsMe } from './needs-me.tsx';
import {
  AlertsChart,
  DecisionsChart,
  EventsChart,
  type OverviewChartProps,
  PermitsChart,
  RateChart,
} from './overview-charts.tsx';
import { countsInputOf, overviewRangeDefault, toOverviewSpan } from './prepare-overview.ts';
import { StreamStateStrip } from './stream-state.tsx';

/** Charts and counts are read again at most so often while events keep coming. */
const chartsRefetchMs = 5_000;
const alertsRefetchMs = 500;

const hasEvents = (batch: LiveBatch) => batch.events.length > 0 || batch.eventsSkipped > 0;

/** A span that moves with time, a minute at a time, so that charts reach up to the present. */
function useSpan(range: string) {
  const minuteMs = 60_000;
  const nowMs = useClock((now) => Math.ceil(now / minuteMs) * minuteMs);
  return toOverviewSpan(range, nowMs);
}

/** What needs somebody now, how events come in, and how the last day went. */
export function OverviewScreen({ tenant }: { readonly tenant: string }) {
  const [range, setRange] = useQueryState('range', {
    defaultValue: overviewRangeDefault,
    history: 'push',
  });
  const chosen = parseTimeRange(range) ?? { kind: 'relative', lengthMs: 86_400_000 };
  const span = useSpan(range);
  const trpc = useTRPC();
  const [lists] = useState(() => [trpc.alerts.pathKey()]);
  const [counts] = useState(() => [
    trpc.activity.pathKey(),
    trpc.agents.pathKey(),
    trpc.actions.pathKey(),
  ]);
  useLiveRefetch({
    concerns: (batch) => batch.alerts.length > 0,
    queryKeys: lists,
    periodMs: alertsRefetchMs,
  });
  useLiveRefetch({ concerns: hasEvents, queryKeys: counts, periodMs: chartsRefetchMs });
  const spanWords =
    chosen.kind === 'relative'
      ? `in the ${nameTimeRange(chosen).toLowerCase()}`
      : 'in the chosen time';
  const charts: OverviewChartProps = {
    tenant,
    span,
    range: serialiseTimeRange(chosen),
    spanWords,
    onSelect: (fromMs, toMs) =>
      void setRange(serialiseTimeRange({ kind: 'absolute', fromMs, toMs })),
  };
  return (
    <PageFrame
      title="Overview"
      actions={
        <TimeRangePicker
          value={chosen}
          onChange={(next) => void setRange(serialiseTimeRange(next))}
        />
      }
    >
      <div className="mx-auto grid w-full max-w-[110rem] grid-cols-1 gap-4 xl:grid-cols-2">
        <NeedsMe tenant={tenant} />
        <EventsChart {...charts} />
        <div className="xl:col-span-2">
          <StreamStateStrip tenant={tenant} />
        </div>
        <AlertsChart {...charts} />
        <RateChart {...charts} />
        <DecisionsChart {...charts} />
        <PermitsChart {...charts} />
        <div className="min-w-0 xl:col-span-2">
          <Fleet tenant={tenant} from={countsInputOf(span).from} range={charts.range} />
        </div>
      </div>
    </PageFrame>
  );
}
