'use client';

import { links } from '#server/kernel/links.ts';
import type { TraceSummary } from '#server/telemetry/traces/contract.ts';
import { useQueryStates } from 'nuqs';
import { PageFrame } from '../shell/page-frame.tsx';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { Banner } from '../ui/banner.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCounted, formatDuration } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { TraceMarks } from './trace-marks.tsx';
import { traceParsers } from './trace-url.ts';
import { TraceView } from './trace-view.tsx';
import { useTraceControl } from './use-trace-control.ts';
import { useTraceData } from './use-trace-data.ts';

/** Who, when and how much, in one line. */
function TraceStrip(props: { readonly tenant: string; readonly trace: TraceSummary }) {
  const { tenant, trace } = props;
  const link = 'rounded text-accent underline decoration-accent/40 underline-offset-2';
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1.5 text-xs text-ink-muted">
      <CopyableId id={trace.id} shown={`${trace.id.slice(0, 8)}…`} label="Copy trace id" />
      <span>
        {trace.agents.slice(0, 3).map((agent, index) => (
          <span key={agent}>
            {index === 0 ? '' : ', '}
            <Link href={links.agent(tenant, agent)} className={link}>
              {agent}
            </Link>
          </span>
        ))}
        {trace.agents.length > 3 ? ` +${trace.agents.length - 3}` : ''}
      </span>
      {trace.session === null ? null : (
        <span>
          session{' '}
          <Link href={links.traces(tenant, { session: trace.session })} className={link}>
            {trace.session}
          </Link>
        </span>
      )}
      {trace.user === null ? null : (
        <span>
          user{' '}
          <Link href={links.traces(tenant, { user: trace.user })} className={link}>
            {trace.user}
          </Link>
        </span>
      )}
      <Instant at={trace.startedAt} />
      <span>{formatDuration(Date.parse(trace.endedAt) - Date.parse(trace.startedAt))}</span>
      <span>{formatCounted(trace.events, 'event')}</span>
      <span>{formatCounted(trace.toolCalls, 'tool call')}</span>
      <TraceMarks alerts={trace.alerts} errors={trace.errors} hasUntrusted={trace.hasUntrusted} />
    </div>
  );
}

function missingFacts(
  mayReadBodies: boolean,
  facts: ReturnType<typeof useTraceData>['facts'],
): string | null {
  if (!mayReadBodies) {
    return 'Data touched, tokens and origins stand in payloads, which are hidden for your role.';
  }
  if (facts.isError)
    return `Data and tokens could not be loaded. ${readProblem(facts.error).sentence}`;
  return facts.isPending ? 'Data and tokens are still loading.' : null;
}

/** The page of one trace. */
export function TraceScreen(props: {
  readonly tenant: string;
  readonly traceId: string;
  readonly mayReadBodies: boolean;
  readonly eventsMax: number;
}) {
  const { tenant, traceId } = props;
  const [{ panel }] = useQueryStates(traceParsers);
  const { summary, events, tree, facts, factsById, alerts } = useTraceData(
    traceId,
    props.mayReadBodies && panel === 'state',
  );
  const control = useTraceControl(traceId, summary.data);
  const title = summary.data?.title ?? `Trace ${traceId.slice(0, 8)}`;
  return (
    <PageFrame
      title={<UntrustedInline text={title} charsMax={140} />}
      breadcrumbs={[{ label: 'Traces', href: links.traces(tenant) }]}
      isFlush
    >
      {summary.data ? <TraceStrip tenant={tenant} trace={summary.data} /> : null}
      {events.data?.isCut === true ? (
        <Banner tone="warn">
          This trace has more than {formatCounted(props.eventsMax, 'event')}; the earliest are
          shown.
        </Banner>
      ) : null}
      {tree === null ? (
        <TraceLoading query={events} />
      ) : tree.nodes.length === 0 ? (
        <EmptyState title="No such trace">
          No event of this trace is stored in this tenant. It may have been trimmed, or the address
          may be of another tenant.
        </EmptyState>
      ) : (
        <TraceView
          tenant={tenant}
          tree={tree}
          facts={factsById}
          alerts={alerts}
          missing={missingFacts(props.mayReadBodies, facts)}
          control={control}
        />
      )}
    </PageFrame>
  );
}

function TraceLoading({ query }: { readonly query: ReturnType<typeof useTraceData>['events'] }) {
  if (!query.isError) return <SkeletonRows count={20} label="Loading the trace" />;
  return <LoadFailure noun="trace" query={query} />;
}
