'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { StopDetail } from '#server/containment/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';
import { useToast } from '../ui/toast.tsx';
import { openPointsSentence } from './recovery-words.ts';
import type { LiftRules } from './stop-lifts.tsx';

function useLift(onDone: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation(
    trpc.stops.lift.mutationOptions({
      onSuccess: (answer) => {
        if (answer.missing === 0) toast.done('Stop lifted');
        else toast.done('Lift asked for', 'It takes somebody else now.');
        onDone();
      },
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.stops.pathKey() }),
    }),
  );
}

/** Why it is safe again, and the lift. */
export function LiftForm(props: {
  readonly stop: StopDetail;
  readonly rules: LiftRules;
  readonly deed: string;
  readonly onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const lift = useLift(props.onClose);
  const openPoints = openPointsSentence(props.stop.checks);
  return (
    <FormDialog
      title={props.deed}
      description="What was refused may be asked for again. Nothing starts again by itself."
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      deed={props.deed}
      isBusy={lift.isPending}
      error={lift.error}
      onSubmit={() => {
        if (reason.trim() === '') setIsMissing(true);
        else lift.mutate({ id: props.stop.id, reason: reason.trim() });
      }}
    >
      {openPoints === null ? null : (
        <p className="rounded border border-medium/45 bg-medium/10 px-3 py-2 text-sm">
          {openPoints}
        </p>
      )}
      <Field
        label="Why it is safe again"
        hint="Kept with the stop and in the audit log."
        error={isMissing ? 'Say why; whoever reads the log will ask.' : null}
      >
        <Textarea
          value={reason}
          maxLength={props.rules.reasonCharsMax}
          onChange={(event) => {
            setReason(event.target.value);
            setIsMissing(false);
          }}
        />
      </Field>
    </FormDialog>
  );
}
