'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { useToast } from '../ui/toast.tsx';

/** Marks an agent for drills, or takes it out of them. */
export function useMarkForDrills() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation(
    trpc.agents.change.mutationOptions({
      onError: (error) => toast.failed('The agent was not changed', readProblem(error).sentence),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.drills.pathKey() }),
    }),
  );
}
