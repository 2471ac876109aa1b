'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';
import { useContainmentRules } from './containment-rules.tsx';

/** Releases a contained agent, with the reason for it. */
export function ReleaseForm(props: {
  readonly id: string;
  readonly agent: string;
  readonly onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { reasonCharsMax } = useContainmentRules();
  const [reason, setReason] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const release = useMutation(
    trpc.containments.release.mutationOptions({
      onSuccess: props.onClose,
      onSettled: async () => {
        for (const queryKey of [
          trpc.containments.pathKey(),
          trpc.stops.pathKey(),
          trpc.agents.pathKey(),
        ]) {
          await queryClient.invalidateQueries({ queryKey });
        }
      },
    }),
  );
  return (
    <FormDialog
      title="Release the agent"
      description={`${props.agent} is active again if it was before, and the stop that was placed for it is lifted. What was revoked stays revoked.`}
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      deed="Release"
      isBusy={release.isPending}
      error={release.error}
      onSubmit={() => {
        if (reason.trim() === '') setIsMissing(true);
        else release.mutate({ id: props.id, reason: reason.trim() });
      }}
    >
      <Field
        label="Why it is safe again"
        hint="Kept in the audit log."
        error={isMissing ? 'Say why; whoever reads the log will ask.' : null}
      >
        <Textarea
          value={reason}
          maxLength={reasonCharsMax}
          onChange={(event) => {
            setReason(event.target.value);
            setIsMissing(false);
          }}
        />
      </Field>
    </FormDialog>
  );
}
