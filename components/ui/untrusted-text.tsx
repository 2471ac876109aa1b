'use client';

import { ChevronDown } from 'lucide-react';
import { Fragment, useMemo, useState } from 'react';
import { classNames } from './class-names.ts';
import { Button } from './button.tsx';
import { formatCount, formatCounted } from './format-quantity.ts';
import {
  chipName,
  cutUntrustedText,
  splitUntrustedText,
  type UntrustedToken,
} from './split-untrusted-text.ts';

/** Characters drawn at first and added with each press: a chip is an element of the document. */
const stepChars = 8_000;
const firstLines = 12;
const firstChars = 1_200;
const stepLines = 400;

function Chip({ token }: { readonly token: Extract<UntrustedToken, { kind: 'chip' }> }) {
  const run = token.count > 1 ? `×${formatCount(token.count)}` : '';
  return (
    <>
      <span
        data-code-point={token.codePoint}
        data-count={token.count}
        className={classNames(
          'mx-px inline-block rounded-[calc(var(--radius)/2)] border px-0.5 align-baseline text-[0.82em] leading-[1.25] select-all',
          token.isBreak
            ? 'border-line-strong/50 text-ink-faint'
            : 'border-foreign/60 bg-foreign/15 text-foreign',
        )}
      >
        {chipName(token.codePoint)}
        {run}
      </span>
      {token.isBreak ? <br /> : null}
    </>
  );
}

/** The tokens of a text without any frame; for places that bring their own, such as a JSON tree. */
export function UntrustedTokens({ text }: { readonly text: string }) {
  const tokens = useMemo(() => splitUntrustedText(text), [text]);
  return tokens.map((token, index) => (
    <Fragment key={index}>{token.kind === 'text' ? token.text : <Chip token={token} />}</Fragment>
  ));
}

/**
 * One line that somebody else wrote (a name, a title), set apart from our own words: mono, tinted,
 * bidi-isolated, invisible characters as chips. Longer than `charsMax` it is cut, and says so.
 */
export function UntrustedInline(props: {
  readonly text: string;
  readonly charsMax?: number;
  readonly className?: string;
}) {
  const cut = cutUntrustedText(props.text, { linesMax: 1, charsMax: props.charsMax ?? 120 });
  return (
    <bdi
      dir="ltr"
      className={classNames(
        'rounded-[calc(var(--radius)/2)] bg-foreign/10 px-1 font-mono text-[0.92em] break-words text-ink',
        props.className,
      )}
    >
      <UntrustedTokens text={cut.shown} />
      {cut.hiddenChars > 0 ? (
        <span className="text-ink-faint">
          {' '}
          … {formatCounted(cut.hiddenChars, 'more character')}
        </span>
      ) : null}
    </bdi>
  );
}

/**
 * A text that somebody else wrote. It can never pass for our own words: mono, on its own tint behind
 * a coloured edge, bidi-isolated, never read as markup, everything invisible drawn as a chip
 * `U+XXXX` and every line break as a chip and a break. Long text shows its beginning and counts
 * exactly what it leaves out. `label` names it for screen readers: "Tool output, untrusted".
 */
export function UntrustedText(props: {
  readonly text: string;
  readonly label: string;
  readonly className?: string;
}) {
  const [bounds, setBounds] = useState({ linesMax: firstLines, charsMax: firstChars });
  const cut = useMemo(() => cutUntrustedText(props.text, bounds), [props.text, bounds]);
  const isCut = cut.hiddenChars > 0;
  const isLonger = bounds.charsMax > firstChars;
  return (
    <section
      aria-label={props.label}
      className={classNames(
        'overflow-clip rounded border border-line border-l-2 border-l-foreign/70 bg-foreign/6',
        props.className,
      )}
    >
      <bdi
        dir="ltr"
        className="block px-3 py-2 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {props.text === '' ? (
          <span className="text-ink-faint italic">empty text</span>
        ) : (
          <UntrustedTokens text={cut.shown} />
        )}
      </bdi>
      {isCut || isLonger ? (
        <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-1.5 font-sans text-xs text-ink-muted">
          <span>
            {isCut
              ? `${formatCounted(cut.hiddenLines, 'more line')}, ${formatCounted(cut.hiddenChars, 'character')} not shown`
              : `All ${formatCounted(props.text.length, 'character')} shown`}
          </span>
          {isCut ? (
            <Button
              size="sm"
              onClick={() =>
                setBounds((old) => ({
                  linesMax: old.linesMax + stepLines,
                  charsMax: old.charsMax + stepChars,
                }))
              }
            >
              <ChevronDown aria-hidden />
              Show more
            </Button>
          ) : null}
          {isLonger ? (
            <Button
              size="sm"
              look="quiet"
              onClick={() => setBounds({ linesMax: firstLines, charsMax: firstChars })}
            >
              Show less
            </Button>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}
