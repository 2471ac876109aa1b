'use client';

import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { classNames } from './class-names.ts';
import { IconButton } from './icon-button.tsx';
import { useToast } from './toast.tsx';

/** Copies `text` and shows a tick until the pointer or the focus leaves. */
export function CopyButton(props: {
  readonly text: string;
  readonly label?: string;
  readonly className?: string;
}) {
  const [isCopied, setIsCopied] = useState(false);
  const toast = useToast();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      setIsCopied(true);
    } catch {
      // Browsers refuse the clipboard on plain http; the text is still there to select.
      toast.failed('Not copied', 'The browser refused. Select the text and copy it by hand.');
    }
  };
  const reset = () => setIsCopied(false);
  return (
    <IconButton
      label={isCopied ? 'Copied' : (props.label ?? 'Copy')}
      size="sm"
      {...(props.className === undefined ? {} : { className: props.className })}
      onClick={() => void copy()}
      onPointerLeave={reset}
      onBlur={reset}
    >
      {isCopied ? <Check className="text-ok" /> : <Copy />}
    </IconButton>
  );
}

/**
 * An identifier: mono, never wrapped in the middle, copied whole. `shown` may be a shorter form,
 * such as its last eight characters; the whole stands in the title and goes to the clipboard.
 */
export function CopyableId(props: {
  readonly id: string;
  readonly shown?: string;
  readonly label?: string;
  readonly className?: string;
}) {
  return (
    <span className={classNames('inline-flex max-w-full items-center gap-0.5', props.className)}>
      <code title={props.id} className="truncate text-xs text-ink-muted">
        {props.shown ?? props.id}
      </code>
      <CopyButton text={props.id} label={props.label ?? 'Copy id'} />
    </span>
  );
}
