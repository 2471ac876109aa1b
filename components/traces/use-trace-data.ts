'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Alert } from '#server/detection/contract.ts';
import { decodeTraceEvents, decodeTraceFacts } from '#server/telemetry/wire/contract.ts';
import type { TraceFact } from '#server/telemetry/traces/contract.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { useTRPC } from '../trpc/client.ts';
import { buildTraceTree } from './prepare-trace-tree.ts';
import { useAssembled } from './use-assembled.ts';

/** At most so often an open trace is read again while it grows. */
const refetchMs = 2000;
/** More alerts than this on one trace are not looked for; the list of alerts has them. */
const alertsMax = 200;

const noFacts: ReadonlyMap<string, TraceFact> = new Map();
const noAlerts: readonly Alert[] = [];

/**
 * Everything that the page of one trace draws: its line, its tree, what its payloads say, and its
 * alerts. Grows live while events of the trace come in.
 * @param wantsFacts false while nobody looks at the state, or may: they are the slow part
 */
export function useTraceData(traceId: string, wantsFacts: boolean) {
  const trpc = useTRPC();
  const input = { traceId };
  const summary = useQuery(trpc.traces.get.queryOptions(input));
  const events = useQuery(trpc.traces.events.queryOptions(input));
  const facts = useQuery(trpc.traces.facts.queryOptions(input, { enabled: wantsFacts }));
  const alerts = useQuery(trpc.alerts.list.queryOptions({ traceId, limit: alertsMax }));
  useLiveRefetch({
    concerns: (batch) =>
      batch.eventsSkipped > 0 ||
      batch.alerts.length > 0 ||
      batch.events.some((event) => event.traceId === traceId),
    queryKeys: [
      trpc.traces.events.queryKey(input),
      trpc.traces.facts.queryKey(input),
      trpc.alerts.list.queryKey({ traceId, limit: alertsMax }),
    ],
    periodMs: refetchMs,
  });
  // The line of the trace follows the assembler, a moment behind its events.
  useAssembled([trpc.traces.get.queryKey(input)], refetchMs);
  const tree = useMemo(
    () => (events.data ? buildTraceTree(decodeTraceEvents(events.data.rows)) : null),
    [events.data],
  );
  const factsById = useMemo(
    () =>
      facts.data
        ? new Map(decodeTraceFacts(facts.data.facts).map((fact) => [fact.eventId, fact]))
        : noFacts,
    [facts.data],
  );
  return { summary, events, tree, facts, factsById, alerts: alerts.data?.items ?? noAlerts };
}
