'use client';

import { ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { classNames } from './class-names.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { flattenJson, type JsonRow, type JsonValue } from './flatten-json.ts';
import { formatCount, formatCounted } from './format-quantity.ts';
import { cutUntrustedText } from './split-untrusted-text.ts';
import { UntrustedTokens } from './untrusted-text.tsx';

const rowsStep = 400;
const stringChars = 600;
const stringLines = 8;
const longStringChars = 16_000;

function JsonName({ row }: { readonly row: JsonRow }) {
  if (row.name === null) return null;
  return (
    <>
      <span className={row.isIndex ? 'text-ink-faint' : 'text-foreign'}>
        {row.isIndex ? row.name : <UntrustedTokens text={row.name.slice(0, stringChars)} />}
      </span>
      <span className="text-ink-faint">: </span>
    </>
  );
}

function JsonString(props: {
  readonly text: string;
  readonly isWhole: boolean;
  readonly onToggle: () => void;
}) {
  const bounds = props.isWhole
    ? { linesMax: 2_000, charsMax: longStringChars }
    : { linesMax: stringLines, charsMax: stringChars };
  const cut = cutUntrustedText(props.text, bounds);
  return (
    <span className="break-words whitespace-pre-wrap">
      <span className="text-ink-faint">&quot;</span>
      <UntrustedTokens text={cut.shown} />
      {cut.hiddenChars === 0 ? <span className="text-ink-faint">&quot;</span> : null}
      {cut.hiddenChars > 0 || props.isWhole ? (
        <Button size="sm" look="quiet" className="ml-1 h-5 font-sans" onClick={props.onToggle}>
          {props.isWhole ? 'Show less' : `${formatCounted(cut.hiddenChars, 'more character')}…`}
        </Button>
      ) : null}
      {props.isWhole && cut.hiddenChars > 0 ? (
        <span className="font-sans text-ink-faint">
          {' '}
          {formatCounted(cut.hiddenChars, 'character')} beyond; copy to read them
        </span>
      ) : null}
    </span>
  );
}

function JsonLine(props: {
  readonly row: JsonRow;
  readonly isWhole: boolean;
  readonly onToggle: () => void;
}) {
  const { row } = props;
  const { value } = row;
  const indent = { paddingLeft: `${Math.min(row.depth, 24) * 14 + 8}px` };
  if (value.kind === 'string' || value.kind === 'literal') {
    return (
      <li className="flex py-px pr-3" style={indent}>
        <span className="w-4 shrink-0" />
        <span className="min-w-0">
          <JsonName row={row} />
          {value.kind === 'string' ? (
            <JsonString text={value.text} isWhole={props.isWhole} onToggle={props.onToggle} />
          ) : (
            <span className="text-low">{value.text}</span>
          )}
        </span>
      </li>
    );
  }
  const [open, close] = value.kind === 'array' ? ['[', ']'] : ['{', '}'];
  const size = formatCounted(value.size, value.kind === 'array' ? 'item' : 'member');
  if (value.size === 0) {
    return (
      <li className="flex py-px pr-3" style={indent}>
        <span className="w-4 shrink-0" />
        <span>
          <JsonName row={row} />
          {`${open}${close}`}
        </span>
      </li>
    );
  }
  return (
    <li style={indent} className="pr-3">
      <button
        type="button"
        aria-expanded={value.isOpen}
        onClick={props.onToggle}
        className="flex w-full rounded py-px text-left hover:bg-ink/5"
      >
        <ChevronRight
          aria-hidden
          className={classNames(
            'mt-1 mr-0.5 size-3 w-3.5 shrink-0 text-ink-faint transition-transform',
            value.isOpen && 'rotate-90',
          )}
        />
        <span className="min-w-0">
          <JsonName row={row} />
          <span className="text-ink-faint">
            {value.isOpen ? open : `${open} … ${close}`} <span className="font-sans">{size}</span>
          </span>
        </span>
      </button>
    </li>
  );
}

/**
 * A JSON value that somebody else wrote, as a tree: names and strings by the rules of
 * `UntrustedText`, containers to open and close, wide and deep ones closed at first. At most four
 * hundred rows are drawn until more are asked for, and what is left out is said.
 */
export function JsonView(props: {
  readonly value: JsonValue;
  readonly label: string;
  readonly className?: string;
}) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [rowsMax, setRowsMax] = useState(rowsStep);
  const flat = useMemo(
    () => flattenJson(props.value, { toggled, openDepth: 3, openMembersMax: 60, rowsMax }),
    [props.value, toggled, rowsMax],
  );
  const toggle = (pointer: string) => {
    const next = new Set(toggled);
    if (!next.delete(pointer)) next.add(pointer);
    setToggled(next);
  };
  return (
    <section
      aria-label={props.label}
      className={classNames(
        'relative overflow-clip rounded border border-line border-l-2 border-l-foreign/70 bg-foreign/6',
        props.className,
      )}
    >
      <span className="absolute top-1 right-1 z-10">
        <CopyButton text={JSON.stringify(props.value, null, 2)} label={`Copy ${props.label}`} />
      </span>
      <bdi dir="ltr" className="block">
        <ul className="py-1.5 font-mono text-xs leading-5">
          {flat.rows.map((row) => (
            <JsonLine
              key={row.pointer}
              row={row}
              isWhole={row.value.kind === 'string' && toggled.has(row.pointer)}
              onToggle={() => toggle(row.pointer)}
            />
          ))}
        </ul>
      </bdi>
      {flat.isCut ? (
        <div className="flex items-center gap-2 border-t border-line px-3 py-1.5 text-xs text-ink-muted">
          The first {formatCount(flat.rows.length)} lines are shown; there are more.
          <Button size="sm" onClick={() => setRowsMax(rowsMax + rowsStep)}>
            Show {rowsStep} more
          </Button>
        </div>
      ) : null}
    </section>
  );
}
