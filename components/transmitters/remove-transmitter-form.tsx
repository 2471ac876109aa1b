'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Transmitter } from '#server/notifications/receive/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { useToast } from '../ui/toast.tsx';

/** Believes a transmitter no more. */
export function RemoveTransmitterForm(props: {
  readonly transmitter: Transmitter;
  readonly onClose: () => void;
}) {
  const { transmitter, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation(
    trpc.transmitters.remove.mutationOptions({
      onSuccess: async () => {
        toast.done(`${transmitter.name} is refused from now on`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.transmitters.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      title="Remove the transmitter"
      description={transmitter.name}
      deed="Remove the transmitter"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ id: transmitter.id })}
    >
      <p className="text-sm text-pretty">
        What it pushes is refused from now on. What it told stays in the list, and what was done
        about it stays done.
      </p>
    </FormDialog>
  );
}
