'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { useToast } from '../ui/toast.tsx';

/** The verbs of the workbench; what is shown afterwards is what the server says. */
export function useWorkbench(tenant: string, ruleId: string | null) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const router = useRouter();
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.rules.pathKey() });
  const told = (done: string) => ({
    onSuccess: async () => {
      await refresh();
      toast.done(done);
    },
    onError: (error: unknown) => {
      toast.failed('Not done', readProblem(error).sentence);
      void refresh();
    },
  });
  const rule = useQuery({
    ...trpc.rules.get.queryOptions({ id: ruleId ?? '' }),
    enabled: ruleId !== null,
  });
  return {
    rule,
    vocabulary: useQuery(trpc.rules.vocabulary.queryOptions()).data,
    create: useMutation(
      trpc.rules.create.mutationOptions({
        ...told('Saved as a draft'),
        onSuccess: async ({ id }) => {
          await refresh();
          toast.done('Saved as a draft');
          router.replace(links.workbench(tenant, { rule: id }));
        },
      }),
    ),
    propose: useMutation(trpc.rules.propose.mutationOptions(told('Saved as a draft'))),
    shadow: useMutation(trpc.rules.shadow.mutationOptions(told('Done'))),
    approve: useMutation(trpc.rules.approve.mutationOptions(told('The rule is on'))),
    discard: useMutation(trpc.rules.discard.mutationOptions(told('Discarded'))),
  };
}
