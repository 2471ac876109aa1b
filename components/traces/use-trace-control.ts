'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { TraceActions } from '#server/actions/contract.ts';
import type { Stop } from '#server/gate/contract.ts';
import type { LiveBatch } from '#server/live/contract.ts';
import type { TraceSummary } from '#server/telemetry/traces/contract.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { isMember } from '../stops/suggest-scope.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { type TracedAction, type TracedStop } from './prepare-control.ts';

/** What Signalbox decided, granted and stopped in a trace; `problem` says why it is not known. */
export interface TraceControl {
  readonly actions: readonly TracedAction[];
  readonly stops: readonly TracedStop[];
  readonly problem: string | null;
}

/** The latest stops are looked through for those that concern a trace. */
const stopsMax = 100;
const refetchMs = 1_000;

const usOf = (at: string): number => Math.round(Date.parse(at) * 1000);
const usOrNull = (at: string | null): number | null => (at === null ? null : usOf(at));

/** Whether a stop concerns anything of a trace: its agents, their environments, its session, a tool. */
function concerns(
  stop: Stop,
  trace: Pick<TraceSummary, 'agents' | 'session' | 'tools'>,
  actions: readonly TracedAction[],
): boolean {
  const { kind, id, label } = stop.scope;
  switch (kind) {
    case 'tree':
      return (
        trace.agents.includes(label) ||
        actions.some((action) => isMember(stop.scope, action.agentId))
      );
    case 'tenant':
      return true;
    case 'agent':
      return trace.agents.includes(label);
    case 'session':
      return trace.session === id;
    case 'tool':
      return trace.tools.includes(id) || actions.some((action) => action.tool === id);
    case 'environment':
      return actions.some((action) => action.environment === id);
    case 'credential':
      return false;
  }
}

function tracedStop(stop: Stop): TracedStop {
  return {
    id: stop.id,
    scope: stop.scope,
    placedBy: stop.placedBy,
    placedAtUs: usOf(stop.placedAt),
    acknowledgedAtUs: usOrNull(stop.acknowledgedAt),
    liftedAtUs: usOrNull(stop.liftedAt),
  };
}

/** Allowed actions make no signal of their own: an event of the trace tells that it moves on. */
const isControl = (traceId: string) => (batch: LiveBatch) =>
  batch.control.length > 0 || batch.events.some((event) => event.traceId === traceId);

function tracedAction(action: TraceActions['items'][number]): TracedAction {
  return {
    ...action,
    decidedAtUs: usOf(action.decidedAt),
    resolved:
      action.resolved === null
        ? null
        : { state: action.resolved.state, atUs: usOf(action.resolved.at) },
    permits: action.permits.map((permit) => ({
      issuedAtUs: usOf(permit.issuedAt),
      expiresAtUs: usOf(permit.expiresAt),
      redeemedAtUs: usOrNull(permit.redeemedAt),
    })),
    outcome:
      action.outcome === null
        ? null
        : { status: action.outcome.status, atUs: usOf(action.outcome.at) },
  };
}

/**
 * Decisions, permits, redeems and outcomes of a trace's actions, and the stops that concerned it.
 * `trace` undefined: its line is not known yet.
 */
export function useTraceControl(traceId: string, trace: TraceSummary | undefined): TraceControl {
  const trpc = useTRPC();
  const asked = useQuery(trpc.actions.ofTrace.queryOptions({ traceId }));
  const listed = useQuery(trpc.stops.list.queryOptions({ limit: stopsMax }));
  const [queryKeys] = useState(() => [trpc.stops.list.pathKey(), trpc.actions.pathKey()]);
  useLiveRefetch({ concerns: isControl(traceId), queryKeys, periodMs: refetchMs });
  const actions = useMemo(() => (asked.data?.items ?? []).map(tracedAction), [asked.data]);
  const stops = useMemo(
    () =>
      trace === undefined
        ? []
        : (listed.data?.items ?? [])
            .filter((stop) => concerns(stop, trace, actions))
            .map(tracedStop),
    [listed.data, trace, actions],
  );
  const failed = asked.error ?? listed.error;
  const problem = failed === null ? null : readProblem(failed).sentence;
  return useMemo(() => ({ actions, stops, problem }), [actions, stops, problem]);
}
