'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Alert } from '#server/detection/contract.ts';
import type { EventDetail } from '#server/telemetry/traces/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Badge } from '../ui/badge.tsx';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { AlertLinks } from './alert-links.tsx';
import { DeepFindingLine } from './deep-finding.tsx';
import { EventFacts } from './event-facts.tsx';
import { EventPayload } from './event-payload.tsx';
import { flagSentences } from './flag-sentences.ts';
import { KindIcon, kindLooks } from './kind-looks.tsx';

function Revisions(props: {
  readonly event: EventDetail;
  readonly onChoose: (revision: number) => void;
}) {
  const { event } = props;
  if (event.revisions.length < 2) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5 text-xs text-ink-muted">
      Told {event.revisions.length} times:
      {event.revisions.map(({ revision }) => (
        <Button
          key={revision}
          size="sm"
          look={revision === event.revision ? 'primary' : 'plain'}
          aria-pressed={revision === event.revision}
          onClick={() => props.onChoose(revision)}
        >
          {revision === 0 ? 'first' : `revision ${revision}`}
        </Button>
      ))}
    </div>
  );
}

function EventHeading({ event }: { readonly event: EventDetail }) {
  return (
    <h2 className="flex min-w-0 flex-wrap items-center gap-2 text-md font-semibold">
      <KindIcon kind={event.kind} />
      {kindLooks[event.kind].word}
      {event.name === null ? null : <UntrustedInline text={event.name} charsMax={160} />}
      {event.status === 'error' ? <Badge tone="danger">failed</Badge> : null}
      {event.phase === null ? null : <Badge>{event.phase}</Badge>}
    </h2>
  );
}

/** One event with its full payload and the alerts that stand on it. */
export function OpenEvent(props: {
  readonly tenant: string;
  readonly eventId: string;
  readonly alerts: readonly Alert[];
}) {
  const trpc = useTRPC();
  const [revision, setRevision] = useState<number | null>(null);
  const query = useQuery(trpc.traces.event.queryOptions({ eventId: props.eventId, revision }));
  const event = query.data;
  if (event === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the event" />;
    return <LoadFailure noun="event" query={query} />;
  }
  return (
    <article className="flex flex-col gap-4 p-4">
      <EventHeading event={event} />
      {event.flags.map((flag) => (
        <Banner key={flag} tone="warn" className="rounded border">
          {flagSentences[flag]}
        </Banner>
      ))}
      <Revisions event={event} onChoose={setRevision} />
      <AlertLinks tenant={props.tenant} alerts={props.alerts} />
      {event.trust === 'untrusted' && event.body.state === 'shown' ? (
        <DeepFindingLine eventId={event.id} revision={event.revision} />
      ) : null}
      <EventPayload event={event} />
      <section className="flex flex-col gap-1.5">
        <h3 className="text-xs font-medium text-ink-muted">About this event</h3>
        <EventFacts tenant={props.tenant} event={event} />
      </section>
    </article>
  );
}
