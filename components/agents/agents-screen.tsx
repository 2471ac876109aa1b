'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import type { Agent } from '#server/agents/contract.ts';
import { links } from '#server/kernel/links.ts';
import type { Activity } from '#server/telemetry/traces/contract.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { FleetEnforcement } from '../stops/fleet-enforcement.tsx';
import { StopThisButton } from '../stops/stop-button.tsx';
import { coversAgent } from '../stops/suggest-scope.ts';
import { useEnforcement } from '../stops/use-enforcement.ts';
import { useStandingStops } from '../stops/use-standing-stops.ts';
import { useAssembled } from '../traces/use-assembled.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { DataList } from '../ui/data-list.tsx';
import { Link } from '../ui/link.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { useClock } from '../ui/use-clock.ts';
import { AgentPane } from './agent-pane.tsx';
import { AgentRow, AgentRowHead, agentRowHeightPx } from './agent-row.tsx';
import { agentListParsers, agentPageItems } from './agent-url.ts';

const keyOf = (agent: Agent) => agent.slug;
const refetchMs = 2000;
const hourMs = 3_600_000;
const nothing = { events: 0, errors: 0, openAlerts: 0 } as const;

function useFleet(search: string | null) {
  const trpc = useTRPC();
  const hour = useClock((now) => Math.floor(now / hourMs) * hourMs);
  const [from] = useState(() => new Date(hour - 24 * hourMs).toISOString());
  const agents = useInfiniteQuery(
    trpc.agents.list.infiniteQueryOptions(
      { limit: agentPageItems, ...(search === null ? {} : { search }) },
      { getNextPageParam: (page) => page.next },
    ),
  );
  const activity = useQuery(trpc.activity.agents.queryOptions({ from }));
  useAssembled([trpc.agents.pathKey(), trpc.activity.agents.pathKey()], refetchMs);
  return { agents, activity };
}

/** The fleet: every agent that reports, what it did in a day, and what needs somebody. */
export function AgentsScreen({ tenant }: { readonly tenant: string }) {
  const [url, setUrl] = useQueryStates(agentListParsers);
  const { agents, activity } = useFleet(url.q);
  const byAgent = new Map(activity.data?.items.map((item) => [item.agentId, item]));
  const activityOf = (agent: Agent): Activity['items'][number] | null =>
    activity.data ? (byAgent.get(agent.id) ?? { agentId: agent.id, ...nothing }) : null;
  const items = agents.data?.pages.flatMap((page) => page.items) ?? [];
  const open = (slug: string | null) => void setUrl({ agent: slug }, { history: 'push' });
  return (
    <PageFrame title="Agents" isFlush>
      <div className="border-b border-line px-4 py-2">
        <SearchBox
          label="Search agents"
          value={url.q ?? ''}
          charsMax={128}
          onSearch={(q) => void setUrl({ q: q === '' ? null : q })}
          className="max-w-80"
        />
      </div>
      <FleetEnforcement />
      <SplitPane
        id="agents"
        isDetailOpen={url.agent !== null}
        listPercent={66}
        list={
          <section aria-label="Fleet" className="@container flex min-h-0 flex-1 flex-col">
            <AgentRowHead />
            <AgentListBody
              tenant={tenant}
              query={agents}
              items={items}
              isSearched={url.q !== null}
              openSlug={url.agent}
              onOpen={open}
              onClear={() => void setUrl({ q: null })}
              activityOf={activityOf}
            />
          </section>
        }
        detail={<AgentPane tenant={tenant} slug={url.agent} onClose={() => open(null)} />}
      />
    </PageFrame>
  );
}

function AgentListBody(props: {
  readonly tenant: string;
  readonly query: ReturnType<typeof useFleet>['agents'];
  readonly items: readonly Agent[];
  readonly isSearched: boolean;
  readonly openSlug: string | null;
  readonly onOpen: (slug: string) => void;
  readonly onClear: () => void;
  readonly activityOf: (agent: Agent) => Activity['items'][number] | null;
}) {
  const { tenant, query, items } = props;
  const enforcementOf = useEnforcement(items.map((agent) => agent.id));
  const standing = useStandingStops().data ?? [];
  if (query.isPending) return <SkeletonRows count={10} label="Loading agents" />;
  if (items.length === 0 && query.isError) {
    return <LoadFailure noun="agents" query={query} />;
  }
  if (items.length === 0) {
    return props.isSearched ? (
      <EmptyState
        title="No agent matches"
        action={<Button onClick={props.onClear}>Clear the search</Button>}
      />
    ) : (
      <EmptyState
        icon={<Bot />}
        title="No agent yet"
        action={
          <Button look="primary" render={<Link href={links.connect(tenant)} />}>
            Connect an agent
          </Button>
        }
      >
        An agent appears here with the first event that it posts.
      </EmptyState>
    );
  }
  return (
    <DataList
      label="Agents, by name"
      items={items}
      keyOf={keyOf}
      hrefOf={(agent) => links.agent(tenant, agent.slug)}
      onOpen={(agent) => props.onOpen(agent.slug)}
      openKey={props.openSlug}
      rowHeightPx={agentRowHeightPx}
      renderRow={(agent) => (
        <AgentRow
          agent={agent}
          activity={props.activityOf(agent)}
          enforcement={enforcementOf(agent.id)}
          isStopped={standing.some((stop) => coversAgent(stop.scope, agent))}
        />
      )}
      renderAside={(agent) => (
        <StopThisButton
          isIcon
          what={`agent ${agent.slug}`}
          wish={{ scope: { kind: 'agent', id: agent.slug } }}
        />
      )}
      footer={
        <LoadMore
          noun="agents"
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
