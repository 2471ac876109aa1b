'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { Bot, ShieldAlert, Waypoints, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { links } from '#server/kernel/links.ts';
import type { AgentDetail } from '#server/agents/contract.ts';
import { ContainButton } from '../containments/contain-button.tsx';
import { AgentStopFacts } from '../stops/agent-stop-facts.tsx';
import { StopThisButton } from '../stops/stop-button.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCount } from '../ui/format-quantity.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Link } from '../ui/link.tsx';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { AgentFamily } from './agent-family.tsx';
import { PresenceBadge } from './presence-badge.tsx';

// Few agents are contained: it comes after the page.
const ContainmentPanel = dynamic(
  () => import('../containments/containment-panel.tsx').then((parts) => parts.ContainmentPanel),
  { loading: () => null },
);

function Fact(props: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-3 py-1">
      <dt className="w-28 shrink-0 text-ink-faint">{props.name}</dt>
      <dd className="min-w-0 flex-1 break-words">{props.children}</dd>
    </div>
  );
}

function Instances({ running }: Pick<AgentDetail, 'running'>) {
  if (running.length === 0) {
    return <p className="text-sm text-ink-faint">No instance has been heard of.</p>;
  }
  return (
    <Table label="Instances" className="max-h-96 rounded border border-line">
      <thead>
        <HeadRow>
          <Head>Instance</Head>
          <Head align="end">First seen</Head>
          <Head align="end">Last seen</Head>
        </HeadRow>
      </thead>
      <tbody>
        {running.map((instance) => (
          <Row key={instance.instanceId}>
            <Cell>
              {instance.instanceId === '-' ? (
                <span className="text-ink-faint">names none</span>
              ) : (
                instance.instanceId
              )}
            </Cell>
            <Cell align="end" className="text-xs whitespace-nowrap">
              <RelativeTime at={instance.firstSeenAt} />
            </Cell>
            <Cell align="end" className="text-xs whitespace-nowrap">
              <RelativeTime at={instance.lastSeenAt} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function OpenAgent(props: {
  readonly tenant: string;
  readonly slug: string;
  readonly onClose: () => void;
}) {
  const { tenant, slug, onClose } = props;
  const trpc = useTRPC();
  const query = useQuery(trpc.agents.get.queryOptions({ agent: slug }));
  useShortcuts({ Escape: onClose });
  const agent = query.data;
  if (agent === undefined) {
    if (query.isPending) return <SkeletonRows count={6} label="Loading the agent" />;
    return <LoadFailure noun="agent" query={query} onClose={onClose} />;
  }
  return (
    <article className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
      <header className="flex items-start gap-2">
        <h2 className="flex min-w-0 flex-1 flex-wrap items-center gap-2 text-md font-semibold">
          <Bot aria-hidden className="size-4 text-ink-faint" />
          <span className="break-all">{agent.slug}</span>
          <PresenceBadge state={agent.state} lastSeenAt={agent.lastSeenAt} />
        </h2>
        <IconButton size="sm" label="Close" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" render={<Link href={links.traces(tenant, { agent: slug })} />}>
          <Waypoints aria-hidden />
          Its traces
        </Button>
        <Button size="sm" render={<Link href={links.alerts(tenant, { agent: slug })} />}>
          <ShieldAlert aria-hidden />
          Its alerts
        </Button>
        <StopThisButton
          size="sm"
          what={`agent ${agent.slug}`}
          wish={{ scope: { kind: 'agent', id: agent.slug } }}
        />
        <ContainButton size="sm" tenant={tenant} agent={agent.slug} />
      </div>
      <ContainmentPanel tenant={tenant} of={{ agent: agent.slug }} />
      <dl className="text-xs">
        <Fact name="Id">
          <CopyableId id={agent.id} />
        </Fact>
        <Fact name="Environment">{agent.environment}</Fact>
        <Fact name="Owner">
          {agent.owner ?? 'none: it was registered by its first event, and nobody took it over'}
        </Fact>
        <Fact name="Registered">
          <Instant at={agent.createdAt} />
        </Fact>
        <Fact name="Last event">
          {agent.lastSeenAt === null ? 'never' : <Instant at={agent.lastSeenAt} />}
        </Fact>
        <Fact name="Keys of its own">
          {agent.keys.total === 0
            ? 'none: what it reports comes by shared keys and is claimed, not verified'
            : `${formatCount(agent.keys.live)} live of ${formatCount(agent.keys.total)}${agent.state === 'disabled' ? ', refused at every door while it is disabled' : ''}`}
        </Fact>
      </dl>
      <AgentStopFacts tenant={tenant} agent={agent} />
      <AgentFamily tenant={tenant} slug={agent.slug} />
      <section className="flex flex-col gap-1.5">
        <h3 className="text-xs font-medium text-ink-muted">Instances</h3>
        <Instances running={agent.running} />
      </section>
    </article>
  );
}

/** The right side of the fleet: the open agent, or a word on how to open one. */
export function AgentPane(props: {
  readonly tenant: string;
  readonly slug: string | null;
  readonly onClose: () => void;
}) {
  if (props.slug === null) {
    return <NothingChosen noun="agent" />;
  }
  return <OpenAgent {...props} slug={props.slug} key={props.slug} />;
}
