'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { useToast } from '../ui/toast.tsx';

/**
 * Acknowledging and resolving. What is shown afterwards is what the server says: the lists are asked
 * again, and a refusal (somebody was quicker) is told with its reason.
 */
export function useAlertActions(onResolved: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
  const onError = (error: unknown) => {
    toast.failed('Not done', readProblem(error).sentence);
    void refresh();
  };
  const acknowledge = useMutation(
    trpc.alerts.acknowledge.mutationOptions({ onSuccess: refresh, onError }),
  );
  const resolve = useMutation(
    trpc.alerts.resolve.mutationOptions({
      onSuccess: async () => {
        toast.done('Alert resolved');
        onResolved();
        await refresh();
      },
      onError,
    }),
  );
  return { acknowledge, resolve };
}
