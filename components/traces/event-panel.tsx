'use client';

import dynamic from 'next/dynamic';
import type { Alert } from '#server/detection/contract.ts';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

// What draws a payload comes when the first event is chosen: the rows are what a trace opens with.
const OpenEvent = dynamic(() => import('./open-event.tsx').then((module) => module.OpenEvent), {
  loading: () => <SkeletonRows count={8} label="Loading the event" />,
});

/** The chosen event with its full payload, or a word on how to choose one. */
export function EventPanel(props: {
  readonly tenant: string;
  readonly eventId: string | null;
  readonly alerts: readonly Alert[];
}) {
  const { eventId, alerts } = props;
  if (eventId === null) {
    return <NothingChosen noun="event" keyHint="Space plays the trace back." />;
  }
  return (
    <OpenEvent
      key={eventId}
      tenant={props.tenant}
      eventId={eventId}
      alerts={alerts.filter((alert) => alert.eventIds.includes(eventId))}
    />
  );
}
