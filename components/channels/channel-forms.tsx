'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Channel } from '#server/notifications/contract.ts';
import {
  type ChannelKind,
  severities,
  type Severity,
} from '#server/notifications/states/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useCheckedForm } from '../settings/use-checked-form.ts';
import { useTRPC } from '../trpc/client.ts';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { severityLooks } from '../ui/severity.tsx';
import { useToast } from '../ui/toast.tsx';
import { type AddedChannel, kindWords } from './channel-words.ts';

const loadSchema = () =>
  import('#server/notifications/contract.ts').then((contract) => contract.channelInputSchema);

interface Draft {
  readonly kind: ChannelKind;
  readonly name: string;
  readonly target: string;
  readonly severityMin: Severity;
}
const blank: Draft = { kind: 'webhook', name: '', target: '', severityMin: 'high' };

const targetFields: Readonly<Record<ChannelKind, { label: string; hint: string }>> = {
  webhook: {
    label: 'Address',
    hint: 'It gets signed JSON by POST (Standard Webhooks). It is kept sealed and not shown again.',
  },
  caep: {
    label: 'Address',
    hint: 'It gets stops from level 2 on, and credentials proven dead, as signed tokens by POST (RFC 8935). It is kept sealed and not shown again.',
  },
  email: { label: 'E-mail', hint: 'Whoever reads it sees titles and agents’ names, no payloads.' },
};

/** Adds a channel; `onAdded` gets the secret of a webhook, the only time that it is shown. */
export function AddChannelForm(props: {
  readonly hasMail: boolean;
  readonly onAdded: (added: AddedChannel) => void;
  readonly onClose: () => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(blank);
  const form = useCheckedForm(loadSchema, { ...draft, target: draft.target.trim() });
  const { errors } = form;
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const add = useMutation(
    trpc.channels.add.mutationOptions({
      onSuccess: async ({ secret }) => {
        props.onAdded({ name: draft.name, secret });
        await queryClient.invalidateQueries({ queryKey: trpc.channels.pathKey() });
      },
    }),
  );
  const submit = async () => {
    const wanted = await form.take();
    if (wanted !== null) add.mutate(wanted);
  };
  const words = targetFields[draft.kind];
  return (
    <FormDialog
      title="Add a channel"
      description={
        draft.kind === 'caep'
          ? 'Stops that stand are told to it at once, and what happens from now on.'
          : 'Alerts that open from now on are sent to it.'
      }
      deed="Add the channel"
      isOpen
      onOpenChange={props.onClose}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={() => void submit()}
    >
      <Field
        label="Kind"
        hint={
          props.hasMail
            ? 'How it is reached.'
            : 'E-mail needs a mail server, which this Signalbox has not (SIGNALBOX_SMTP_URL).'
        }
      >
        <Select
          value={draft.kind}
          options={(['webhook', 'email', 'caep'] as const).map((kind) => ({
            value: kind,
            label: kindWords[kind],
          }))}
          onChange={(kind) => change({ kind })}
        />
      </Field>
      <Field label="Name" hint="Who is reached by it." error={errors['name'] ?? null}>
        <Input
          autoComplete="off"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field label={words.label} hint={words.hint} error={errors['target'] ?? null}>
        <Input
          className="font-mono"
          autoComplete="off"
          spellCheck={false}
          value={draft.target}
          onChange={(event) => change({ target: event.target.value })}
        />
      </Field>
      {draft.kind === 'caep' ? null : (
        <Field label="From severity" hint="Alerts of this severity and graver ones.">
          <Select
            value={draft.severityMin}
            options={severities.map((level) => ({
              value: level,
              label: severityLooks[level].word,
            }))}
            onChange={(severityMin) => change({ severityMin })}
          />
        </Field>
      )}
    </FormDialog>
  );
}

/** The secret of a new webhook, shown this once. */
export function ChannelSecret(props: {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      isOpen
      onOpenChange={props.onClose}
      title="Its signing secret"
      description={`What ${props.name} receives is signed with it.`}
      footer={
        <Button look="primary" onClick={props.onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Banner tone="warn" className="rounded border px-3">
          This is the only time that it is shown.
        </Banner>
        <CodeBlock label="Secret" code={props.secret} />
        <p className="text-sm text-pretty text-ink-muted">
          The receiver checks <code>webhook-signature</code> with it, and finds by{' '}
          <code>webhook-id</code> what it has had before: a message may come twice.
        </p>
      </div>
    </Dialog>
  );
}

/** Stops sending to a channel. */
export function RemoveChannelForm(props: {
  readonly channel: Channel;
  readonly onClose: () => void;
}) {
  const { channel, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation(
    trpc.channels.remove.mutationOptions({
      onSuccess: async () => {
        toast.done(`Nothing is sent to ${channel.name} any more`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.channels.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      title="Remove the channel"
      description={channel.name}
      deed="Remove the channel"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ id: channel.id })}
    >
      <p className="text-sm text-pretty">
        What was still to be sent to it is given up. What it has had stays in the list.
      </p>
    </FormDialog>
  );
}
