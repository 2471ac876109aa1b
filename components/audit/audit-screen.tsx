'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import type { AuditRow } from '#server/audit/contract.ts';
import { links } from '#server/kernel/links.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { ListState } from '../settings/list-state.tsx';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { DataList } from '../ui/data-list.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { useClock } from '../ui/use-clock.ts';
import { AuditDetail } from './audit-detail.tsx';
import { AuditFilterBar } from './audit-filter-bar.tsx';
import { AuditLine, auditLineHeightPx } from './audit-line.tsx';
import { auditUrlParsers } from './audit-url.ts';
import { type AuditUrlFilters, hasAuditFilters, toAuditFilter } from './prepare-audit-filter.ts';

const keyOf = (row: AuditRow) => row.id;
const minuteMs = 60_000;

/** The question asked; a relative range is resolved when the filters change, not as time goes. */
function useAskedFilter(url: AuditUrlFilters) {
  const nowMs = useClock((now) => Math.ceil(now / minuteMs) * minuteMs);
  const key = JSON.stringify(url);
  const [asked, setAsked] = useState(() => ({ key, filter: toAuditFilter(url, nowMs) }));
  if (asked.key === key) return asked.filter;
  const next = { key, filter: toAuditFilter(url, nowMs) };
  setAsked(next);
  return next.filter;
}

/** Who did what: the list left, the open row right, both in the URL. */
export function AuditScreen(props: {
  readonly tenant: string;
  /** Why this person may not take the log away; null when they may. */
  readonly exportRefusal: string | null;
}) {
  const { tenant } = props;
  const trpc = useTRPC();
  const [state, setState] = useQueryStates(auditUrlParsers);
  const { row: openId, ...url } = state;
  const filter = useAskedFilter(url);
  const query = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(filter, {
      getNextPageParam: (page) => page.next,
    }),
  );
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const open = (id: string | null) => void setState({ row: id }, { history: 'push' });
  return (
    <PageFrame
      title="Audit"
      isFlush
      actions={
        <>
          <ExportMenu tenant={tenant} list="audit" filter={filter} refusal={props.exportRefusal} />
          <Button
            size="sm"
            look="quiet"
            isBusy={query.isRefetching}
            onClick={() => void query.refetch()}
          >
            Refresh
          </Button>
        </>
      }
    >
      <AuditFilterBar url={url} onChange={(change) => void setState(change)} />
      <SplitPane
        id="audit"
        isDetailOpen={openId !== null}
        listPercent={58}
        list={
          <section aria-label="Log" className="flex min-h-0 flex-1 flex-col">
            <ListState
              query={query}
              noun="rows"
              count={rows.length}
              empty={<NoRows url={url} onClear={() => void setState(null)} />}
            >
              {(footer) => (
                <DataList
                  label="Rows of the log, newest first"
                  items={rows}
                  keyOf={keyOf}
                  hrefOf={(row) => links.audit(tenant, { row: row.id })}
                  onOpen={(row) => open(row.id)}
                  openKey={openId}
                  rowHeightPx={auditLineHeightPx}
                  renderRow={(row) => <AuditLine row={row} />}
                  footer={footer}
                />
              )}
            </ListState>
          </section>
        }
        detail={
          openId === null ? (
            <EmptyState icon={<ScrollText />} title="No row is open">
              Open one to see who did what, why, and in which request.
            </EmptyState>
          ) : (
            <AuditDetail
              rowId={openId}
              onClose={() => open(null)}
              onSubject={(subject) => void setState({ subject, action: null, type: null })}
            />
          )
        }
      />
    </PageFrame>
  );
}

function NoRows(props: { readonly url: AuditUrlFilters; readonly onClear: () => void }) {
  return hasAuditFilters(props.url) ? (
    <EmptyState
      title="No row matches"
      action={<Button onClick={props.onClear}>Clear the filters</Button>}
    >
      There may be others outside these filters.
    </EmptyState>
  ) : (
    <EmptyState icon={<ScrollText />} title="Nothing was done yet">
      Every sign-in and every change writes its row here, in the same transaction.
    </EmptyState>
  );
}
