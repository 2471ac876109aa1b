'use client';

import { useQuery } from '@tanstack/react-query';
import { Gavel, ShieldCheck } from 'lucide-react';
import { severities } from '#server/detection/states/contract.ts';
import { links } from '#server/kernel/links.ts';
import { AlertRow } from '../alerts/alert-row.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { classNames } from '../ui/class-names.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Severity } from '../ui/severity.tsx';
import { Skeleton, SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { useIsBrowser } from '../ui/use-clock.ts';
import { StandingStops } from './standing-stops.tsx';
import { overviewAlertsInput, overviewAlertsMax } from './overview-inputs.ts';

/** Open alerts by severity, each count leading to the list that counts to it. */
function SeverityCounts({ tenant }: { readonly tenant: string }) {
  const trpc = useTRPC();
  const counts = useQuery(trpc.alerts.counts.queryOptions());
  return (
    <ul className="grid grid-cols-5 divide-x divide-line border-b border-line max-sm:grid-cols-3 max-sm:divide-x-0">
      {severities.map((level) => {
        const count = counts.data?.bySeverity[level];
        return (
          <li key={level} className="min-w-0">
            <Link
              href={links.alerts(tenant, { state: 'open', severity: level })}
              className="flex flex-col gap-0.5 px-4 py-3 -outline-offset-2 transition-colors hover:bg-ink/4"
            >
              <Severity
                level={level}
                className={count === 0 ? 'text-ink-faint [&_svg]:opacity-60' : ''}
              />
              {count === undefined ? (
                <Skeleton className="my-1 h-5 w-8" />
              ) : (
                <span
                  className={classNames(
                    'text-xl font-semibold tracking-tight tabular-nums',
                    count === 0 && 'text-ink-faint',
                  )}
                >
                  {formatCount(count)}
                </span>
              )}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** How many held actions wait for somebody; nothing where none does. The shell keeps the count fresh. */
function WaitingApprovals({ tenant }: { readonly tenant: string }) {
  const trpc = useTRPC();
  const counts = useQuery(trpc.approvals.counts.queryOptions()).data;
  const isBrowser = useIsBrowser();
  // The server draws none, and the answer may be here before this part of the page is hydrated.
  if (!isBrowser || counts === undefined || counts.waiting === 0) return null;
  return (
    <Link
      href={links.approvals(tenant)}
      className="flex items-center gap-2 border-b border-line bg-accent/8 px-4 py-2.5 -outline-offset-2 transition-colors hover:bg-accent/12"
    >
      <Gavel aria-hidden className="size-4 shrink-0 text-accent" />
      <span className="flex-1">
        {formatCounted(counts.waiting, 'held action')} {counts.waiting === 1 ? 'waits' : 'wait'} for
        a decision
      </span>
      <span className="text-xs text-ink-muted tabular-nums">
        {formatCount(counts.mine)} that you may decide
      </span>
    </Link>
  );
}

function LatestAlerts({ tenant }: { readonly tenant: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.list.queryOptions(overviewAlertsInput));
  if (query.isPending) return <SkeletonRows count={overviewAlertsMax} label="Loading alerts" />;
  if (query.isError) {
    return <LoadFailure noun="alerts" query={query} />;
  }
  if (query.data.items.length === 0) {
    return (
      <EmptyState icon={<ShieldCheck />} title="Nothing needs you">
        No alert is open.
      </EmptyState>
    );
  }
  return (
    <ul>
      {query.data.items.map((alert) => (
        <li key={alert.id}>
          <Link
            href={links.alert(tenant, alert.id)}
            className="block border-b border-line -outline-offset-2 transition-colors last:border-b-0 hover:bg-ink/4"
          >
            <AlertRow alert={alert} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What needs somebody now: open alerts, counted by severity, and the latest of them. */
export function NeedsMe({ tenant }: { readonly tenant: string }) {
  const trpc = useTRPC();
  const counts = useQuery(trpc.alerts.counts.queryOptions()).data;
  return (
    <section
      aria-labelledby="needs-me"
      className="flex min-w-0 flex-col rounded border border-line bg-panel"
    >
      <header className="flex min-h-11 items-center gap-3 border-b border-line px-4">
        <h2 id="needs-me" className="flex-1 text-sm font-semibold">
          Needs you now
        </h2>
        {counts === undefined ? null : (
          <p className="flex gap-4 text-xs text-ink-muted">
            <Link
              href={links.alerts(tenant, { state: 'open' })}
              className="rounded tabular-nums hover:text-ink hover:underline"
            >
              {formatCount(counts.open)} open
            </Link>
            <Link
              href={links.alerts(tenant, { state: 'acknowledged' })}
              className="rounded tabular-nums hover:text-ink hover:underline"
            >
              {formatCount(counts.acknowledged)} acknowledged
            </Link>
          </p>
        )}
      </header>
      <WaitingApprovals tenant={tenant} />
      <SeverityCounts tenant={tenant} />
      <StandingStops tenant={tenant} />
      <LatestAlerts tenant={tenant} />
    </section>
  );
}
