'use client';

import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';

/** A question to the agent; its answer is shown as the agent's own words. */
export function AskForm(props: {
  readonly charsMax: number;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onAsk: (text: string) => void;
}) {
  const [text, setText] = useState('');
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : props.onClose())}
      title="Ask the agent"
      description="The request goes on waiting. What the agent answers is a claim, not evidence."
      footer={
        <>
          <Button look="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            look="primary"
            isBusy={props.isBusy}
            disabledReason={text.trim() === '' ? 'Write the question.' : null}
            onClick={() => props.onAsk(text)}
          >
            Ask
          </Button>
        </>
      }
    >
      <Field label="Question">
        <Textarea
          value={text}
          maxLength={props.charsMax}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}
