'use client';

import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { controlLook } from '../ui/control-look.ts';

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
      {/* The browser's own field: the library's would weigh on a page that everybody opens. */}
      <label htmlFor={commentFieldId} className="text-xs font-medium text-ink-muted">
        Comment
      </label>
      <textarea
        id={commentFieldId}
        value={text}
        maxLength={props.noteCharsMax}
        className={classNames(controlLook, 'min-h-14 resize-y px-2.5 py-1.5')}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <span>
        <Button size="sm" isBusy={props.isBusy} disabled={isEmpty} onClick={send}>
          Comment
        </Button>
      </span>
    </div>
  );
}
