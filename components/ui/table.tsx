'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

/**
 * A table whose head stays in sight and whose rows follow the density switch. `label` is its
 * accessible name. For more than a few hundred rows use `DataList`.
 * `<Table label="Keys"><thead><HeadRow><Head>Name</Head></HeadRow></thead><tbody>…</tbody></Table>`
 */
export function Table(props: {
  readonly label: string;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  return (
    <div
      className={classNames('relative min-h-0 w-full overflow-auto', props.className)}
      // A wide table must scroll by arrow keys too, which takes a focusable, named region.
      {...{ role: 'region', tabIndex: 0, 'aria-label': `${props.label}, scrollable` }}
    >
      <table aria-label={props.label} className="w-full border-separate border-spacing-0 text-sm">
        {props.children}
      </table>
    </div>
  );
}

/** The row of column heads. */
export function HeadRow({ children }: { readonly children: ReactNode }) {
  return <tr className="[&>*]:sticky [&>*]:top-0 [&>*]:z-10 [&>*]:bg-panel">{children}</tr>;
}

/** One column's head. With `onSort` it is a button that says which way the column is sorted. */
export function Head(props: {
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
  readonly sort?: 'ascending' | 'descending' | null;
  readonly onSort?: () => void;
  readonly className?: string;
}) {
  const sort = props.sort ?? null;
  const Arrow = sort === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      {...(sort === null ? {} : { 'aria-sort': sort })}
      className={classNames(
        'h-8 border-b border-line px-3 first:pl-4 last:pr-4 text-left text-2xs font-medium whitespace-nowrap text-ink-faint',
        props.align === 'end' && 'text-right',
        props.className,
      )}
    >
      {props.onSort === undefined ? (
        props.children
      ) : (
        <button
          type="button"
          onClick={props.onSort}
          className="-mx-1 inline-flex items-center gap-1 rounded px-1 hover:text-ink"
        >
          {props.children}
          {sort === null ? null : <Arrow aria-hidden className="size-3" />}
        </button>
      )}
    </th>
  );
}

/** One row. `isSelected` is part of a choice of several; `isOpen` is the one shown beside. */
export function Row({
  isSelected = false,
  isOpen = false,
  className,
  ...rest
}: Omit<ComponentProps<'tr'>, 'className'> & {
  readonly isSelected?: boolean;
  readonly isOpen?: boolean;
  readonly className?: string;
}) {
  return (
    <tr
      {...rest}
      {...(isSelected ? { 'aria-selected': true } : {})}
      data-open={isOpen || undefined}
      className={classNames(
        'transition-colors hover:bg-ink/4 data-open:bg-accent/8',
        isSelected && 'bg-accent/6',
        className,
      )}
    />
  );
}

/** One cell. `align="end"` for numbers. */
export function Cell({
  align = 'start',
  className,
  ...rest
}: Omit<ComponentProps<'td'>, 'className' | 'align'> & {
  readonly align?: 'start' | 'end';
  readonly className?: string;
}) {
  return (
    <td
      {...rest}
      className={classNames(
        'h-(--row) border-b border-line px-3 py-(--row-pad) first:pl-4 last:pr-4 align-middle',
        align === 'end' && 'text-right',
        className,
      )}
    />
  );
}
