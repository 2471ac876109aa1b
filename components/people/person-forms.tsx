'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Person, Role } from '#server/auth/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { useToast } from '../ui/toast.tsx';
import { RoleChoice } from './role-choice.tsx';

const loadSchema = () =>
  import('#server/auth/contract.ts').then((contract) => contract.changeRolesInput);

interface PersonFormProps {
  readonly person: Person;
  readonly onClose: () => void;
}

/** What both forms do after the server agreed: say so, close, and ask for the list again. */
function useAfterChange(onClose: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  return async (told: string) => {
    toast.done(told);
    onClose();
    await queryClient.invalidateQueries({ queryKey: trpc.people.pathKey() });
  };
}

/** Gives a person other roles, effective at that person's next call. */
export function ChangeRolesForm({ person, onClose }: PersonFormProps) {
  const trpc = useTRPC();
  const afterChange = useAfterChange(onClose);
  const [roles, setRoles] = useState<readonly Role[]>(person.roles);
  const form = useCheckedForm(loadSchema, { userId: person.userId, roles });
  const change = useMutation(
    trpc.people.changeRoles.mutationOptions({
      onSuccess: () => afterChange(`The roles of ${person.email} were changed`),
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) change.mutate(wanted);
  };
  return (
    <FormDialog
      title="Change roles"
      description={`${person.name}, ${person.email}. Counts from their next click on.`}
      deed="Change the roles"
      isOpen
      onOpenChange={onClose}
      isBusy={change.isPending}
      error={change.error}
      onSubmit={() => void submit()}
    >
      <RoleChoice chosen={roles} error={form.errors['roles'] ?? null} onChange={setRoles} />
    </FormDialog>
  );
}

/** Takes a person out of the tenant. What they did stays in the audit log. */
export function RemovePersonForm({ person, onClose }: PersonFormProps) {
  const trpc = useTRPC();
  const afterChange = useAfterChange(onClose);
  const remove = useMutation(
    trpc.people.remove.mutationOptions({
      onSuccess: () => afterChange(`${person.email} was removed`),
    }),
  );
  return (
    <FormDialog
      title="Remove the person"
      description={`${person.name}, ${person.email}`}
      deed="Remove the person"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ userId: person.userId })}
    >
      <p className="text-sm text-pretty">
        They lose this tenant at their next click, and open streams end within seconds. Whoever is
        in no other tenant is signed out everywhere. What they did stays in the audit log.
      </p>
    </FormDialog>
  );
}
