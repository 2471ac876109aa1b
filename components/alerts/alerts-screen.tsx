'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { Pause, Play, ShieldCheck } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import type { Alert } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { useLiveList } from '../live/use-live-list.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { DataList } from '../ui/data-list.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { NewItemsPill } from '../ui/new-items-pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { useClock } from '../ui/use-clock.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { AlertFilterBar } from './alert-filter-bar.tsx';
import { AlertPane } from './alert-pane.tsx';
import { AlertRow, alertRowHeightPx } from './alert-row.tsx';
import { alertUrlParsers } from './alert-url.ts';
import {
  type AlertUrlFilters,
  hasAlertFilters,
  toAlertFilters,
  toAlertQuery,
} from './prepare-alert-filters.ts';
import { msUntilReturn } from './prepare-snooze.ts';
import { SetAsideLine } from './set-aside-line.tsx';
import { leavesInbox } from './use-alert-actions.ts';
import { ViewSwitch } from './view-switch.tsx';
import { type Triage, useTriage } from './use-triage.tsx';

const AlertGroups = dynamic(() => import('./alert-groups.tsx').then((parts) => parts.AlertGroups), {
  loading: () => <SkeletonRows count={8} label="Loading the groups" />,
});
const SelectionBar = dynamic(
  () => import('./selection-bar.tsx').then((parts) => parts.SelectionBar),
  { loading: () => null },
);
const AlertMatrix = dynamic(() => import('./alert-matrix.tsx').then((parts) => parts.AlertMatrix), {
  loading: () => <SkeletonRows count={8} label="Loading the matrix" />,
});

const keyOf = (alert: Alert) => alert.id;
const minuteMs = 60_000;
/** At most so often the inbox is read again while alerts keep changing. */
const refetchMs = 300;

/** The filters asked for; a relative range is resolved when the filters change, not as time goes. */
function useAskedFilters(url: AlertUrlFilters) {
  const nowMs = useClock((now) => Math.ceil(now / minuteMs) * minuteMs);
  const key = JSON.stringify(url);
  const [asked, setAsked] = useState(() => ({ key, filters: toAlertFilters(url, nowMs) }));
  if (asked.key === key) return asked;
  const next = { key, filters: toAlertFilters(url, nowMs) };
  setAsked(next);
  return next;
}

function useAlertList(url: AlertUrlFilters) {
  const trpc = useTRPC();
  const { key, filters } = useAskedFilters(url);
  const counts = useQuery({
    ...trpc.alerts.counts.queryOptions(),
    refetchInterval: ({ state }) => msUntilReturn(state.data?.nextReturnAt ?? null, Date.now()),
  }).data;
  const query = useInfiniteQuery({
    ...trpc.alerts.list.infiniteQueryOptions(filters, { getNextPageParam: (page) => page.next }),
    // A snooze ends by the clock: nothing is told of it, so the list is asked at that moment.
    refetchInterval: () => msUntilReturn(counts?.nextReturnAt ?? null, Date.now()),
  });
  const fresh = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const list = useLiveList({ fresh, keyOf, listKey: key });
  useLiveRefetch({
    concerns: (batch) => batch.alerts.length > 0,
    queryKeys: [trpc.alerts.pathKey()],
    periodMs: refetchMs,
  });
  return { query, list, filters, counts };
}

