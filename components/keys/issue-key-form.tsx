'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreatedKey } from '#server/auth/contract.ts';
import { type KeyKind, keyKindMeanings, keyKinds } from '#server/auth/states/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { readToolNames } from './read-tool-names.ts';

const lives = [
  { value: 'forever', label: 'Until it is revoked', seconds: null },
  { value: 'hour', label: 'An hour', seconds: 3600 },
  { value: 'month', label: '30 days', seconds: 30 * 86_400 },
  { value: 'year', label: 'A year', seconds: 365 * 86_400 },
] as const;
type Life = (typeof lives)[number]['value'];

interface Draft {
  readonly kind: KeyKind;
  readonly name: string;
  readonly agent: string;
  readonly tools: string;
  readonly life: Life;
}
const blank: Draft = { kind: 'agent', name: '', agent: '', tools: '', life: 'forever' };

const wishOf = (draft: Draft) => ({
  kind: draft.kind,
  name: draft.name,
  agent: draft.kind === 'agent' ? draft.agent.trim() : null,
  tools: draft.kind === 'enforcer' ? readToolNames(draft.tools) : [],
  lifeSeconds: lives.find((life) => life.value === draft.life)?.seconds ?? null,
});

const loadSchema = () =>
  import('#server/agents/contract.ts').then((contract) => contract.issueKeyInput);

/** Asks for a new key; `onIssued` gets it, the only time that it can be seen. */
export function IssueKeyForm(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onIssued: (key: CreatedKey) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(blank);
  const form = useCheckedForm(loadSchema, wishOf(draft));
  const { errors } = form;
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const close = (isOpen: boolean) => {
    if (!isOpen) {
      setDraft(blank);
      form.reset();
      issue.reset();
    }
    props.onOpenChange(isOpen);
  };
  const issue = useMutation(
    trpc.keys.issue.mutationOptions({
      onSuccess: async (key) => {
        close(false);
        props.onIssued(key);
        await queryClient.invalidateQueries({ queryKey: trpc.keys.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wish = await form.take();
    if (wish !== null) issue.mutate(wish);
  };
  return (
    <FormDialog
      title="Create a key"
      deed="Create the key"
      isOpen={props.isOpen}
      onOpenChange={close}
      isBusy={issue.isPending}
      error={issue.error}
      onSubmit={() => void submit()}
    >
      <Field label="Kind" hint={keyKindMeanings[draft.kind]}>
        <Select
          value={draft.kind}
          options={keyKinds.map((kind) => ({ value: kind, label: kind }))}
          onChange={(kind) => change({ kind })}
        />
      </Field>
      {draft.kind === 'agent' ? (
        <Field
          label="Agent"
          hint="Its short name, such as billing-bot. It is registered when there is none yet."
          error={errors['agent'] ?? null}
        >
          <Input
            className="font-mono"
            spellCheck={false}
            value={draft.agent}
            onChange={(event) => change({ agent: event.target.value })}
          />
        </Field>
      ) : null}
      {draft.kind === 'enforcer' ? (
        <Field
          label="Tools"
          hint="The tools that it guards, separated by commas or lines."
          error={errors['tools'] ?? null}
        >
          <Textarea
            value={draft.tools}
            onChange={(event) => change({ tools: event.target.value })}
          />
        </Field>
      ) : null}
      <Field
        label="Name"
        hint="Where it is used, for whoever finds it in the list a year from now."
        error={errors['name'] ?? null}
      >
        <Input
          autoComplete="off"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field label="Lives">
        <Select value={draft.life} options={[...lives]} onChange={(life) => change({ life })} />
      </Field>
    </FormDialog>
  );
}
