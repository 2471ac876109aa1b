'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { OctagonX, Siren } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { links } from '#server/kernel/links.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { DataList } from '../ui/data-list.tsx';
import { Link } from '../ui/link.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { StopPane } from './stop-pane.tsx';
import type { LiftRules } from './stop-lifts.tsx';
import { StopRow, stopRowHeightPx } from './stop-row.tsx';
import { stopPageItems, stopParsers } from './stop-url.ts';
import { useStandingStops } from './use-standing-stops.ts';

function useStops() {
  const trpc = useTRPC();
  return useInfiniteQuery(
    trpc.stops.list.infiniteQueryOptions(
      { limit: stopPageItems },
      { getNextPageParam: (page) => page.next },
    ),
  );
}

function StopListBody(props: {
  readonly tenant: string;
  readonly openId: string | null;
  readonly onOpen: (id: string) => void;
}) {
  const query = useStops();
  const standing = useStandingStops().data ?? [];
  const countsOf = (id: string) => standing.find((stop) => stop.id === id)?.counts ?? null;
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isPending) return <SkeletonRows count={8} label="Loading stops" />;
  if (items.length === 0 && query.isError) {
    return <LoadFailure noun="stops" query={query} />;
  }
  if (items.length === 0) {
    return (
      <EmptyState icon={<OctagonX />} title="Nothing has been stopped">
        A stop placed by the button above, by the command line or by a service key appears here,
        with what it reached.
      </EmptyState>
    );
  }
  return (
    <DataList
      label="Stops, newest first"
      items={items}
      keyOf={(stop) => stop.id}
      hrefOf={(stop) => links.stop(props.tenant, stop.id)}
      onOpen={(stop) => props.onOpen(stop.id)}
      openKey={props.openId}
      rowHeightPx={stopRowHeightPx}
      renderRow={(stop) => <StopRow stop={{ ...stop, counts: countsOf(stop.id) }} />}
      footer={
        <LoadMore
          noun="stops"
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

/** Every stop there has been, newest first, and beside the list the open one with its ladder. */
export function StopsScreen(props: { readonly tenant: string; readonly rules: LiftRules }) {
  const [url, setUrl] = useQueryStates(stopParsers);
  const open = (id: string | null) => void setUrl({ stop: id }, { history: 'push' });
  return (
    <PageFrame
      title="Stops"
      isFlush
      actions={
        <Button size="sm" render={<Link href={links.drills(props.tenant)} />}>
          <Siren aria-hidden />
          Drills
        </Button>
      }
    >
      <SplitPane
        id="stops"
        isDetailOpen={url.stop !== null}
        listPercent={36}
        list={
          <section aria-label="Stops" className="flex min-h-0 flex-1 flex-col">
            <StopListBody tenant={props.tenant} openId={url.stop} onOpen={open} />
          </section>
        }
        detail={<StopPane {...props} stopId={url.stop} onClose={() => open(null)} />}
      />
    </PageFrame>
  );
}
