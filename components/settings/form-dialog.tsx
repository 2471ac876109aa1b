'use client';

import type { ReactNode } from 'react';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

/**
 * A form in a dialog: the safe way out first, the deed last, the server's refusal above the buttons.
 * Closing is refused by nobody; what was typed is gone then.
 */
export function FormDialog(props: {
  readonly title: string;
  readonly description?: ReactNode;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  /** The deed in a word or two, and how it looks. */
  readonly deed: string;
  readonly look?: 'primary' | 'danger';
  readonly isBusy: boolean;
  /** What the last attempt threw; null before one and after a success. */
  readonly error: unknown;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}) {
  const problem = props.error === null ? null : readProblem(props.error);
  const formId = `form-${props.title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return (
    <Dialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={props.title}
      {...(props.description === undefined ? {} : { description: props.description })}
      footer={
        <>
          <Button look="quiet" onClick={() => props.onOpenChange(false)}>
            Cancel
          </Button>
          <Button type="submit" form={formId} look={props.look ?? 'primary'} isBusy={props.isBusy}>
            {props.deed}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit();
        }}
      >
        {props.children}
        {problem === null ? null : (
          <p role="alert" className="text-sm text-critical">
            {problem.sentence}
          </p>
        )}
      </form>
    </Dialog>
  );
}
