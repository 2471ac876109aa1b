'use client';

import { type KeyboardEvent, useState } from 'react';
import type { ApprovalDetail } from '#server/approvals/contract.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { useArming } from './use-arming.ts';

export type Verdict = 'approve' | 'deny';

/** Enter never decides, wherever the focus is; Space presses a button on purpose. */
export const refuseEnter = (event: KeyboardEvent) => {
  if (event.key === 'Enter') event.preventDefault();
};

const looks = {
  approve: {
    title: 'Approve once',
    button: 'Approve once',
    means: 'The agent may run exactly this, one time, within two minutes of its permit.',
  },
  deny: {
    title: 'Deny',
    button: 'Deny',
    means: 'The agent is told no, with your reason. One denial decides.',
  },
} as const;

/** The last step before a verdict: what exactly, why, and the password again where the band asks. */
export function DecideForm(props: {
  readonly detail: ApprovalDetail;
  readonly verdict: Verdict;
  /** Masked credentials that were not revealed; said before an approval. */
  readonly masked: number;
  readonly reasonCharsMax: number;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onDecide: (reason: string, password: string | null) => void;
}) {
  const { detail, verdict } = props;
  const look = looks[verdict];
  const isFresh = detail.isFreshSignInNeeded;
  const isReasonNeeded = verdict === 'deny' || isFresh;
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const isArmed = useArming(`${detail.id} ${verdict} ${detail.state} ${detail.approvals}`);
  const missing = missingOf({
    isReasonNeeded,
    isFresh,
    reason,
    password,
    refusal: detail.refusal?.sentence ?? null,
  });
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      title={look.title}
      description={look.means}
      footer={
        <>
          <Button look="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            look={verdict === 'approve' ? 'primary' : 'danger'}
            isBusy={props.isBusy}
            disabledReason={missing ?? (isArmed ? null : 'Just a moment: read it first.')}
            onKeyDown={refuseEnter}
            onClick={() => props.onDecide(reason, isFresh ? password : null)}
          >
            {look.button}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>
          <UntrustedInline text={detail.tool} /> for {detail.agent}, fingerprint{' '}
          <code className="font-mono font-semibold">{detail.fingerprint}</code>
          {verdict === 'approve' && detail.needs > 1
            ? `. Yours is ${detail.approvals + 1} of ${detail.needs}.`
            : null}
        </p>
        {verdict === 'approve' && props.masked > 0 ? (
          <p className="text-sm text-high">
            {props.masked} credential{props.masked === 1 ? '' : 's'} in it you have not revealed.
          </p>
        ) : null}
        <Field
          label={isReasonNeeded ? 'Reason' : 'Reason (if you like)'}
          hint={verdict === 'deny' ? 'The agent reads it.' : 'Kept with your vote.'}
        >
          <Textarea
            value={reason}
            maxLength={props.reasonCharsMax}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        {isFresh ? (
          <Field label="Your password, again" hint="High and critical actions ask for it.">
            <Input
              type="password"
              autoComplete="current-password"
              value={password}
              onKeyDown={refuseEnter}
              onChange={(event) => setPassword(event.target.value)}
            />
          </Field>
        ) : null}
      </div>
    </Dialog>
  );
}

/** What is still missing, as a sentence; null when nothing is. */
function missingOf(given: {
  readonly isReasonNeeded: boolean;
  readonly isFresh: boolean;
  readonly reason: string;
  readonly password: string;
  readonly refusal: string | null;
}): string | null {
  if (given.refusal !== null) return given.refusal;
  if (given.isReasonNeeded && given.reason.trim() === '') return 'Give a reason.';
  if (given.isFresh && given.password === '') return 'Enter your password again.';
  return null;
}
