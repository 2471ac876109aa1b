'use client';

import { useEffect, useRef, useState } from 'react';
import type { OpenedArguments } from '#server/approvals/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { UntrustedInline, UntrustedTokens } from '../ui/untrusted-text.tsx';
import { ArgumentNotes } from './argument-notes.tsx';
import { ArgumentValue } from './argument-value.tsx';
import { SeenMark } from './seen-mark.tsx';
import { type ArgumentRow, type ComparedRow, isBound } from './prepare-arguments.ts';

/** Rows drawn at once; the rest count as not yet viewed until they were. */
const rowsAtOnce = 200;

const changeWords = {
  same: null,
  changed: { word: 'changed', tone: 'warn' },
  added: { word: 'new', tone: 'warn' },
} as const;

/** The way to a leaf: every key in untrusted dress, so that a key cannot pass for our words. */
export function ArgumentPath({ row }: { readonly row: ArgumentRow }) {
  return (
    <span data-argument-path className="font-mono text-xs leading-5 break-words text-foreign">
      {row.path.map((part, index) => (
        <span key={index}>
          {index === 0 ? null : <span className="text-ink-faint"> › </span>}
          <bdi dir="ltr" data-argument-key={typeof part === 'number' ? 'index' : 'key'}>
            {typeof part === 'number' ? (
              // A place in a list is ours, and drawn unlike a key of the same digits.
              <span className="text-ink-muted">[{part}]</span>
            ) : part === '' ? (
              <span className="text-ink-faint italic">empty name</span>
            ) : (
              <UntrustedTokens text={part} />
            )}
          </bdi>
        </span>
      ))}
    </span>
  );
}

function TableRow(props: {
  readonly tenant: string;
  readonly approvalId: string;
  readonly opened: OpenedArguments;
  readonly row: ComparedRow;
  readonly onViewed: (pointer: string) => void;
  readonly onRevealed: (index: number) => void;
}) {
  const { row, opened } = props;
  const change = row.change === null ? null : changeWords[row.change];
  return (
    <li
      data-argument={row.pointer}
      className={classNames(
        'grid grid-cols-[minmax(7rem,14rem)_1fr] gap-x-4 gap-y-1 border-b border-line px-3 py-2 last:border-b-0 max-sm:grid-cols-1',
        row.change !== null && row.change !== 'same' && 'bg-medium/6',
      )}
    >
      <div className="flex min-w-0 flex-wrap items-start gap-x-2 gap-y-1">
        <ArgumentPath row={row} />
        <span className="text-xs leading-5 text-ink-faint">{row.kind}</span>
        {change === null ? null : <Badge tone={change.tone}>{change.word}</Badge>}
        {isBound(row, opened.boundFields) ? null : <Badge tone="warn">not bound</Badge>}
      </div>
      <div className="min-w-0">
        <ArgumentValue row={row} onViewed={props.onViewed} />
        {row.before === null ? null : (
          <p className="mt-1 text-xs text-ink-muted">
            {opened.asAsked === null ? 'last approved' : 'the agent asked'}:{' '}
            <UntrustedInline text={row.before.text} charsMax={200} />
          </p>
        )}
        <ArgumentNotes {...props} pointer={row.pointer} />
      </div>
    </li>
  );
}

/** Every argument in full, beside the last approved call of this tool. Nothing is cut silently. */
export function ArgumentTable(props: {
  readonly tenant: string;
  readonly approvalId: string;
  readonly opened: OpenedArguments;
  readonly rows: readonly ComparedRow[];
  readonly removed: readonly ArgumentRow[];
  readonly onViewed: (pointer: string) => void;
  readonly onAllRows: () => void;
  /** Called once the end of the last row was in sight. */
  readonly onEndSeen: () => void;
  readonly onRevealed: (index: number) => void;
}) {
  const { rows, removed } = props;
  const [isWhole, setIsWhole] = useState(rows.length <= rowsAtOnce);
  const shown = isWhole ? rows : rows.slice(0, rowsAtOnce);
  const ref = useRef<HTMLDivElement>(null);
  // The button that opened them is gone: whoever pressed it reads on here, by keyboard too.
  useEffect(() => ref.current?.focus(), []);
  return (
    <div
      ref={ref}
      tabIndex={-1}
      className="outline-none overflow-clip rounded border border-line border-l-2 border-l-foreign/70 bg-foreign/6"
    >
      {rows.length === 0 ? (
        <p className="px-3 py-2 text-xs text-ink-muted italic">no arguments</p>
      ) : (
        <ul aria-label="Arguments, untrusted">
          {shown.map((row) => (
            <TableRow key={row.pointer} {...props} row={row} />
          ))}
        </ul>
      )}
      {isWhole ? (
        <SeenMark onSeen={props.onEndSeen} />
      ) : (
        <p className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2 text-xs text-high">
          {formatCounted(rows.length - rowsAtOnce, 'more argument')}, not yet viewed
          <Button
            size="sm"
            onClick={() => {
              setIsWhole(true);
              props.onAllRows();
            }}
          >
            Show all
          </Button>
        </p>
      )}
      {removed.length === 0 ? null : (
        <ul aria-label="No longer there" className="border-t border-line px-3 py-2 text-xs">
          {removed.slice(0, rowsAtOnce).map((row) => (
            <li key={row.pointer} className="flex gap-2 py-0.5 text-ink-muted line-through">
              <ArgumentPath row={row} />
              <UntrustedInline text={row.text} charsMax={120} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** How many rows are left out at first; they have to be opened before a verdict. */
export const hiddenRows = (count: number) => Math.max(0, count - rowsAtOnce);
