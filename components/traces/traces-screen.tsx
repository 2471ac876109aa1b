'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Pause, Play, Waypoints } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import type { TraceSummary } from '#server/telemetry/traces/contract.ts';
import { links } from '#server/kernel/links.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { useLiveList } from '../live/use-live-list.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { DataList } from '../ui/data-list.tsx';
import { Link } from '../ui/link.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { NewItemsPill } from '../ui/new-items-pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { useClock } from '../ui/use-clock.ts';
import { hasTraceFilters, toTraceFilters, type TraceUrlFilters } from './prepare-trace-filters.ts';
import { TraceFilterBar } from './trace-filter-bar.tsx';
import { TraceRow, TraceRowHead, traceRowHeightPx } from './trace-row.tsx';
import { traceListParsers } from './trace-url.ts';
import { useAssembled } from './use-assembled.ts';

const keyOf = (trace: TraceSummary) => trace.id;
const minuteMs = 60_000;
/** At most so often the list is read again while events keep coming. */
const refetchMs = 1000;

/** The filters asked for; a relative range is resolved when the filters change, not as time goes. */
function useAskedFilters(url: TraceUrlFilters) {
  const nowMs = useClock((now) => Math.ceil(now / minuteMs) * minuteMs);
  const key = JSON.stringify(url);
  const [asked, setAsked] = useState(() => ({ key, filters: toTraceFilters(url, nowMs) }));
  if (asked.key === key) return asked;
  const next = { key, filters: toTraceFilters(url, nowMs) };
  setAsked(next);
  return next;
}

function useTraceList(url: TraceUrlFilters) {
  const trpc = useTRPC();
  const { key, filters } = useAskedFilters(url);
  const query = useInfiniteQuery(
    trpc.traces.list.infiniteQueryOptions(filters, { getNextPageParam: (page) => page.next }),
  );
  const fresh = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const list = useLiveList({ fresh, keyOf, listKey: key });
  useAssembled([trpc.traces.list.pathKey()], refetchMs);
  return { query, list, filters };
}

/** All traces, newest received first; filters and search in the URL, new ones live. */
export function TracesScreen(props: {
  readonly tenant: string;
  readonly queryCharsMax: number;
  readonly searchHitsMax: number;
}) {
  const { tenant } = props;
  const [url, setUrl] = useQueryStates(traceListParsers);
  const { query, list, filters } = useTraceList(url);
  const isSearchComplete = query.data?.pages[0]?.isSearchComplete ?? true;
  return (
    <PageFrame
      title="Traces"
      isFlush
      actions={
        <>
          <ExportMenu tenant={tenant} list="traces" filter={filters} />
          <Button size="sm" look="quiet" onClick={() => list.setPaused(!list.isPaused)}>
            {list.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
            {list.isPaused ? 'Paused – resume' : 'Pause'}
          </Button>
        </>
      }
    >
      <TraceFilterBar
        url={url}
        queryCharsMax={props.queryCharsMax}
        onChange={(change) => void setUrl(change)}
      />
      {isSearchComplete ? null : (
        <Banner tone="note">
          More than {props.searchHitsMax.toLocaleString('en')} events match. Only traces with one of
          the newest of them are listed: add a word or a time range to see the others.
        </Banner>
      )}
      <section
        aria-label="Traces"
        className="relative flex min-h-0 flex-1 flex-col"
        {...list.holdProps}
      >
        <TraceRowHead />
        <NewItemsPill count={list.newCount} noun="trace" onShow={list.showNew} />
        <TraceListBody
          tenant={tenant}
          isFiltered={hasTraceFilters(url)}
          query={query}
          items={list.items}
          onClear={() => void setUrl(null)}
        />
      </section>
    </PageFrame>
  );
}

function TraceListBody(props: {
  readonly tenant: string;
  readonly isFiltered: boolean;
  readonly query: ReturnType<typeof useTraceList>['query'];
  readonly items: readonly TraceSummary[];
  readonly onClear: () => void;
}) {
  const { tenant, query, items } = props;
  const router = useRouter();
  if (query.isPending) return <SkeletonRows count={16} label="Loading traces" />;
  if (items.length === 0 && query.isError) {
    return <LoadFailure noun="traces" query={query} />;
  }
  if (items.length === 0) {
    return props.isFiltered ? (
      <EmptyState
        title="No traces match"
        action={<Button onClick={props.onClear}>Clear the filters</Button>}
      >
        There may be others outside these filters.
      </EmptyState>
    ) : (
      <EmptyState
        icon={<Waypoints />}
        title="No agent has reported yet"
        action={
          <Button look="primary" render={<Link href={links.connect(tenant)} />}>
            Connect an agent
          </Button>
        }
      >
        Traces appear here by themselves as soon as an agent posts its first event.
      </EmptyState>
    );
  }
  return (
    <DataList
      label="Traces, newest received first"
      items={items}
      keyOf={keyOf}
      hrefOf={(trace) => links.trace(tenant, trace.id)}
      onOpen={(trace) => router.push(links.trace(tenant, trace.id))}
      openKey={null}
      rowHeightPx={traceRowHeightPx}
      renderRow={(trace) => <TraceRow trace={trace} />}
      footer={
        <LoadMore
          noun="traces"
          count={items.length}
          hasMore={query.hasNextPage}
          isLoading={query.isFetchingNextPage}
          onLoad={() => void query.fetchNextPage()}
          error={query.isFetchNextPageError ? readProblem(query.error).sentence : null}
        />
      }
    />
  );
}
