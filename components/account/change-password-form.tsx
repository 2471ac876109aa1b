'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { SectionHead } from '../settings/section-head.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { useToast } from '../ui/toast.tsx';

const blank = { currentPassword: '', newPassword: '' };

const loadSchema = () =>
  import('#server/auth/contract.ts').then((contract) => contract.changePasswordInput);

/** Changes one's own password; every other sign-in of one's own ends with it. */
export function ChangePasswordForm() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(blank);
  const form = useCheckedForm(loadSchema, draft);
  const { errors } = form;
  const change = useMutation(
    trpc.auth.changePassword.mutationOptions({
      onSuccess: async () => {
        toast.done('Your password was changed', 'Your other sign-ins have ended.');
        setDraft(blank);
        form.reset();
        await queryClient.invalidateQueries({ queryKey: trpc.signIns.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) change.mutate(wanted);
  };
  return (
    <>
      <SectionHead title="Password">
        At least twelve characters; a few words are better than odd signs. Changing it ends your
        other sign-ins.
      </SectionHead>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        className="flex max-w-96 flex-col gap-4 px-4 py-5"
      >
        <Field label="Current password" error={errors['currentPassword'] ?? null}>
          <Input
            type="password"
            autoComplete="current-password"
            value={draft.currentPassword}
            onChange={(event) => setDraft({ ...draft, currentPassword: event.target.value })}
          />
        </Field>
        <Field label="New password" error={errors['newPassword'] ?? null}>
          <Input
            type="password"
            autoComplete="new-password"
            value={draft.newPassword}
            onChange={(event) => setDraft({ ...draft, newPassword: event.target.value })}
          />
        </Field>
        {change.isError ? (
          <p role="alert" className="text-sm text-critical">
            {readProblem(change.error).sentence}
          </p>
        ) : null}
        <Button type="submit" look="primary" isBusy={change.isPending} className="self-start">
          Change the password
        </Button>
      </form>
    </>
  );
}
