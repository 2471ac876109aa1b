'use client';

import { type KeyboardEvent, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';
import { tabAfterKey } from './prepare-tabs.ts';

export interface TabItem<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  /** Drawn beside the label when it is known; absent while loading. */
  readonly count?: number;
  readonly panel: ReactNode;
}

/**
 * Views of one thing. Keep `value` in the URL. Only the open panel is mounted. One stop for Tab;
 * arrow keys, Home and End go from tab to tab (the pattern of WAI-ARIA, with automatic activation).
 */
export function Tabs<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly items: readonly TabItem<Value>[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}) {
  const { items, value, onChange } = props;
  const id = useId();
  const openIndex = items.findIndex((item) => item.value === value);
  const open = items[openIndex];
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const nextIndex = tabAfterKey(openIndex, items.length, event.key);
    const next = nextIndex === null ? undefined : items[nextIndex];
    if (next === undefined) return;
    event.preventDefault();
    onChange(next.value);
    event.currentTarget.querySelector<HTMLElement>(`[id="${id}-${next.value}"]`)?.focus();
  };
  return (
    <div className={classNames('flex min-h-0 flex-col', props.className)}>
      <div
        role="tablist"
        tabIndex={-1}
        aria-label={props.label}
        onKeyDown={onKeyDown}
        className="flex shrink-0 gap-1 overflow-x-auto border-b border-line"
      >
        {items.map((item) => (
          <button
            key={item.value}
            type="button"
            role="tab"
            id={`${id}-${item.value}`}
            aria-selected={item.value === value}
            {...(item.value === value ? { 'aria-controls': `${id}-panel` } : {})}
            tabIndex={item.value === value ? 0 : -1}
            onClick={() => onChange(item.value)}
            className="-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2.5 text-sm whitespace-nowrap text-ink-muted -outline-offset-2 transition-colors hover:text-ink aria-selected:border-accent aria-selected:text-ink"
          >
            {item.label}
            {item.count === undefined ? null : (
              <span className="rounded bg-ink/8 px-1 text-2xs text-ink-muted tabular-nums">
                {item.count}
              </span>
            )}
          </button>
        ))}
      </div>
      {open === undefined ? null : (
        <div
          key={open.value}
          role="tabpanel"
          id={`${id}-panel`}
          aria-labelledby={`${id}-${open.value}`}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          className="min-h-0 flex-1 -outline-offset-2"
        >
          {open.panel}
        </div>
      )}
    </div>
  );
}
