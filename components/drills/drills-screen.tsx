'use client';

import { useQuery } from '@tanstack/react-query';
import { Siren } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import type { Drill, DrillPlan } from '#server/containment/drills/contract.ts';
import { drillMeasures } from '#server/containment/drills/states/contract.ts';
import { links } from '#server/kernel/links.ts';
import { MeasuredChart } from '../charts/measured-chart.tsx';
import { prepareMeasured } from '../charts/prepare-points.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Button } from '../ui/button.tsx';
import { formatCounted, formatDuration } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { DrillAgents } from './drill-agents.tsx';
import { DrillPane } from './drill-report.tsx';
import { DrillStateBadge } from './drill-state-badge.tsx';
import { drillParsers } from './drill-url.ts';
import { formatTook, measureWords } from './drill-words.ts';

const StartDrillForm = dynamic(
  () => import('./drill-forms.tsx').then((module) => module.StartDrillForm),
  { loading: () => null },
);
const PlanDrillsForm = dynamic(
  () => import('./drill-forms.tsx').then((module) => module.PlanDrillsForm),
  { loading: () => null },
);

/** Why this person may not do it; null when they may. */
export interface DrillRules {
  readonly start: string | null;
  readonly plan: string | null;
  readonly mark: string | null;
  readonly intervalDaysMax: number;
}

const refetchMs = 3_000;

/** The least that the trend's axis tells apart, in milliseconds. */
const leastMs = 1;

function useDrills() {
  const trpc = useTRPC();
  return useQuery(
    trpc.drills.list.queryOptions(undefined, {
      refetchInterval: ({ state }) =>
        state.data?.some((drill) => drill.ended === null) ? refetchMs : false,
    }),
  );
}

function Trend({ drills }: { readonly drills: readonly Drill[] }) {
  const series = prepareMeasured(
    drillMeasures,
    drills.map((drill) => ({
      atMs: Date.parse(drill.startedAt),
      id: drill.id,
      values: drillMeasures.map((name) => drill.measures[name]),
    })),
    leastMs,
  );
  return (
    <MeasuredChart
      title="How long it takes"
      summary={`${formatCounted(drills.length, 'drill')}, oldest first; what was not measured is left out.`}
      series={series}
      looks={measureWords}
      formatValue={formatDuration}
      formatReading={formatTook}
      emptyText="No drill has taken place."
    />
  );
}

function PlanLine({ plan }: { readonly plan: DrillPlan | null }) {
  if (plan === null) {
    return <p className="text-sm text-ink-muted">No drill begins by itself.</p>;
  }
  return (
    <p className={plan.isOverdue ? 'text-sm text-medium' : 'text-sm text-ink-muted'}>
      Every {formatCounted(plan.intervalDays, 'day')} on{' '}
      <span className="font-medium text-ink">{plan.agent.slug}</span>, next at{' '}
      <Instant at={plan.dueAt} part="minute" />.
      {plan.isOverdue
        ? ' Overdue: none was brought to its end for longer than that and a day.'
        : ''}
    </p>
  );
}

function DrillTable(props: {
  readonly tenant: string;
  readonly drills: readonly Drill[];
  readonly openId: string | null;
}) {
  return (
    <Table label="Drills, newest first" className="border-t border-line">
      <thead>
        <HeadRow>
          <Head>Started</Head>
          <Head>Agent</Head>
          <Head>State</Head>
          {drillMeasures.map((name) => (
            <Head key={name} align="end">
              {measureWords[name].label}
            </Head>
          ))}
        </HeadRow>
      </thead>
      <tbody>
        {props.drills.map((drill) => (
          <Row key={drill.id} isOpen={drill.id === props.openId}>
            <Cell className="whitespace-nowrap">
              <Link
                href={links.drills(props.tenant, { drill: drill.id })}
                className="rounded font-medium underline underline-offset-2"
              >
                <RelativeTime at={drill.startedAt} />
              </Link>
            </Cell>
            <Cell className="break-words">{drill.agent.slug}</Cell>
            <Cell>
              <DrillStateBadge drill={drill} />
            </Cell>
            {drillMeasures.map((name) => (
              <Cell key={name} align="end" className="text-xs whitespace-nowrap">
                {formatTook(drill.measures[name])}
              </Cell>
            ))}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Drills(props: { readonly tenant: string; readonly openId: string | null }) {
  const query = useDrills();
  if (query.isPending) return <SkeletonRows count={6} label="Loading drills" />;
  if (query.isError) {
    return <LoadFailure noun="drills" query={query} />;
  }
  if (query.data.length === 0) {
    return (
      <EmptyState icon={<Siren />} title="No drill has taken place">
        A drill stops an agent that is marked for it, over the same way as an emergency, and
        measures each step.
      </EmptyState>
    );
  }
  return (
    <>
      <Trend drills={query.data} />
      <DrillTable tenant={props.tenant} drills={query.data} openId={props.openId} />
    </>
  );
}

/** Exercises of the emergency stop: the plan, what they took, and beside it the report of one. */
export function DrillsScreen(props: { readonly tenant: string; readonly rules: DrillRules }) {
  const { tenant, rules } = props;
  const [url, setUrl] = useQueryStates(drillParsers);
  const [form, setForm] = useState<'start' | 'plan' | null>(null);
  const trpc = useTRPC();
  const agents = useQuery(trpc.drills.agents.queryOptions()).data ?? [];
  const plan = useQuery(trpc.drills.plan.queryOptions()).data ?? null;
  const none = agents.length === 0 ? 'Mark an agent for drills first.' : null;
  const open = (id: string | null) => void setUrl({ drill: id }, { history: 'push' });
  return (
    <PageFrame
      title="Drills"
      isFlush
      breadcrumbs={[{ label: 'Stops', href: links.stops(tenant) }]}
      actions={
        <>
          <Button disabledReason={rules.plan ?? none} onClick={() => setForm('plan')}>
            Plan drills…
          </Button>
          <Button
            look="primary"
            disabledReason={rules.start ?? none}
            onClick={() => setForm('start')}
          >
            Start a drill…
          </Button>
        </>
      }
    >
      <SplitPane
        id="drills"
        isDetailOpen={url.drill !== null}
        listPercent={60}
        list={
          <section aria-label="Drills" className="flex min-h-0 flex-1 flex-col overflow-y-auto">
            <div className="border-b border-line px-4 py-3">
              <PlanLine plan={plan} />
            </div>
            <DrillAgents agents={agents} refusal={rules.mark} />
            <div className="border-t border-line">
              <Drills tenant={tenant} openId={url.drill} />
            </div>
          </section>
        }
        detail={<DrillPane tenant={tenant} drillId={url.drill} onClose={() => open(null)} />}
      />
      {form === 'start' ? (
        <StartDrillForm agents={agents} onClose={() => setForm(null)} onStarted={open} />
      ) : null}
      {form === 'plan' ? (
        <PlanDrillsForm
          agents={agents}
          plan={plan}
          intervalDaysMax={rules.intervalDaysMax}
          onClose={() => setForm(null)}
        />
      ) : null}
    </PageFrame>
  );
}
