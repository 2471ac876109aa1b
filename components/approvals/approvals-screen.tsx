'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Pause, Play, ShieldCheck } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import type { ApprovalRow as Row } from '#server/approvals/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useLiveList } from '../live/use-live-list.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { DataList } from '../ui/data-list.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { NewItemsPill } from '../ui/new-items-pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { ApprovalFilterBar } from './approval-filter-bar.tsx';
import { ApprovalPane } from './approval-pane.tsx';
import { ApprovalRow, approvalRowHeightPx } from './approval-row.tsx';
import { type ApprovalUrlFilters, approvalUrlParsers } from './approval-url.ts';

const keyOf = (row: Row) => row.id;

type View = ApprovalUrlFilters['view'];

/** The shell asks for all of approvals anew when something changes, so also for this list. */
function useApprovalList(filters: ApprovalUrlFilters) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.approvals.list.infiniteQueryOptions(filters, { getNextPageParam: (page) => page.next }),
  );
  const fresh = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const list = useLiveList({ fresh, keyOf, listKey: JSON.stringify(filters) });
  const at = query.data?.pages[0]?.at;
  return { query, list, skewMs: at === undefined ? 0 : Date.parse(at) - query.dataUpdatedAt };
}

const views = [
  { view: 'waiting', word: 'Waiting' },
  { view: 'history', word: 'History' },
] as const;

/**
 * The queue: what waits for a person, what expires next first, and the open request beside it. New
 * requests come in live and never move a row that somebody points at.
 */
export function ApprovalsScreen(props: {
  readonly tenant: string;
  readonly reasonCharsMax: number;
  readonly questionCharsMax: number;
}) {
  const [state, setState] = useQueryStates(approvalUrlParsers);
  const { approval: openId, ...filters } = state;
  const { query, list, skewMs } = useApprovalList(filters);
  const open = (id: string | null) => void setState({ approval: id }, { history: 'push' });
  const openNext = () => {
    const index = list.items.findIndex((item) => item.id === openId);
    const others = [...list.items.slice(index + 1), ...list.items.slice(0, Math.max(0, index))];
    if (openId !== null) list.letGo([openId]);
    open(others.find((item) => item.refusal === null)?.id ?? null);
  };
  return (
    <PageFrame
      title="Approvals"
      isFlush
      actions={
        <Button size="sm" look="quiet" onClick={() => list.setPaused(!list.isPaused)}>
          {list.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {list.isPaused ? 'Paused – resume' : 'Pause'}
        </Button>
      }
    >
      <nav
        aria-label="Which requests"
        className={classNames(
          'flex gap-1 border-b border-line px-3 py-1.5',
          openId !== null && 'max-lg:hidden',
        )}
      >
        {views.map(({ view, word }) => (
          <Button
            key={view}
            size="sm"
            look={filters.view === view ? 'plain' : 'quiet'}
            aria-pressed={filters.view === view}
            onClick={() => void setState({ view, approval: null })}
          >
            {word}
          </Button>
        ))}
      </nav>
      <div className={classNames(openId !== null && 'max-lg:hidden')}>
        <ApprovalFilterBar
          url={filters}
          tools={list.items.map((item) => item.tool)}
          onChange={(change) => void setState(change)}
        />
      </div>
      <SplitPane
        id="approvals"
        isDetailOpen={openId !== null}
        listPercent={38}
        list={
          <section
            aria-label="Requests"
            className="relative flex min-h-0 flex-1 flex-col"
            {...list.holdProps}
          >
            <NewItemsPill count={list.newCount} noun="request" onShow={list.showNew} />
            <ApprovalListBody
              tenant={props.tenant}
              view={filters.view}
              query={query}
              items={list.items}
              skewMs={skewMs}
              openId={openId}
              onOpen={open}
            />
          </section>
        }
        detail={
          <ApprovalPane
            {...props}
            approvalId={openId}
            onClose={() => open(null)}
            onDone={openNext}
          />
        }
      />
    </PageFrame>
  );
}

function ApprovalListBody(props: {
  readonly tenant: string;
  readonly view: View;
  readonly query: ReturnType<typeof useApprovalList>['query'];
  readonly items: readonly Row[];
  readonly skewMs: number;
  readonly openId: string | null;
  readonly onOpen: (id: string) => void;
}) {
  const { query, items } = props;
  if (query.isPending) return <SkeletonRows count={10} label="Loading requests" />;
  if (items.length === 0 && query.isError) {
    return <LoadFailure noun="requests" query={query} />;
  }
  if (items.length === 0) {
    return props.view === 'waiting' ? (
      <EmptyState icon={<ShieldCheck />} title="Nothing waits for a person">
        When an agent asks for something that needs one, it appears here by itself.
      </EmptyState>
    ) : (
      <EmptyState title="No request was decided yet">Decided requests are kept here.</EmptyState>
    );
  }
  return (
    <DataList
      label={
        props.view === 'waiting' ? 'Requests, what expires next first' : 'Requests, newest first'
      }
      items={items}
      keyOf={keyOf}
      hrefOf={(row) => links.approval(props.tenant, row.id)}
      onOpen={(row) => props.onOpen(row.id)}
      hasPeek
      openKey={props.openId}
      rowHeightPx={approvalRowHeightPx}
      renderRow={(row) => <ApprovalRow row={row} skewMs={props.skewMs} />}
      footer={
        <LoadMore
          noun="requests"
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