/** Alerts that were marked for doing something with all of them; those that are listed still. */
function useSelection(items: readonly Alert[]) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  return {
    keys,
    selected: items.filter((alert) => keys.has(alert.id)),
    toggle: ({ id }: Alert) => {
      setKeys((marked) => {
        const next = new Set(marked);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    },
    clear: () => setKeys(new Set()),
  };
}
type Selection = ReturnType<typeof useSelection>;

/** While alerts are selected, the keys mean those. */
function SelectionKeys(props: { readonly selection: Selection; readonly triage: Triage }) {
  const { selected } = props.selection;
  useShortcuts({
    e: () => props.triage.advance(selected),
    s: () => props.triage.ask('set-aside', selected),
    m: () => props.triage.ask('assign', selected),
  });
  return null;
}

/**
 * The inbox: list left, the open alert right, both in the URL. New alerts come in live and never
 * move a row that somebody points at.
 */
export function AlertsScreen(props: {
  readonly tenant: string;
  /** Why this person may not triage; null when they may. */
  readonly refusal: string | null;
  readonly noteCharsMax: number;
}) {
  const { tenant } = props;
  const [state, setState] = useQueryStates(alertUrlParsers);
  const { alert: openId, view, ...url } = state;
  const { query, list, filters, counts } = useAlertList(url);
  const selection = useSelection(list.items);
  const open = (id: string | null) => void setState({ alert: id }, { history: 'push' });
  const openNext = (done: readonly string[]) => {
    const index = list.items.findIndex((item) => item.id === openId);
    const left = (item: Alert) => !done.includes(item.id);
    const next =
      list.items.slice(index + 1).find(left) ?? list.items.slice(0, index).findLast(left);
    open(next?.id ?? null);
  };
  const triage = useTriage({
    refusal: props.refusal,
    noteCharsMax: props.noteCharsMax,
    onDone: (deed, { done }) => {
      selection.clear();
      list.letGo(done);
      if (leavesInbox[deed] && openId !== null && done.includes(openId)) openNext(done);
    },
  });
  return (
    <PageFrame
      title="Alerts"
      isFlush
      actions={
        <>
          <ExportMenu tenant={tenant} list="alerts" filter={filters} />
          <Button size="sm" look="quiet" onClick={() => list.setPaused(!list.isPaused)}>
            {list.isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
            {list.isPaused ? 'Paused – resume' : 'Pause'}
          </Button>
        </>
      }
    >
      <AlertFilterBar
        url={url}
        onChange={(change) => void setState(change)}
        mayTriage={props.refusal === null}
      />
      <ViewSwitch view={view} onChange={(next) => void setState({ view: next, alert: null })} />
      {view === 'list' ? (
        <Inbox
          tenant={tenant}
          url={url}
          openId={openId}
          query={query}
          list={list}
          counts={counts}
          selection={selection}
          triage={triage}
          noteCharsMax={props.noteCharsMax}
          onOpen={open}
          onClear={() => void setState(null)}
        />
      ) : null}
      {view === 'rule' || view === 'agent' ? (
        <AlertGroups
          by={view}
          filters={filters}
          hrefOf={(key) => links.alerts(tenant, { ...toAlertQuery(url), [view]: key })}
        />
      ) : null}
      {view === 'matrix' ? (
        <AlertMatrix
          filters={filters}
          hrefOf={(label) => links.alerts(tenant, { ...toAlertQuery(url), label })}
        />
      ) : null}
      {triage.dialog}
    </PageFrame>
  );
}

type AlertList = ReturnType<typeof useAlertList>;

/** List left, the open alert right. */
function Inbox(props: {
  readonly tenant: string;
  readonly url: AlertUrlFilters;
  readonly openId: string | null;
  readonly query: AlertList['query'];
  readonly list: AlertList['list'];
  readonly counts: AlertList['counts'];
  readonly selection: Selection;
  readonly triage: Triage;
  readonly noteCharsMax: number;
  readonly onOpen: (id: string | null) => void;
  readonly onClear: () => void;
}) {
  const { tenant, url, openId, query, list, counts, selection, triage } = props;
  return (
    <SplitPane
      id="alerts"
      isDetailOpen={openId !== null}
      listPercent={50}
      list={
        <section
          aria-label="Inbox"
          className="relative flex min-h-0 flex-1 flex-col"
          {...list.holdProps}
        >
          {selection.selected.length === 0 ? null : (
            <>
              <SelectionKeys selection={selection} triage={triage} />
              <SelectionBar
                selected={selection.selected}
                triage={triage}
                onClear={selection.clear}
              />
            </>
          )}
          {url.state === 'active' && counts !== undefined ? (
            <SetAsideLine tenant={tenant} counts={counts} />
          ) : null}
          <NewItemsPill count={list.newCount} noun="alert" onShow={list.showNew} />
          <AlertListBody
            tenant={tenant}
            url={url}
            query={query}
            items={list.items}
            selection={triage.refusal === null ? selection : null}
            openId={openId}
            onOpen={props.onOpen}
            onClear={props.onClear}
          />
        </section>
      }
      detail={
        <AlertPane
          tenant={tenant}
          alertId={openId}
          triage={triage}
          hasSelection={selection.selected.length > 0}
          noteCharsMax={props.noteCharsMax}
          onClose={() => props.onOpen(null)}
        />
      }
    />
  );
}

function AlertListBody(props: {
  readonly tenant: string;
  readonly url: AlertUrlFilters;
  readonly query: AlertList['query'];
  readonly items: readonly Alert[];
  /** Null for those who could do nothing with a selection. */
  readonly selection: Selection | null;
  readonly openId: string | null;
  readonly onOpen: (id: string) => void;
  readonly onClear: () => void;
}) {
  const { query, items } = props;
  if (query.isPending) return <SkeletonRows count={14} label="Loading alerts" />;
  if (items.length === 0 && query.isError) {
    return <LoadFailure noun="alerts" query={query} />;
  }
  if (items.length === 0) {
    return hasAlertFilters(props.url) ? (
      <EmptyState
        title="No alerts match"
        action={<Button onClick={props.onClear}>Clear the filters</Button>}
      >
        There may be others outside these filters.
      </EmptyState>
    ) : (
      <EmptyState icon={<ShieldCheck />} title="Nothing needs you">
        No alert is open. New ones appear here by themselves as agents report.
      </EmptyState>
    );
  }
  return (
    <DataList
      label="Alerts, latest change first"
      items={items}
      keyOf={keyOf}
      hrefOf={(alert) => links.alert(props.tenant, alert.id)}
      onOpen={(alert) => props.onOpen(alert.id)}
      openKey={props.openId}
      rowHeightPx={alertRowHeightPx}
      renderRow={(alert) => <AlertRow alert={alert} />}
      {...(props.selection === null
        ? {}
        : {
            onToggle: props.selection.toggle,
            selectedKeys: props.selection.keys,
            selectLabelOf: (alert: Alert) => `Select “${alert.title}”`,
          })}
      footer={
        <LoadMore
          noun="alerts"
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
