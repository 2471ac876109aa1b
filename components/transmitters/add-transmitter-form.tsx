'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { useToast } from '../ui/toast.tsx';

const loadSchema = () =>
  import('#server/notifications/receive/contract.ts').then(
    (contract) => contract.transmitterInputSchema,
  );

interface Draft {
  readonly name: string;
  readonly issuer: string;
  readonly from: 'pasted' | 'fetched';
  readonly keys: string;
  readonly keysUrl: string;
}
const blank: Draft = { name: '', issuer: '', from: 'fetched', keys: '', keysUrl: '' };
const sources = [
  { value: 'fetched', label: 'From its address' },
  { value: 'pasted', label: 'Pasted here' },
] as const;

/** Registers a system whose security events are believed. */
export function AddTransmitterForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const form = useCheckedForm(loadSchema, { ...draft, keysUrl: draft.keysUrl.trim() });
  const { errors } = form;
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const add = useMutation(
    trpc.transmitters.add.mutationOptions({
      onSuccess: async () => {
        toast.done(`${draft.name.trim()} was added`, 'Give it the address that its line shows.');
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.transmitters.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) add.mutate(wanted);
  };
  return (
    <FormDialog
      title="Add a transmitter"
      description="Whoever signs with its keys can sign people and agents out, and have credentials revoked."
      deed="Add the transmitter"
      isOpen
      onOpenChange={onClose}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={() => void submit()}
    >
      <Field label="Name" error={errors['name'] ?? null}>
        <Input
          autoComplete="off"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field
        label="Issuer"
        hint="What its tokens have in iss, to the letter."
        error={errors['issuer'] ?? null}
      >
        <Input
          className="font-mono"
          autoComplete="off"
          spellCheck={false}
          value={draft.issuer}
          onChange={(event) => change({ issuer: event.target.value })}
        />
      </Field>
      <Field label="Its public keys">
        <Select value={draft.from} options={sources} onChange={(from) => change({ from })} />
      </Field>
      {draft.from === 'fetched' ? (
        <Field
          label="Address of its keys"
          hint="Its jwks_uri. Asked when an event comes, and kept for ten minutes."
          error={errors['keysUrl'] ?? null}
        >
          <Input
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
            value={draft.keysUrl}
            onChange={(event) => change({ keysUrl: event.target.value })}
          />
        </Field>
      ) : (
        <Field
          label="Key set"
          hint='Public keys as JSON, such as {"keys":[…]}. Nothing is fetched then.'
          error={errors['keys'] ?? null}
        >
          <Textarea
            className="font-mono"
            spellCheck={false}
            rows={6}
            value={draft.keys}
            onChange={(event) => change({ keys: event.target.value })}
          />
        </Field>
      )}
    </FormDialog>
  );
}
