'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProviderAdapter } from '#server/credentials/states/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { useToast } from '../ui/toast.tsx';
import { adapterWords } from './credential-words.ts';

const blank = {
  name: '',
  adapter: 'oauth' as ProviderAdapter,
  address: '',
  probe: '',
  who: '',
  secret: '',
};
type Draft = typeof blank;

/** What each adapter calls its address, its probe, its caller and its secret; null: it has none. */
const words: Readonly<
  Record<
    ProviderAdapter,
    {
      readonly address: string;
      readonly probe: string | null;
      readonly who: string | null;
      readonly secret: string;
      readonly note: string;
    }
  >
> = {
  oauth: {
    address: 'Revocation endpoint',
    probe: 'Introspection endpoint',
    who: 'Client id',
    secret: 'Client secret',
    note: 'Without introspection nothing can be proven there.',
  },
  vault: {
    address: 'Address',
    probe: null,
    who: 'Namespace, if any',
    secret: 'Token',
    note: 'By the published lease API; tested against a stub of it, not against the product.',
  },
  webhook: {
    address: 'URL',
    probe: 'Probe URL',
    who: null,
    secret: 'Signing secret',
    note: 'Without a probe nothing can be proven there.',
  },
};

const loadSchema = () =>
  import('#server/credentials/contract.ts').then((contract) => contract.addProviderInput);

function settingsOf({ adapter, address, probe, who }: Draft) {
  const [url, probeUrl, caller] = [address, probe, who].map((text) => text.trim());
  const orNull = (text: string | undefined) => (text === '' ? null : text);
  switch (adapter) {
    case 'oauth':
      return { adapter, revokeUrl: url, introspectUrl: orNull(probeUrl), clientId: caller };
    case 'vault':
      return { adapter, address: url, namespace: orNull(caller) };
    case 'webhook':
      return { adapter, url, probeUrl: orNull(probeUrl) };
  }
}

/** Names a place where credentials are made and can be revoked. */
export function AddProviderForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const { name, secret, adapter } = draft;
  const form = useCheckedForm(loadSchema, {
    name: name.trim(),
    secret,
    settings: settingsOf(draft),
  });
  const add = useMutation(
    trpc.credentials.addProvider.mutationOptions({
      onSuccess: async () => {
        toast.done(`${name} was added`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.credentials.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) add.mutate(wanted);
  };
  const said = words[adapter];
  const settingsError =
    Object.entries(form.errors).find(([field]) => field.startsWith('settings'))?.[1] ?? null;
  return (
    <FormDialog
      title="Add a provider"
      description={said.note}
      deed="Add the provider"
      isOpen
      onOpenChange={onClose}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={() => void submit()}
    >
      <Field label="Name" error={form.errors['name'] ?? null}>
        <Input
          autoComplete="off"
          value={name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <Field label="Spoken to by">
        <Select
          value={adapter}
          options={(['oauth', 'vault', 'webhook'] as const).map((value) => ({
            value,
            label: adapterWords[value],
          }))}
          onChange={(chosen) => setDraft({ ...draft, adapter: chosen })}
        />
      </Field>
      <Field label={said.address} error={settingsError}>
        <Input
          className="font-mono"
          spellCheck={false}
          value={draft.address}
          onChange={(event) => setDraft({ ...draft, address: event.target.value })}
        />
      </Field>
      {said.probe === null ? null : (
        <Field label={said.probe}>
          <Input
            className="font-mono"
            spellCheck={false}
            value={draft.probe}
            onChange={(event) => setDraft({ ...draft, probe: event.target.value })}
          />
        </Field>
      )}
      {said.who === null ? null : (
        <Field label={said.who}>
          <Input
            autoComplete="off"
            value={draft.who}
            onChange={(event) => setDraft({ ...draft, who: event.target.value })}
          />
        </Field>
      )}
      <Field
        label={said.secret}
        hint="Sealed at once, and shown to nobody."
        error={form.errors['secret'] ?? null}
      >
        <Input
          type="password"
          autoComplete="off"
          value={secret}
          onChange={(event) => setDraft({ ...draft, secret: event.target.value })}
        />
      </Field>
    </FormDialog>
  );
}
