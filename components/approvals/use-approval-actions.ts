'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { useToast } from '../ui/toast.tsx';

/**
 * Voting, editing and asking. What is shown afterwards is what the server says: a refusal (decided elsewhere,
 * a stop, a wrong password) is told with its reason, and everything is read again.
 */
export function useApprovalActions(onDecided: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.approvals.pathKey() });
  const onError = (error: unknown) => {
    toast.failed('Not done', readProblem(error).sentence);
    void refresh();
  };
  const vote = useMutation(
    trpc.approvals.vote.mutationOptions({
      onSuccess: async (answer, { verdict }) => {
        const missing = answer.missing > 0 && verdict === 'approve';
        toast.done(
          verdict === 'deny' ? 'Denied' : missing ? 'Your approval counts' : 'Approved',
          missing ? `${answer.missing} more needed.` : undefined,
        );
        onDecided();
        await refresh();
      },
      onError,
    }),
  );
  const ask = useMutation(
    trpc.approvals.ask.mutationOptions({
      onSuccess: async () => {
        toast.done('Asked', 'The agent is told; its answer appears here.');
        await refresh();
      },
      onError,
    }),
  );
  const edit = useMutation(
    trpc.actions.edit.mutationOptions({
      onSuccess: async ({ missing }) => {
        toast.done(
          missing > 0 ? 'Edited, and your approval counts' : 'Edited and approved',
          missing > 0 ? `${missing} more needed.` : undefined,
        );
        onDecided();
        await refresh();
      },
      onError,
    }),
  );
  return { vote, ask, edit };
}
