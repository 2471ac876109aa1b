'use client';

import { useRef, type MouseEvent, type ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { useRowKeys } from './use-row-keys.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

export interface DataListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** Address of the item, so that it can be opened in another tab. */
  readonly hrefOf: (item: Item) => string;
  readonly onOpen: (item: Item) => void;
  readonly renderRow: (item: Item, state: { readonly isOpen: boolean }) => ReactNode;
  /** Controls of a row, which may not lie inside its link; drawn over the right end of it. */
  readonly renderAside?: (item: Item) => ReactNode;
  /** Key of the item shown beside the list. */
  readonly openKey: string | null;
  /** Height of a row in pixels before it is measured. */
  readonly rowHeightPx: number;
  /** Whether Space shows the row as Enter does: where the item lies beside its list. */
  readonly hasPeek?: boolean;
  /** Selection by `x` or its box; leave away where nothing is done to several at once. */
  readonly onToggle?: (item: Item) => void;
  /** What a row's box is called, for screen readers: `Select “Payment to …”`. */
  readonly selectLabelOf?: (item: Item) => string;
  readonly selectedKeys?: ReadonlySet<string>;
  /** Rows there are in all, when known to be more than are loaded. */
  readonly totalCount?: number;
  /** Stands after the last row: "load more", or the end of the list. */
  readonly footer?: ReactNode;
  readonly className?: string;
}

function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

/**
 * A long list of links of which only the visible rows exist in the document. `j`/`k` or the arrow
 * keys move, Enter opens, `x` selects; a press with Ctrl or ⌘ opens in another tab. Rows may differ
 * in height. Items must keep their place while somebody reads: hold new ones back (`useLiveList`).
 */
export function DataList<Item>(props: DataListProps<Item>) {
  const { items, keyOf, openKey } = props;
  const scrollRef = useRef<HTMLDivElement>(null);
  const { rows, totalPx, measure, scrollTo } = useVirtualRows({
    count: items.length,
    revision: items,
    estimatePx: () => props.rowHeightPx,
    keyOf: (index) => {
      const item = items[index];
      return item === undefined ? String(index) : keyOf(item);
    },
    scrollRef,
  });
  const rowKeys = useRowKeys({
    count: items.length,
    openIndex: items.findIndex((item) => keyOf(item) === openKey),
    containerRef: scrollRef,
    scrollTo,
    hasPeek: props.hasPeek ?? false,
    onOpen: (index) => {
      const item = items[index];
      if (item !== undefined) props.onOpen(item);
    },
    onToggle: (index) => {
      const item = items[index];
      if (item !== undefined) props.onToggle?.(item);
    },
  });

  return (
    <div ref={scrollRef} className={classNames('min-h-0 flex-1 overflow-y-auto', props.className)}>
      <ul aria-label={props.label} className="relative w-full" style={{ height: totalPx }}>
        {rows.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          const key = keyOf(item);
          const isOpen = key === openKey;
          return (
            <li
              key={row.key}
              ref={measure}
              data-index={row.index}
              aria-posinset={row.index + 1}
              aria-setsize={props.totalCount ?? items.length}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <a
                href={props.hrefOf(item)}
                data-row={row.index}
                aria-current={isOpen ? 'true' : undefined}
                tabIndex={row.index === rowKeys.tabStop ? 0 : -1}
                onFocus={() => rowKeys.noteFocus(row.index)}
                onKeyDown={rowKeys.onKeyDown}
                onClick={(event) => {
                  if (!isPlainClick(event)) return;
                  event.preventDefault();
                  props.onOpen(item);
                }}
                className={classNames(
                  'block min-h-(--row) border-b border-line -outline-offset-2 transition-colors hover:bg-ink/4',
                  isOpen &&
                    'bg-accent/8 shadow-[inset_2px_0_0_var(--color-accent)] hover:bg-accent/10',
                  props.selectedKeys?.has(key) === true && 'bg-accent/6',
                  props.onToggle !== undefined && 'pl-6 pointer-coarse:pl-8',
                )}
              >
                {props.renderRow(item, { isOpen })}
              </a>
              {props.onToggle === undefined ? null : (
                <label className="absolute inset-y-0 left-0 flex w-10 cursor-pointer items-center justify-center pointer-coarse:w-12">
                  <input
                    type="checkbox"
                    tabIndex={-1}
                    aria-label={props.selectLabelOf?.(item) ?? 'Select'}
                    checked={props.selectedKeys?.has(key) === true}
                    onChange={() => props.onToggle?.(item)}
                    className="size-3.5 cursor-pointer accent-(--color-accent)"
                  />
                </label>
              )}
              {props.renderAside === undefined ? null : (
                <span className="absolute inset-y-0 right-2 flex items-center">
                  {props.renderAside(item)}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {props.footer}
    </div>
  );
}
