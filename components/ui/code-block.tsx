import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { CopyButton } from './copy-button.tsx';

/**
 * Code of our own to read or paste: commands, snippets, keys. Text that somebody else wrote goes
 * into `UntrustedText` instead.
 */
export function CodeBlock(props: {
  readonly code: string;
  readonly label: string;
  /** Stands in the head, left: a file name, a language. */
  readonly caption?: ReactNode;
  readonly className?: string;
}) {
  return (
    <figure
      aria-label={props.label}
      className={classNames(
        'overflow-hidden rounded border border-line bg-sunken',
        props.className,
      )}
    >
      <figcaption className="flex h-8 items-center justify-between border-b border-line pr-1 pl-3 text-xs text-ink-muted">
        <span className="truncate">{props.caption ?? props.label}</span>
        <CopyButton text={props.code} label={`Copy ${props.label}`} />
      </figcaption>
      <pre
        className="max-h-96 overflow-auto p-3 text-xs leading-5"
        {...{ role: 'region', tabIndex: 0, 'aria-label': `${props.label}, scrollable` }}
      >
        <code>{props.code}</code>
      </pre>
    </figure>
  );
}
