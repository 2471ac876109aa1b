'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { AlertDetailView } from './alert-detail.tsx';
import { commentFieldId } from './comment-form.tsx';
import type { Triage } from './use-triage.tsx';

interface AlertPaneProps {
  readonly tenant: string;
  readonly alertId: string;
  readonly triage: Triage;
  /** While several are selected, the keys mean those. */
  readonly hasSelection: boolean;
  readonly noteCharsMax: number;
  readonly onClose: () => void;
}

function OpenAlert(props: AlertPaneProps) {
  const { tenant, alertId, triage } = props;
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.get.queryOptions({ id: alertId }));
  const alert = query.data;
  const those = alert === undefined || props.hasSelection ? [] : [alert];
  useShortcuts({
    e: () => triage.advance(those),
    s: () => triage.ask('set-aside', those),
    m: () => triage.ask('assign', those),
    c: () => document.getElementById(commentFieldId)?.focus(),
    Escape: props.onClose,
  });
  if (alert === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the alert" />;
    return <LoadFailure noun="alert" query={query} onClose={props.onClose} />;
  }
  return (
    <AlertDetailView
      tenant={tenant}
      alert={alert}
      triage={triage}
      noteCharsMax={props.noteCharsMax}
      onClose={props.onClose}
    />
  );
}

/** The right side of the inbox: the open alert, or a word on how to open one. */
export function AlertPane(
  props: Omit<AlertPaneProps, 'alertId'> & { readonly alertId: string | null },
) {
  const { alertId } = props;
  if (alertId === null) {
    return <NothingChosen noun="alert" keyHint="Select several with x." />;
  }
  return <OpenAlert {...props} alertId={alertId} key={alertId} />;
}
