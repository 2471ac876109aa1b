'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MintedCanary } from '#server/guard/contract.ts';
import { type PlantedForm, plantedForms } from '#server/guard/states/contract.ts';
import { readToolNames } from '../keys/read-tool-names.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/checkbox.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { plantedWords } from './canary-words.ts';

const loadSchema = () => import('#server/guard/contract.ts').then((contract) => contract.mintInput);

/** What is to be copied into the document; each is looked for from now on. */
function PlantedTexts(props: {
  readonly document: string;
  readonly minted: readonly MintedCanary[];
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      isOpen
      onOpenChange={props.onClose}
      title="Plant these"
      description={`Copy each into ${props.document}. They are looked for from now on, and stay in the list.`}
      footer={
        <Button look="primary" onClick={props.onClose}>
          Done
        </Button>
      }
    >
      <ul className="flex flex-col gap-3">
        {props.minted.map(({ id, form, text }) => (
          <li key={id} className="flex flex-col gap-1">
            <span className="text-sm font-medium">{plantedWords[form]}</span>
            <span className="flex items-center gap-1.5">
              <code className="min-w-0 flex-1 rounded bg-sunken px-2 py-1.5 text-xs break-all">
                {text}
              </code>
              <CopyButton text={text} label={`Copy: ${plantedWords[form]}`} />
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Makes canaries for one document and shows what to plant. */
export function MintCanariesForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [document, setDocument] = useState('');
  const [homes, setHomes] = useState('');
  const [forms, setForms] = useState<readonly PlantedForm[]>(['text', 'credential']);
  const form = useCheckedForm(loadSchema, { document, forms, homes: readToolNames(homes) });
  const mint = useMutation(
    trpc.canaries.mint.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.canaries.pathKey() }),
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) mint.mutate(wanted);
  };
  const toggle = (one: PlantedForm, isWanted: boolean) =>
    setForms(plantedForms.filter((name) => (name === one ? isWanted : forms.includes(name))));
  if (mint.data !== undefined) {
    return <PlantedTexts document={document} minted={mint.data.items} onClose={onClose} />;
  }
  return (
    <FormDialog
      title="Mint canaries for a document"
      description="Made-up texts that belong to this document alone: where one turns up tells what leaked."
      deed="Mint them"
      isOpen
      onOpenChange={onClose}
      isBusy={mint.isPending}
      error={mint.error}
      onSubmit={() => void submit()}
    >
      <Field
        label="Document"
        hint="A file, page, mailbox or table that they are planted in."
        error={form.errors['document'] ?? null}
      >
        <Input
          autoComplete="off"
          value={document}
          onChange={(event) => setDocument(event.target.value)}
        />
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium">Forms</legend>
        {plantedForms.map((one) => (
          <Checkbox
            key={one}
            isChecked={forms.includes(one)}
            onChange={(isChecked) => toggle(one, isChecked)}
          >
            {plantedWords[one]}
          </Checkbox>
        ))}
        {form.errors['forms'] === undefined ? null : (
          <p role="alert" className="text-sm text-critical">
            {form.errors['forms']}
          </p>
        )}
      </fieldset>
      <Field
        label="Homes"
        hint="Tools or resources where they may be seen, separated by commas or lines; empty means nowhere."
        error={form.errors['homes'] ?? null}
      >
        <Textarea value={homes} onChange={(event) => setHomes(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
