'use client';

import { useQuery } from '@tanstack/react-query';
import { ChevronRight, ShieldCheck } from 'lucide-react';
import type { AlertFilters, AlertGroup } from '#server/detection/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';

const rowLook =
  'flex min-h-(--row) flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line px-4 py-1.5 -outline-offset-2';

function GroupLine({ group }: { readonly group: AlertGroup }) {
  return (
    <>
      <Severity level={group.severity} className="w-28 shrink-0" />
      <span className="min-w-0 flex-1 truncate font-medium max-sm:order-last max-sm:basis-full">
        {group.title ?? 'several agents, or none'}
      </span>
      <span className="shrink-0 text-xs tabular-nums">{formatCounted(group.alerts, 'alert')}</span>
      <span className="w-24 shrink-0 text-right text-xs whitespace-nowrap text-ink-faint">
        <RelativeTime at={group.lastAt} />
      </span>
    </>
  );
}

/** The alerts of the filters put together by rule or by agent; each leads to its own list. */
export function AlertGroups(props: {
  readonly by: 'rule' | 'agent';
  readonly filters: AlertFilters;
  readonly hrefOf: (key: string) => string;
}) {
  const { by } = props;
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.groups.queryOptions({ ...props.filters, by }));
  if (query.isPending) return <SkeletonRows count={10} label="Loading the groups" />;
  if (query.isError) {
    return <LoadFailure noun="groups" query={query} />;
  }
  if (query.data.items.length === 0) {
    return (
      <EmptyState icon={<ShieldCheck />} title="No alerts to put together">
        There are none with these filters.
      </EmptyState>
    );
  }
  return (
    <ul
      aria-label={by === 'rule' ? 'Alerts by rule' : 'Alerts by agent'}
      className="overflow-y-auto"
    >
      {query.data.items.map((group) => (
        <li key={group.key ?? ''}>
          {group.key === null ? (
            <span className={rowLook}>
              <GroupLine group={group} />
              <span className="w-3.5" />
            </span>
          ) : (
            <Link
              href={props.hrefOf(group.key)}
              className={`${rowLook} transition-colors hover:bg-ink/4`}
            >
              <GroupLine group={group} />
              <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
