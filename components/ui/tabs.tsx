'use client';

import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export interface TabItem<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  /** Drawn beside the label when it is known; absent while loading. */
  readonly count?: number;
  readonly panel: ReactNode;
}

/** Views of one thing. Keep `value` in the URL. Only the open panel is mounted. */
export function Tabs<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly items: readonly TabItem<Value>[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}) {
  return (
    <BaseTabs.Root
      value={props.value}
      onValueChange={(value: unknown) => {
        const item = props.items.find((candidate) => candidate.value === value);
        if (item !== undefined) props.onChange(item.value);
      }}
      className={classNames('flex min-h-0 flex-col', props.className)}
    >
      <BaseTabs.List
        aria-label={props.label}
        className="relative flex shrink-0 gap-1 overflow-x-auto border-b border-line"
      >
        {props.items.map((item) => (
          <BaseTabs.Tab
            key={item.value}
            value={item.value}
            className="flex h-9 items-center gap-1.5 px-2.5 text-sm whitespace-nowrap text-ink-muted -outline-offset-2 transition-colors hover:text-ink data-active:text-ink"
          >
            {item.label}
            {item.count === undefined ? null : (
              <span className="rounded bg-ink/8 px-1 text-2xs text-ink-muted tabular-nums">
                {item.count}
              </span>
            )}
          </BaseTabs.Tab>
        ))}
        <BaseTabs.Indicator className="absolute bottom-0 left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) bg-accent transition-[translate,width]" />
      </BaseTabs.List>
      {props.items.map((item) => (
        <BaseTabs.Panel
          key={item.value}
          value={item.value}
          className="min-h-0 flex-1 -outline-offset-2"
        >
          {item.panel}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}
