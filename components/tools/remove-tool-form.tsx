'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Tool } from '#server/agents/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { useToast } from '../ui/toast.tsx';

/** Takes a tool out of the table, which makes it unknown. */
export function RemoveToolForm(props: { readonly tool: Tool; readonly onClose: () => void }) {
  const { tool, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation(
    trpc.tools.remove.mutationOptions({
      onSuccess: async () => {
        toast.done(`${tool.name} was removed`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.tools.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      title="Remove the tool"
      description={tool.name}
      deed="Remove the tool"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ id: tool.id })}
    >
      <p className="text-sm text-pretty">
        Nothing stops agents from calling it: it becomes an unknown tool, which counts as the worst
        of each until somebody describes it again.
      </p>
    </FormDialog>
  );
}
