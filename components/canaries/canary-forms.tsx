'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Canary } from '#server/guard/contract.ts';
import { readToolNames } from '../keys/read-tool-names.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { useToast } from '../ui/toast.tsx';
import { makeMarker } from './make-marker.ts';

const blank = { name: '', marker: '', homes: '' };

const loadSchema = () =>
  import('#server/guard/contract.ts').then((contract) => contract.canaryInput);

/** Registers a planted text. */
export function RegisterCanaryForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const form = useCheckedForm(loadSchema, { ...draft, homes: readToolNames(draft.homes) });
  const { errors } = form;
  const register = useMutation(
    trpc.canaries.register.mutationOptions({
      onSuccess: async () => {
        toast.done(`${draft.name} is looked for from now on`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.canaries.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) register.mutate(wanted);
  };
  return (
    <FormDialog
      title="Register a canary"
      description="A text of your own making that has no business anywhere but at its home."
      deed="Register it"
      isOpen
      onOpenChange={onClose}
      isBusy={register.isPending}
      error={register.error}
      onSubmit={() => void submit()}
    >
      <Field label="Name" hint="What it stands for." error={errors['name'] ?? null}>
        <Input
          autoComplete="off"
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <Field
        label="Marker"
        hint="The planted text itself. It is stored as it is: never take a real secret."
        error={errors['marker'] ?? null}
      >
        <span className="flex items-center gap-1.5">
          <Input
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
            value={draft.marker}
            onChange={(event) => setDraft({ ...draft, marker: event.target.value })}
          />
          <Button
            onClick={() =>
              setDraft({ ...draft, marker: makeMarker((bytes) => crypto.getRandomValues(bytes)) })
            }
          >
            Make one
          </Button>
        </span>
      </Field>
      <Field
        label="Homes"
        hint="Tools or resources where it may be seen, separated by commas or lines; empty means nowhere."
        error={errors['homes'] ?? null}
      >
        <Textarea
          value={draft.homes}
          onChange={(event) => setDraft({ ...draft, homes: event.target.value })}
        />
      </Field>
    </FormDialog>
  );
}

/** Stops looking for a planted text. */
export function RemoveCanaryForm(props: { readonly canary: Canary; readonly onClose: () => void }) {
  const { canary, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation(
    trpc.canaries.remove.mutationOptions({
      onSuccess: async () => {
        toast.done(`${canary.name} is no longer looked for`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.canaries.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      title="Remove the canary"
      description={canary.name}
      deed="Remove the canary"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ id: canary.id })}
    >
      <p className="text-sm text-pretty">
        A leak of its text will not be noticed any more. Alerts that it raised stay.
      </p>
    </FormDialog>
  );
}
