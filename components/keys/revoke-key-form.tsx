'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { KeyRow } from '#server/auth/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { useToast } from '../ui/toast.tsx';

/** Revokes a key for good. */
export function RevokeKeyForm(props: { readonly row: KeyRow; readonly onClose: () => void }) {
  const { row, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const revoke = useMutation(
    trpc.keys.revoke.mutationOptions({
      onSuccess: async ({ isChanged }) => {
        toast.done(isChanged ? `${row.name} was revoked` : `${row.name} was revoked already`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.keys.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      title="Revoke the key"
      description={row.name}
      deed="Revoke the key"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={revoke.isPending}
      error={revoke.error}
      onSubmit={() => revoke.mutate({ id: row.id })}
    >
      <p className="text-sm text-pretty">
        Whoever uses it is refused within a second, on every machine. It cannot be brought back;
        create another one instead.
      </p>
    </FormDialog>
  );
}
