'use client';

import { MousePointerClick } from 'lucide-react';
import dynamic from 'next/dynamic';
import type { Alert } from '#server/detection/contract.ts';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';

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
    return (
      <EmptyState icon={<MousePointerClick />} title="No event chosen">
        Choose one on the left, or press j. Space plays the trace back.
      </EmptyState>
    );
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
