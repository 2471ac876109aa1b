'use client';

import { useQuery } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { links } from '#server/kernel/links.ts';
import { EnforcementBadge } from '../stops/enforcement-badge.tsx';
import { FleetEnforcement } from '../stops/fleet-enforcement.tsx';
import { coversAgent } from '../stops/suggest-scope.ts';
import { useEnforcement } from '../stops/use-enforcement.ts';
import { useStandingStops } from '../stops/use-standing-stops.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Badge } from '../ui/badge.tsx';
import { formatCount, formatShare } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { fleetInput } from './overview-inputs.ts';

function FleetTable(props: {
  readonly tenant: string;
  readonly from: string;
  readonly range: string;
}) {
  const trpc = useTRPC();
  const agents = useQuery(trpc.agents.list.queryOptions(fleetInput));
  const activity = useQuery(trpc.activity.agents.queryOptions({ from: props.from }));
  const enforcementOf = useEnforcement(agents.data?.items.map((agent) => agent.id) ?? []);
  const standing = useStandingStops().data ?? [];
  if (agents.isPending) return <SkeletonRows count={5} label="Loading agents" />;
  if (agents.isError) {
    return <LoadFailure noun="agents" query={agents} />;
  }
  if (agents.data.items.length === 0) {
    return (
      <EmptyState icon={<Bot />} title="No agent yet">
        An agent appears here with the first event that it posts.
      </EmptyState>
    );
  }
  const byAgent = new Map(activity.data?.items.map((item) => [item.agentId, item]));
  return (
    <Table label="Agents" className="max-h-96">
      <thead>
        <HeadRow>
          <Head>Agent</Head>
          <Head>State</Head>
          <Head>Can be stopped</Head>
          <Head align="end">Instances</Head>
          <Head align="end">Events</Head>
          <Head align="end">Errors</Head>
          <Head align="end">Last seen</Head>
        </HeadRow>
      </thead>
      <tbody>
        {agents.data.items.map((agent) => {
          const enforcement = enforcementOf(agent.id);
          const isStopped = standing.some((stop) => coversAgent(stop.scope, agent));
          const done = byAgent.get(agent.id) ?? { events: 0, errors: 0 };
          return (
            <Row key={agent.id}>
              <Cell>
                <Link
                  href={links.traces(props.tenant, { agent: agent.slug, range: props.range })}
                  className="rounded font-medium hover:underline"
                >
                  {agent.slug}
                </Link>
              </Cell>
              <Cell>
                {isStopped ? (
                  <Badge tone="danger">under a stop</Badge>
                ) : (
                  <Badge tone={agent.state === 'active' ? 'neutral' : 'warn'}>{agent.state}</Badge>
                )}
              </Cell>
              <Cell className="text-xs">
                {enforcement === null ? '…' : <EnforcementBadge enforcement={enforcement} />}
              </Cell>
              <Cell align="end">{formatCount(agent.instances)}</Cell>
              <Cell align="end">{activity.isPending ? '…' : formatCount(done.events)}</Cell>
              <Cell align="end" className={done.errors > 0 ? '' : 'text-ink-faint'}>
                {activity.isPending
                  ? '…'
                  : `${formatCount(done.errors)} (${formatShare(done.errors, done.events)})`}
              </Cell>
              <Cell align="end" className="whitespace-nowrap text-ink-muted">
                {agent.lastSeenAt === null ? 'never' : <RelativeTime at={agent.lastSeenAt} />}
              </Cell>
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}

/** The agents of the tenant with what each did in the chosen span. */
export function Fleet(props: {
  readonly tenant: string;
  readonly from: string;
  readonly range: string;
}) {
  return (
    <section
      aria-labelledby="fleet"
      className="flex min-w-0 flex-col rounded border border-line bg-panel"
    >
      <h2
        id="fleet"
        className="flex min-h-11 items-center border-b border-line px-4 text-sm font-semibold"
      >
        Fleet
      </h2>
      <FleetEnforcement />
      <FleetTable {...props} />
    </section>
  );
}
