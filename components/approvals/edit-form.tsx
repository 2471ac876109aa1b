'use client';

import { useMemo, useState } from 'react';
import type { ApprovalDetail, OpenedArguments } from '#server/approvals/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { ArgumentPath } from './argument-table.tsx';
import { refuseEnter } from './decide-form.tsx';
import { editableText, type PreparedEdit, prepareEdit } from './prepare-edit.ts';
import { useArming } from './use-arming.ts';

const valueChars = 400;

/** What an editor has to have done before the edit can be approved; null when nothing is missing. */
function missingOf(given: {
  readonly refusal: string | null;
  readonly prepared: PreparedEdit;
  readonly reason: string;
  readonly password: string;
}): string | null {
  const { prepared } = given;
  if (given.refusal !== null) return given.refusal;
  if (prepared.kind === 'invalid') return prepared.sentence;
  if (prepared.changed.length + prepared.removed.length === 0) return 'Nothing is changed yet.';
  if (given.reason.trim() === '') return 'Give a reason.';
  return given.password === '' ? 'Enter your password.' : null;
}

/** Leaf by leaf, what the text would make of the call; in words that cannot be mistaken for the text. */
function Changes({ prepared }: { readonly prepared: PreparedEdit }) {
  if (prepared.kind === 'invalid') {
    return <p className="text-sm text-high">{prepared.sentence}</p>;
  }
  const { changed, removed } = prepared;
  if (changed.length + removed.length === 0) {
    return <p className="text-sm text-ink-muted">Nothing is changed yet.</p>;
  }
  return (
    <ul
      aria-label="What you change"
      // Long edits are read by keyboard too.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="flex max-h-48 flex-col gap-1.5 overflow-y-auto rounded border border-line p-2 text-xs"
    >
      {changed.map((row) => (
        <li key={row.pointer} className="flex flex-wrap items-baseline gap-x-2">
          <ArgumentPath row={row} />
          {row.before === null ? (
            <Badge tone="warn">new</Badge>
          ) : (
            <UntrustedInline
              text={row.before.text}
              charsMax={valueChars}
              className="line-through"
            />
          )}
          <span className="text-ink-muted">becomes</span>
          <UntrustedInline text={row.text} charsMax={valueChars} />
        </li>
      ))}
      {removed.map((row) => (
        <li key={row.pointer} className="flex flex-wrap items-baseline gap-x-2">
          <ArgumentPath row={row} />
          <UntrustedInline text={row.text} charsMax={valueChars} className="line-through" />
          <span className="text-ink-muted">is left out</span>
        </li>
      ))}
    </ul>
  );
}

/** Changes the arguments and approves what came of it; what was asked for is kept beside it. */
export function EditForm(props: {
  readonly detail: ApprovalDetail;
  readonly opened: OpenedArguments;
  readonly reasonCharsMax: number;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onEdit: (edit: { args: string; reason: string; password: string }) => void;
}) {
  const { detail, opened } = props;
  const [args, setArgs] = useState(() => editableText(opened.canonical));
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const prepared = useMemo(() => prepareEdit(args, opened.canonical), [args, opened.canonical]);
  const isArmed = useArming(`${detail.id} ${detail.state} ${detail.digest} ${args}`);
  const isStale = opened.digest !== detail.digest;
  const refusal = isStale
    ? 'The request changed; open it again.'
    : (detail.refusal?.sentence ?? null);
  const missing = missingOf({ refusal, prepared, reason, password });
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      title="Edit and approve"
      description="The agent gets a permit for your arguments, never for its own. The risk is counted anew, votes on the original no longer count, and the original is kept."
      footer={
        <>
          <Button look="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            look="primary"
            isBusy={props.isBusy}
            disabledReason={missing ?? (isArmed ? null : 'Just a moment: read it first.')}
            onKeyDown={refuseEnter}
            onClick={() => props.onEdit({ args, reason, password })}
          >
            Approve the edit
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field
          label="Arguments"
          hint={
            opened.masked.length === 0
              ? 'All of them, as JSON. Characters that cannot be seen are written as \\u escapes.'
              : 'All of them, as JSON. Leave a text with a masked credential as it is, or replace the whole of it.'
          }
        >
          <Textarea
            className="font-mono text-xs"
            spellCheck={false}
            rows={10}
            value={args}
            onChange={(event) => setArgs(event.target.value)}
          />
        </Field>
        <Changes prepared={prepared} />
        <Field label="Reason" hint="Kept with the edit and your vote.">
          <Textarea
            value={reason}
            maxLength={props.reasonCharsMax}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <Field label="Your password, again" hint="The words are yours now.">
          <Input
            type="password"
            autoComplete="current-password"
            value={password}
            onKeyDown={refuseEnter}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
      </div>
    </Dialog>
  );
}
