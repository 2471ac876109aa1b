'use client';

import { useState } from 'react';
import { alertVerdicts, type AlertVerdict } from '#server/detection/states/contract.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';
import { verdictWords } from './alert-state.tsx';

/** What an alert was, and why: asked before it is closed. Nothing is chosen beforehand. */
export function ResolveForm(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: string;
  readonly noteCharsMax: number;
  readonly isBusy: boolean;
  readonly onResolve: (verdict: AlertVerdict, note: string) => void;
}) {
  const [verdict, setVerdict] = useState<AlertVerdict | null>(null);
  const [note, setNote] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  return (
    <Dialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title="Resolve the alert"
      description={props.title}
      footer={
        <>
          <Button look="quiet" onClick={() => props.onOpenChange(false)}>
            Cancel
          </Button>
          <Button
            look="primary"
            isBusy={props.isBusy}
            onClick={() => {
              if (verdict === null) setIsMissing(true);
              else props.onResolve(verdict, note);
            }}
          >
            Resolve
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <fieldset
          className="flex flex-col gap-1"
          aria-describedby={isMissing ? 'verdict-missing' : undefined}
        >
          <legend className="mb-1.5 text-xs font-medium text-ink-muted">What was it?</legend>
          {alertVerdicts.map((choice) => (
            <label
              key={choice}
              className="grid cursor-pointer grid-cols-[auto_1fr] gap-x-2.5 rounded border border-line px-3 py-2 hover:bg-ink/4 has-checked:border-accent has-checked:bg-accent/8"
            >
              <input
                type="radio"
                name="verdict"
                value={choice}
                checked={verdict === choice}
                onChange={() => {
                  setVerdict(choice);
                  setIsMissing(false);
                }}
                className="mt-0.5 size-4 accent-(--color-accent)"
              />
              <span className="font-medium">{verdictWords[choice].word}</span>
              <span className="col-start-2 text-xs text-ink-muted">
                {verdictWords[choice].means}
              </span>
            </label>
          ))}
          {isMissing ? (
            <p id="verdict-missing" role="alert" className="text-xs text-critical">
              Choose what it was; the rule’s record depends on it.
            </p>
          ) : null}
        </fieldset>
        <Field label="Note" hint="Kept in the alert’s history and in the audit log.">
          <Textarea
            value={note}
            maxLength={props.noteCharsMax}
            onChange={(event) => setNote(event.target.value)}
          />
        </Field>
      </div>
    </Dialog>
  );
}
