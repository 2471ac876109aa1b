'use client';

import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';

/** Where `c` goes. */
export const commentFieldId = 'alert-comment';

/** Words for colleagues, kept in the alert's history. Ctrl or ⌘ with Enter sends them. */
export function CommentForm(props: {
  readonly noteCharsMax: number;
  readonly refusal: string | null;
  readonly isBusy: boolean;
  readonly onComment: (text: string, onKept: () => void) => void;
}) {
  const [text, setText] = useState('');
  const isEmpty = text.trim() === '';
  const send = () => {
    if (!isEmpty && !props.isBusy) props.onComment(text, () => setText(''));
  };
  if (props.refusal !== null) return null;
  return (
    <div className="mb-4 flex flex-col gap-2">
      <Field label="Comment">
        <Textarea
          id={commentFieldId}
          value={text}
          maxLength={props.noteCharsMax}
          className="min-h-14"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </Field>
      <span>
        <Button size="sm" isBusy={props.isBusy} disabled={isEmpty} onClick={send}>
          Comment
        </Button>
      </span>
    </div>
  );
}
