'use client';

import { useQuery } from '@tanstack/react-query';
import { MousePointerClick } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../ui/state-panel.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { AlertDetailView } from './alert-detail.tsx';
import { useAlertActions } from './use-alert-actions.ts';

// A form's code comes when somebody is about to send it.
const ResolveForm = dynamic(() =>
  import('./resolve-form.tsx').then((module) => module.ResolveForm),
);

interface AlertPaneProps {
  readonly tenant: string;
  readonly alertId: string;
  readonly refusal: string | null;
  readonly noteCharsMax: number;
  readonly onClose: () => void;
  /** Called after a verdict: the next alert should be opened. */
  readonly onDone: () => void;
}

function OpenAlert(props: AlertPaneProps) {
  const { tenant, alertId, refusal } = props;
  const [isResolving, setIsResolving] = useState(false);
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.get.queryOptions({ id: alertId }));
  const { acknowledge, resolve } = useAlertActions(() => {
    setIsResolving(false);
    props.onDone();
  });
  const alert = query.data;
  useShortcuts({
    e: () => {
      if (alert === undefined || refusal !== null) return;
      if (alert.state === 'open') acknowledge.mutate({ id: alert.id });
      else if (alert.state === 'acknowledged') setIsResolving(true);
    },
    Escape: props.onClose,
  });
  if (alert === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the alert" />;
    const problem = readProblem(query.error);
    return (
      <ErrorState
        title={problem.kind === 'missing' ? 'No such alert' : 'The alert could not be loaded'}
        requestId={problem.requestId}
        action={
          <>
            <Button onClick={() => void query.refetch()}>Try again</Button>
            <Button look="quiet" onClick={props.onClose}>
              Close
            </Button>
          </>
        }
      >
        {problem.sentence}
      </ErrorState>
    );
  }
  return (
    <>
      <AlertDetailView
        tenant={tenant}
        alert={alert}
        actions={{
          onAcknowledge: () => acknowledge.mutate({ id: alert.id }),
          onResolve: () => setIsResolving(true),
          onClose: props.onClose,
          isAcknowledging: acknowledge.isPending,
          refusal,
        }}
      />
      {isResolving ? (
        <ResolveForm
          isOpen
          onOpenChange={setIsResolving}
          title={alert.title}
          noteCharsMax={props.noteCharsMax}
          isBusy={resolve.isPending}
          onResolve={(verdict, note) => resolve.mutate({ id: alert.id, verdict, note })}
        />
      ) : null}
    </>
  );
}

/** The right side of the inbox: the open alert, or a word on how to open one. */
export function AlertPane(
  props: Omit<AlertPaneProps, 'alertId'> & { readonly alertId: string | null },
) {
  const { alertId } = props;
  if (alertId === null) {
    return (
      <EmptyState icon={<MousePointerClick />} title="No alert chosen">
        Choose one on the left, or press j.
      </EmptyState>
    );
  }
  return <OpenAlert {...props} alertId={alertId} key={alertId} />;
}
