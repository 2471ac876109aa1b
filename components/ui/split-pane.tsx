'use client';

import { useLayoutEffect, useRef, type ReactNode } from 'react';
import {
  type GroupImperativeHandle,
  type GroupProps,
  Group,
  Panel,
  Separator,
} from 'react-resizable-panels';

const storageKey = (id: string) => `signalbox-split-${id}`;

/** The share of the list that this browser remembers, in percent; null when none is. */
function recallShare(id: string): number | null {
  const share = Number(localStorage.getItem(storageKey(id)) ?? Number.NaN);
  return share >= 20 && share <= 70 ? share : null;
}

/**
 * List left, detail right, the line between them draggable (or moved by arrow keys) and remembered
 * under `id`. Below 1024 px there is room for one of them: `isDetailOpen` decides which. The other
 * one and the line are out of sight, but not `display: none`: the library looks once, at the start,
 * which parts stand beside the line, and would find none.
 */
export function SplitPane(props: {
  readonly id: string;
  readonly list: ReactNode;
  readonly detail: ReactNode;
  readonly isDetailOpen: boolean;
  /** Share of the list at first, in percent. */
  readonly listPercent?: number;
}) {
  const { id } = props;
  const groupRef = useRef<GroupImperativeHandle>(null);
  const listPercent = props.listPercent ?? 40;
  // After hydration, because the server cannot know what this browser remembers.
  useLayoutEffect(() => {
    const share = recallShare(id);
    if (share !== null) groupRef.current?.setLayout({ list: share, detail: 100 - share });
  }, [id]);
  const remember: GroupProps['onLayoutChanged'] = (layout, { isUserInteraction }) => {
    if (isUserInteraction) localStorage.setItem(storageKey(id), String(layout['list']));
  };
  return (
    <Group
      id={id}
      orientation="horizontal"
      groupRef={groupRef}
      onLayoutChanged={remember}
      data-detail={props.isDetailOpen}
      className="relative min-h-0 flex-1 max-lg:[&[data-detail=false]>[data-panel]:last-child]:invisible max-lg:[&[data-detail=false]>[data-panel]:last-child]:absolute max-lg:[&[data-detail=false]>[data-panel]:last-child]:inset-0 max-lg:[&[data-detail=true]>[data-panel]:first-child]:invisible max-lg:[&[data-detail=true]>[data-panel]:first-child]:absolute max-lg:[&[data-detail=true]>[data-panel]:first-child]:inset-0"
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
        className="group relative w-px bg-line outline-none max-lg:invisible max-lg:absolute max-lg:left-0 data-[separator=active]:bg-accent data-[separator=hover]:bg-accent/60"
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
