'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type CredentialKind, credentialKinds } from '#server/credentials/states/contract.ts';
import { readToolNames } from '../keys/read-tool-names.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { useToast } from '../ui/toast.tsx';
import { adapterWords, kindWords } from './credential-words.ts';

const blank = {
  name: '',
  tool: '',
  kind: 'api_key' as CredentialKind,
  secret: '',
  scopes: '',
  holders: '',
  providerId: '',
  externalRef: '',
  ownerUserId: '',
  parentId: '',
  endsAt: '',
  isActionRequired: false,
};
type Draft = typeof blank;

/** Credentials that one may be made from, by name, as many as a list of choices bears. */
const parentsOffered = 100;

const loadSchema = () =>
  import('#server/credentials/contract.ts').then((contract) => contract.addCredentialInput);

const textOrNull = (text: string) => (text.trim() === '' ? null : text.trim());

/** Brings a credential into the broker. What is typed as the secret is sent once and never comes back. */
export function AddCredentialForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const { endsAt, ...rest } = draft;
  const form = useCheckedForm(loadSchema, {
    ...rest,
    name: draft.name.trim(),
    tool: draft.tool.trim(),
    scopes: draft.scopes.split(/[\s,]+/).filter((scope) => scope !== ''),
    holders: readToolNames(draft.holders),
    providerId: textOrNull(draft.providerId),
    externalRef: textOrNull(draft.externalRef),
    ownerUserId: textOrNull(draft.ownerUserId),
    parentId: textOrNull(draft.parentId),
    expiresAt: endsAt === '' ? null : `${endsAt}T23:59:59Z`,
  });
  const add = useMutation(
    trpc.credentials.add.mutationOptions({
      onSuccess: async () => {
        toast.done(`${draft.name} was sealed`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.credentials.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) add.mutate(wanted);
  };
  return (
    <FormDialog
      title="Add a credential"
      description="Agents get leases of it, never the secret itself."
      deed="Seal it"
      isOpen
      onOpenChange={onClose}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={() => void submit()}
    >
      <CredentialFields
        draft={draft}
        errors={form.errors}
        onChange={(change) => setDraft({ ...draft, ...change })}
      />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly errors: Readonly<Record<string, string | undefined>>;
  readonly onChange: (change: Partial<Draft>) => void;
}

function CredentialFields({ draft, errors, onChange }: FieldsProps) {
  const text = (name: 'name' | 'tool' | 'scopes' | 'holders' | 'externalRef') => ({
    autoComplete: 'off',
    spellCheck: false,
    value: draft[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      onChange({ [name]: event.target.value }),
  });
  return (
    <>
      <Field label="Name" hint="What people call it." error={errors['name'] ?? null}>
        <Input {...text('name')} />
      </Field>
      <Field label="Tool" hint="Exactly as agents call it." error={errors['tool'] ?? null}>
        <Input className="font-mono" {...text('tool')} />
      </Field>
      <Field label="Kind">
        <Select
          value={draft.kind}
          options={credentialKinds.map((value) => ({ value, label: kindWords[value] }))}
          onChange={(kind) => onChange({ kind })}
        />
      </Field>
      <Field
        label="Secret"
        hint="Sealed at once, and shown to nobody."
        error={errors['secret'] ?? null}
      >
        <Input
          type="password"
          autoComplete="off"
          value={draft.secret}
          onChange={(event) => onChange({ secret: event.target.value })}
        />
      </Field>
      <Field
        label="Scopes"
        hint="What leases may be for, separated by blanks."
        error={errors['scopes'] ?? null}
      >
        <Input className="font-mono" {...text('scopes')} />
      </Field>
      <Field
        label="Holders"
        hint="Agents that may take leases, separated by commas; empty means nobody."
        error={errors['holders'] ?? null}
      >
        <Input {...text('holders')} />
      </Field>
      <OriginChoices draft={draft} errors={errors} onChange={onChange} />
      <Field
        label="Its name there"
        hint="For a Vault lease, the lease id. Not secret."
        error={errors['externalRef'] ?? null}
      >
        <Input className="font-mono" {...text('externalRef')} />
      </Field>
      <Field
        label="Last day"
        hint="When it ends by itself at its tool, in UTC; empty means never, or unknown."
        error={errors['expiresAt'] ?? null}
      >
        <Input
          type="date"
          value={draft.endsAt}
          onChange={(event) => onChange({ endsAt: event.target.value })}
        />
      </Field>
      <Checkbox
        isChecked={draft.isActionRequired}
        onChange={(isActionRequired) => onChange({ isActionRequired })}
      >
        Leases only for an action that holds a permit
      </Checkbox>
    </>
  );
}

/** Who answers for it, where it was made, and from what. */
function OriginChoices({ draft, errors, onChange }: FieldsProps) {
  const trpc = useTRPC();
  const people = useQuery(trpc.people.list.queryOptions({})).data?.items ?? [];
  const providers = useQuery(trpc.credentials.providers.queryOptions()).data ?? [];
  const parents = useQuery(trpc.credentials.list.queryOptions({ limit: parentsOffered })).data;
  return (
    <>
      <Field
        label="Owner"
        hint="Who answers for it when something is wrong."
        error={errors['ownerUserId'] ?? null}
      >
        <Select
          value={draft.ownerUserId}
          options={[
            { value: '', label: 'nobody' },
            ...people.map(({ userId, email }) => ({ value: userId, label: email })),
          ]}
          onChange={(ownerUserId) => onChange({ ownerUserId })}
        />
      </Field>
      <Field
        label="Provider"
        hint="Where it was made, and is revoked."
        error={errors['providerId'] ?? null}
      >
        <Select
          value={draft.providerId}
          options={[
            { value: '', label: 'not known' },
            ...providers.map(({ id, name, adapter }) => ({
              value: id,
              label: `${name}, ${adapterWords[adapter]}`,
            })),
          ]}
          onChange={(providerId) => onChange({ providerId })}
        />
      </Field>
      <Field
        label="Made from"
        hint="It dies with this one: a refresh token, an account."
        error={errors['parentId'] ?? null}
      >
        <Select
          value={draft.parentId}
          options={[
            { value: '', label: 'nothing that is here' },
            ...(parents?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(parentId) => onChange({ parentId })}
        />
      </Field>
    </>
  );
}
