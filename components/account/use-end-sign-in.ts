import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { useToast } from '../ui/toast.tsx';

/**
 * Ends one of one's own sign-ins. When it was this browser's own, the list that is asked for next is
 * refused, and the page leaves for the sign-in page by itself.
 */
export function useEndSignIn() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.signIns.pathKey() });
  return useMutation(
    trpc.signIns.end.mutationOptions({
      onSuccess: refresh,
      onError: (error) => {
        toast.failed('Not ended', readProblem(error).sentence);
        void refresh();
      },
    }),
  );
}
