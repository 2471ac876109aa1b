'use client';

import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import type { Alert, StepsTaken } from '#server/detection/contract.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { type AlertDeed, type AlertMutations, useAlertActions } from './use-alert-actions.ts';

// A form's code comes when somebody is about to send it.
const ResolveForm = dynamic(() => import('./resolve-form.tsx').then((parts) => parts.ResolveForm), {
  loading: () => null,
});
const SetAsideForm = dynamic(
  () => import('./set-aside-form.tsx').then((parts) => parts.SetAsideForm),
  { loading: () => null },
);
const AssignForm = dynamic(() => import('./assign-form.tsx').then((parts) => parts.AssignForm), {
  loading: () => null,
});

/** The part of an alert that triage goes by. */
export type Triaged = Pick<Alert, 'id' | 'title' | 'state'>;
type Question = 'resolve' | 'set-aside' | 'assign';

export interface Triage {
  /** A sentence when this person may not triage; null when they may. */
  readonly refusal: string | null;
  readonly actions: AlertMutations;
  /** Asks first: as what, until when, whose. */
  readonly ask: (question: Question, alerts: readonly Triaged[]) => void;
  /** Acknowledges those that are open; where none is, asks how to resolve. */
  readonly advance: (alerts: readonly Triaged[]) => void;
  readonly bringBack: (alerts: readonly Triaged[]) => void;
  /** The open question; to be drawn once on the page. */
  readonly dialog: ReactNode;
}

/** What can be done with one alert or with several, by buttons and by keys alike. */
export function useTriage(options: {
  readonly refusal: string | null;
  readonly noteCharsMax: number;
  readonly onDone: (deed: AlertDeed, taken: StepsTaken) => void;
}): Triage {
  const { refusal } = options;
  const [asked, setAsked] = useState<{
    readonly question: Question;
    readonly alerts: readonly Triaged[];
  } | null>(null);
  const close = () => setAsked(null);
  const actions = useAlertActions((deed, taken) => {
    close();
    options.onDone(deed, taken);
  });
  const ask = (question: Question, alerts: readonly Triaged[]) => {
    if (refusal === null && alerts.length > 0) setAsked({ question, alerts });
  };
  const idsOf = (alerts: readonly Triaged[]) => alerts.map((alert) => alert.id);
  return {
    refusal,
    actions,
    ask,
    advance: (alerts) => {
      if (refusal !== null) return;
      const open = alerts.filter((alert) => alert.state === 'open');
      if (open.length > 0) actions.acknowledge.mutate({ ids: idsOf(open) });
      else
        ask(
          'resolve',
          alerts.filter((alert) => alert.state !== 'resolved'),
        );
    },
    bringBack: (alerts) => actions.bringBack.mutate({ ids: idsOf(alerts) }),
    dialog:
      asked === null ? null : (
        <TriageDialog
          {...asked}
          actions={actions}
          noteCharsMax={options.noteCharsMax}
          onClose={close}
        />
      ),
  };
}

function TriageDialog(props: {
  readonly question: Question;
  readonly alerts: readonly Triaged[];
  readonly actions: AlertMutations;
  readonly noteCharsMax: number;
  readonly onClose: () => void;
}) {
  const { actions, alerts, onClose } = props;
  const ids = alerts.map((alert) => alert.id);
  const [only] = alerts;
  const title =
    alerts.length === 1 && only !== undefined ? only.title : formatCounted(alerts.length, 'alert');
  switch (props.question) {
    case 'resolve':
      return (
        <ResolveForm
          isOpen
          onOpenChange={(isOpen) => {
            if (!isOpen) onClose();
          }}
          title={title}
          noteCharsMax={props.noteCharsMax}
          isBusy={actions.resolve.isPending}
          onResolve={(verdict, note) => actions.resolve.mutate({ ids, verdict, note })}
        />
      );
    case 'set-aside':
      return (
        <SetAsideForm
          title={title}
          onClose={onClose}
          onSnooze={(until) => actions.snooze.mutate({ ids, until })}
          onArchive={() => actions.archive.mutate({ ids })}
        />
      );
    case 'assign':
      return (
        <AssignForm
          title={title}
          onClose={onClose}
          onAssign={(assigneeId) => actions.assign.mutate({ ids, assigneeId })}
        />
      );
  }
}
