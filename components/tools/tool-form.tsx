'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tool } from '#server/agents/contract.ts';
import { effectClasses, gradeMeanings } from '#server/agents/states/contract.ts';
import { readToolNames } from '../keys/read-tool-names.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { useToast } from '../ui/toast.tsx';
import { effectWords } from './effect-words.ts';

const facts = [
  { name: 'reversibility', label: 'Can it be undone?' },
  { name: 'sensitivity', label: 'How sensitive is what it touches?' },
  { name: 'blastRadius', label: 'Whom does it reach?' },
] as const;

/** A tool that nobody has described yet starts as the worst of each. */
const blank = {
  name: '',
  description: '',
  reversibility: 4,
  sensitivity: 4,
  blastRadius: 4,
  effectClass: 'money' as const,
  loadBearingFields: null,
  argumentSchema: null,
  isGoverned: false,
};
type Draft = Omit<Tool, 'id' | 'origin' | 'updatedAt'>;

const loadSchema = () =>
  import('#server/agents/contract.ts').then((contract) => contract.toolInput);

/** Describes a new tool (`tool` null) or changes what is said of one. */
export function ToolForm(props: { readonly tool: Tool | null; readonly onClose: () => void }) {
  const { tool, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState<Draft>(tool ?? blank);
  const [fields, setFields] = useState((tool?.loadBearingFields ?? []).join(', '));
  const names = readToolNames(fields);
  const form = useCheckedForm(loadSchema, {
    ...draft,
    loadBearingFields: names.length === 0 ? null : names,
  });
  const { errors } = form;
  const onSuccess = async () => {
    toast.done(`${draft.name} was ${tool === null ? 'added' : 'changed'}`);
    onClose();
    await queryClient.invalidateQueries({ queryKey: trpc.tools.pathKey() });
  };
  const add = useMutation(trpc.tools.add.mutationOptions({ onSuccess }));
  const change = useMutation(trpc.tools.change.mutationOptions({ onSuccess }));
  const submit = async () => {
    const wanted = await form.take();
    if (wanted === null) return;
    const { name, ...rest } = wanted;
    if (tool === null) add.mutate({ name, ...rest });
    else change.mutate({ id: tool.id, ...rest });
  };
  return (
    <FormDialog
      title={tool === null ? 'Describe a tool' : 'Change the tool'}
      description={tool?.name ?? 'A tool that is not in the table counts as the worst of each.'}
      deed={tool === null ? 'Add the tool' : 'Change the tool'}
      isOpen
      onOpenChange={onClose}
      isBusy={add.isPending || change.isPending}
      error={add.error ?? change.error}
      onSubmit={() => void submit()}
    >
      {tool === null ? (
        <Field label="Name" hint="Exactly as agents call it." error={errors['name'] ?? null}>
          <Input
            className="font-mono"
            spellCheck={false}
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          />
        </Field>
      ) : null}
      <Field label="What it does" error={errors['description'] ?? null}>
        <Input
          value={draft.description}
          onChange={(event) => setDraft({ ...draft, description: event.target.value })}
        />
      </Field>
      <Field label="Effect" hint={effectWords[draft.effectClass].means}>
        <Select
          value={draft.effectClass}
          options={effectClasses.map((value) => ({ value, label: effectWords[value].word }))}
          onChange={(effectClass) => setDraft({ ...draft, effectClass })}
        />
      </Field>
      {facts.map((fact) => (
        <Field key={fact.name} label={fact.label}>
          <Select
            value={String(draft[fact.name])}
            options={gradeMeanings[fact.name].map((meaning, grade) => ({
              value: String(grade),
              label: `${grade} – ${meaning}`,
            }))}
            onChange={(grade) => setDraft({ ...draft, [fact.name]: Number(grade) })}
          />
        </Field>
      ))}
      <Field
        label="Arguments that an approval binds"
        hint="Names separated by commas; empty means all of them."
        error={errors['loadBearingFields'] ?? null}
      >
        <Input
          className="font-mono"
          spellCheck={false}
          value={fields}
          onChange={(event) => setFields(event.target.value)}
        />
      </Field>
      <Field
        label="JSON Schema of its arguments"
        hint="Version 2020-12. A call that does not fit is refused before anybody decides, and defaults are filled in. Empty: arguments are not checked."
        error={errors['argumentSchema'] ?? null}
      >
        <Textarea
          className="font-mono"
          spellCheck={false}
          rows={5}
          value={draft.argumentSchema ?? ''}
          onChange={(event) =>
            setDraft({
              ...draft,
              argumentSchema: event.target.value.trim() === '' ? null : event.target.value,
            })
          }
        />
      </Field>
      <GovernedChoice
        isGoverned={draft.isGoverned}
        onChange={(isGoverned) => setDraft({ ...draft, isGoverned })}
      />
    </FormDialog>
  );
}

/** Whether every call of the tool has to be asked for. */
function GovernedChoice(props: {
  readonly isGoverned: boolean;
  readonly onChange: (isGoverned: boolean) => void;
}) {
  return (
    <div className="flex flex-col gap-1.5">
      <Checkbox isChecked={props.isGoverned} onChange={props.onChange}>
        Governed: every call needs a redeemed permit
      </Checkbox>
      <p className="text-xs text-ink-faint">
        A call without one raises an alert, whoever makes it. Without the tick this holds only for
        agents that have asked for this tool before, and for tools that an enforcer key is bound to.
      </p>
    </div>
  );
}
