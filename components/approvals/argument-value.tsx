'use client';

import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { cutUntrustedText } from '../ui/split-untrusted-text.ts';
import { UntrustedTokens } from '../ui/untrusted-text.tsx';
import { type ArgumentRow, shownAtOnce } from './prepare-arguments.ts';

const stepLines = 2000;
const stepChars = 64_000;

/**
 * The value of one argument in full. What is too long is opened step by step, and says exactly what
 * was not viewed yet; `onViewed` comes once its last character was drawn.
 */
export function ArgumentValue(props: {
  readonly row: ArgumentRow;
  readonly onViewed: (pointer: string) => void;
}) {
  const { row } = props;
  const [bounds, setBounds] = useState<{ linesMax: number; charsMax: number }>(shownAtOnce);
  const cut = cutUntrustedText(row.text, bounds);
  const showMore = () => {
    const next = {
      linesMax: bounds.linesMax + stepLines,
      charsMax: bounds.charsMax + stepChars,
    };
    setBounds(next);
    if (cutUntrustedText(row.text, next).hiddenChars === 0) props.onViewed(row.pointer);
  };
  return (
    <div className="min-w-0 flex-1">
      <bdi
        dir="ltr"
        data-argument-value={row.kind}
        className="block font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {row.text === '' ? (
          <span className="text-ink-faint italic">empty text</span>
        ) : (
          <UntrustedTokens text={cut.shown} />
        )}
      </bdi>
      {cut.hiddenChars > 0 ? (
        <p className="mt-1 flex flex-wrap items-center gap-2 font-sans text-xs text-high">
          {formatCounted(cut.hiddenLines, 'more line')},{' '}
          {formatCounted(cut.hiddenChars, 'character')}, not yet viewed
          <Button size="sm" onClick={showMore}>
            <ChevronDown aria-hidden />
            Show more
          </Button>
        </p>
      ) : null}
    </div>
  );
}
