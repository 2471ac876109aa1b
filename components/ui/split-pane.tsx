'use client';

import type { ReactNode } from 'react';
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels';

const storage: Pick<Storage, 'getItem' | 'setItem'> = {
  getItem: (key) => (typeof localStorage === 'undefined' ? null : localStorage.getItem(key)),
  setItem: (key, value) => localStorage.setItem(key, value),
};

/**
 * List left, detail right, the line between them draggable (or moved by arrow keys) and remembered
 * under `id`. Below 1024 px there is room for one of them: `isDetailOpen` decides which.
 */
export function SplitPane(props: {
  readonly id: string;
  readonly list: ReactNode;
  readonly detail: ReactNode;
  readonly isDetailOpen: boolean;
  /** Share of the list at first, in percent. */
  readonly listPercent?: number;
}) {
  const layout = useDefaultLayout({ id: `split-${props.id}`, storage });
  const listPercent = props.listPercent ?? 40;
  return (
    <Group
      id={props.id}
      orientation="horizontal"
      defaultLayout={layout.defaultLayout}
      onLayoutChanged={layout.onLayoutChanged}
      data-detail={props.isDetailOpen}
      className="min-h-0 flex-1 max-lg:[&[data-detail=false]>[data-panel]:last-child]:hidden! max-lg:[&[data-detail=true]>[data-panel]:first-child]:hidden!"
    >
      <Panel
        id="list"
        defaultSize={`${listPercent}%`}
        minSize="20%"
        className="flex min-h-0 flex-col"
      >
        {props.list}
      </Panel>
      <Separator
        aria-label="Resize the list"
        className="group relative w-px bg-line outline-none max-lg:hidden data-[separator=active]:bg-accent data-[separator=hover]:bg-accent/60"
      >
        <span
          aria-hidden
          className="absolute inset-y-0 -left-0.5 z-10 w-1 group-focus-visible:bg-accent"
        />
      </Separator>
      <Panel
        id="detail"
        defaultSize={`${100 - listPercent}%`}
        minSize="30%"
        className="flex min-h-0 flex-col"
      >
        {props.detail}
      </Panel>
    </Group>
  );
}
