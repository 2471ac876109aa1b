import { useMutation, useQueryClient } from '@tanstack/react-query';
import { readProblem } from '../trpc/read-problem.ts';
import { useTRPC } from '../trpc/client.ts';
import { useToast } from '../ui/toast.tsx';

/** Tests of channels and deliveries sent again; lists are asked for anew after each. */
export function useChannelActions() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const onError = (error: unknown) => toast.failed('Nothing was sent', readProblem(error).sentence);
  const onSettled = () => queryClient.invalidateQueries({ queryKey: trpc.channels.pathKey() });
  const test = useMutation(
    trpc.channels.test.mutationOptions({
      onError,
      onSettled,
      onSuccess: () => toast.done('A test is on its way', 'Its delivery below says how it goes.'),
    }),
  );
  const retry = useMutation(
    trpc.channels.retry.mutationOptions({
      onError,
      onSettled,
      onSuccess: () => toast.done('It is sent again'),
    }),
  );
  return { test, retry };
}
