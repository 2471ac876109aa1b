'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import type { LiveEvent } from '#server/live/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useLiveBatches } from '../live/live-provider.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

/** In case the live stream is down: the list is asked as well. */
const askMs = 5000;

interface Arrival {
  readonly traceId: string;
  readonly eventId: string | null;
  readonly what: string;
  readonly receivedAt: string;
}

function arrivalOf(event: LiveEvent): Arrival {
  return {
    traceId: event.traceId,
    eventId: event.eventId,
    what: event.name ?? event.kind.replaceAll('_', ' '),
    receivedAt: event.receivedAt,
  };
}

/** Waits for the first event of an agent that is received after `since`, and shows it. */
export function FirstEvent(props: {
  readonly tenant: string;
  readonly agent: string;
  readonly since: string;
}) {
  const { tenant, agent, since } = props;
  const trpc = useTRPC();
  const [live, setLive] = useState<Arrival | null>(null);
  useLiveBatches((batch) => {
    const event = batch.events.find((one) => one.agent === agent && one.receivedAt >= since);
    if (event !== undefined) setLive((old) => old ?? arrivalOf(event));
  });
  const asked = useQuery(
    trpc.traces.list.queryOptions(
      { agent, from: since, limit: 1 },
      { refetchInterval: askMs, enabled: live === null },
    ),
  );
  const trace = asked.data?.items[0];
  const listed: Arrival | null =
    trace === undefined
      ? null
      : { traceId: trace.id, eventId: null, what: trace.title, receivedAt: trace.receivedAt };
  const arrival = live ?? listed;
  if (arrival === null) {
    return (
      <output className="flex items-center gap-3 rounded border border-line-strong/60 border-dashed px-4 py-4 text-sm text-ink-muted">
        <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-accent" />
        <span>
          Waiting for the first event of <strong className="font-medium text-ink">{agent}</strong>.
          It is shown here the moment it is stored.
        </span>
      </output>
    );
  }
  const event = arrival.eventId === null ? {} : { event: arrival.eventId };
  return (
    <output className="flex flex-wrap items-center gap-3 rounded border border-ok/45 bg-ok/8 px-4 py-4 text-sm">
      <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />
      <span className="min-w-0 flex-1">
        It works: <UntrustedInline text={arrival.what} charsMax={80} /> came in{' '}
        <RelativeTime at={arrival.receivedAt} />.
      </span>
      <Button look="primary" render={<Link href={links.trace(tenant, arrival.traceId, event)} />}>
        Open its trace
      </Button>
    </output>
  );
}
