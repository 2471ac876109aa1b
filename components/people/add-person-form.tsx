'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '#server/auth/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { useToast } from '../ui/toast.tsx';
import { makePassword } from './make-password.ts';
import { RoleChoice } from './role-choice.tsx';

const blank = { email: '', name: '', password: '', roles: [] as readonly Role[] };

const loadSchema = () =>
  import('#server/auth/contract.ts').then((contract) => contract.addPersonInput);

/** Adds somebody to the tenant with a first password, which is shown here and nowhere later. */
export function AddPersonForm(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const form = useCheckedForm(loadSchema, draft);
  const { errors } = form;
  const close = (isOpen: boolean) => {
    if (!isOpen) {
      setDraft(blank);
      form.reset();
      add.reset();
    }
    props.onOpenChange(isOpen);
  };
  const add = useMutation(
    trpc.people.add.mutationOptions({
      onSuccess: async () => {
        toast.done(`${draft.email} was added`);
        close(false);
        await queryClient.invalidateQueries({ queryKey: trpc.people.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) add.mutate(wanted);
  };
  const fill = () =>
    setDraft({ ...draft, password: makePassword((bytes) => crypto.getRandomValues(bytes)) });
  return (
    <FormDialog
      title="Add a person"
      deed="Add the person"
      isOpen={props.isOpen}
      onOpenChange={close}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={() => void submit()}
    >
      <Field label="E-mail" error={errors['email'] ?? null}>
        <Input
          type="email"
          autoComplete="off"
          value={draft.email}
          onChange={(event) => setDraft({ ...draft, email: event.target.value })}
        />
      </Field>
      <Field label="Name" error={errors['name'] ?? null}>
        <Input
          autoComplete="off"
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <RoleChoice
        chosen={draft.roles}
        error={errors['roles'] ?? null}
        onChange={(roles) => setDraft({ ...draft, roles })}
      />
      <Field
        label="First password"
        hint="Hand it over yourself: it is not shown again. The person can change it under Your account."
        error={errors['password'] ?? null}
      >
        <span className="flex items-center gap-1.5">
          <Input
            autoComplete="new-password"
            spellCheck={false}
            className="font-mono"
            value={draft.password}
            onChange={(event) => setDraft({ ...draft, password: event.target.value })}
          />
          {draft.password === '' ? null : (
            <CopyButton text={draft.password} label="Copy the password" />
          )}
          <Button onClick={fill}>Make one</Button>
        </span>
      </Field>
    </FormDialog>
  );
}
