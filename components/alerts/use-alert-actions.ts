'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { StepsTaken } from '#server/detection/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { useToast } from '../ui/toast.tsx';

/** What was done, as its toast and whoever waits for it know it. */
export type AlertDeed =
  | 'acknowledged'
  | 'resolved'
  | 'snoozed'
  | 'archived'
  | 'brought back'
  | 'assigned';

/** Deeds after which the next alert should be opened. */
export const leavesInbox: Readonly<Record<AlertDeed, boolean>> = {
  acknowledged: false,
  resolved: true,
  snoozed: true,
  archived: true,
  'brought back': false,
  assigned: false,
};

/**
 * Everything that people do with alerts. What is shown afterwards is what the server says: the lists
 * are asked again, alerts that somebody was quicker with are told with the reason, and what was done
 * can be taken back from where it is told. `onDone` hears of what was done.
 */
export function useAlertActions(onDone: (deed: AlertDeed, taken: StepsTaken) => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
  const onError = (error: unknown) => {
    toast.failed('Not done', readProblem(error).sentence);
    void refresh();
  };
  const undo = useMutation(
    trpc.alerts.undo.mutationOptions({
      onSuccess: async (taken) => {
        if (taken.done.length > 0) {
          toast.done(`Taken back for ${formatCounted(taken.done.length, 'alert')}`);
        }
        tellRefused(taken);
        await refresh();
      },
      onError,
    }),
  );
  const tellRefused = ({ refused }: StepsTaken) => {
    const [first] = refused;
    if (first === undefined) return;
    const rest = refused.length - 1;
    toast.failed(
      `${formatCounted(refused.length, 'alert')} left as before`,
      rest === 0 ? first.reason : `${first.reason} And ${rest} more.`,
    );
  };
  const told = (deed: AlertDeed) => ({
    onSuccess: async (taken: StepsTaken) => {
      tellRefused(taken);
      const { batch, done } = taken;
      if (done.length > 0) {
        const what = done.length === 1 ? 'Alert' : formatCounted(done.length, 'alert');
        toast.done(`${what} ${deed}`, undefined, {
          label: 'Undo',
          onPress: () => undo.mutate({ batch }),
        });
        onDone(deed, taken);
      }
      await refresh();
    },
    onError,
  });
  const quiet = { onSuccess: refresh, onError };
  return {
    acknowledge: useMutation(trpc.alerts.acknowledge.mutationOptions(told('acknowledged'))),
    resolve: useMutation(trpc.alerts.resolve.mutationOptions(told('resolved'))),
    snooze: useMutation(trpc.alerts.snooze.mutationOptions(told('snoozed'))),
    archive: useMutation(trpc.alerts.archive.mutationOptions(told('archived'))),
    bringBack: useMutation(trpc.alerts.return.mutationOptions(told('brought back'))),
    assign: useMutation(trpc.alerts.assign.mutationOptions(told('assigned'))),
    comment: useMutation(trpc.alerts.comment.mutationOptions(quiet)),
  };
}

export type AlertMutations = ReturnType<typeof useAlertActions>;
