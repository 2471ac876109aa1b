'use client';

import { type KeyboardEvent, type PointerEvent, type ReactNode, useSyncExternalStore } from 'react';
import { classNames } from './class-names.ts';
import { clampShare, shareAfterKey, shareMax, shareMin } from './prepare-split.ts';

const storageKey = (id: string) => `signalbox-split-${id}`;

const changed = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  changed.add(listener);
  return () => changed.delete(listener);
}

/** The share of the list that this browser remembers, in percent; null when none is. */
function recallShare(id: string): number | null {
  const kept = localStorage.getItem(storageKey(id));
  return kept !== null && clampShare(Number(kept)) === Number(kept) ? Number(kept) : null;
}

function rememberShare(id: string, share: number): void {
  localStorage.setItem(storageKey(id), String(share));
  for (const listener of changed) listener();
}

/** The line between the two parts: dragged, moved by keys, put back by a double click. */
function Divider(props: {
  readonly listId: string;
  readonly share: number;
  readonly shareFirst: number;
  readonly onChange: (share: number) => void;
}) {
  const { share, onChange } = props;
  const follow = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const whole = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!whole) return;
    onChange(clampShare((100 * (event.clientX - whole.left)) / whole.width));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = shareAfterKey(share, event.key, event.shiftKey);
    if (next === null) return;
    event.preventDefault();
    onChange(next);
  };
  return (
    <div
      // A line that moves is a control, which `hr` is not: the linter's wish cannot be met.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="separator"
      tabIndex={0}
      aria-label="Resize the list"
      aria-orientation="vertical"
      aria-controls={props.listId}
      aria-valuemin={shareMin}
      aria-valuemax={shareMax}
      aria-valuenow={Math.round(share)}
      aria-valuetext={`${Math.round(share)} %`}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={follow}
      onDoubleClick={() => onChange(props.shareFirst)}
      onKeyDown={onKeyDown}
      className="relative cursor-col-resize touch-none bg-line outline-none select-none after:absolute after:inset-y-0 after:-left-1 after:z-10 after:w-2 hover:bg-accent/60 focus-visible:after:left-0 focus-visible:after:w-0.5 focus-visible:after:bg-accent active:bg-accent max-lg:hidden"
    />
  );
}

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
  const { id, isDetailOpen } = props;
  const shareFirst = props.listPercent ?? 40;
  const share = useSyncExternalStore(
    subscribe,
    () => recallShare(id) ?? shareFirst,
    // The server cannot know what this browser remembers.
    () => shareFirst,
  );
  const listId = `split-${id}-list`;
  return (
    <div
      className="flex min-h-0 flex-1 lg:grid lg:grid-rows-[minmax(0,1fr)]"
      style={{ gridTemplateColumns: `minmax(0, ${share}fr) 1px minmax(0, ${100 - share}fr)` }}
    >
      <div
        id={listId}
        className={classNames(
          'flex min-h-0 min-w-0 flex-1 flex-col',
          isDetailOpen && 'max-lg:hidden',
        )}
      >
        {props.list}
      </div>
      <Divider
        listId={listId}
        share={share}
        shareFirst={shareFirst}
        onChange={(next) => rememberShare(id, next)}
      />
      <div
        className={classNames(
          'flex min-h-0 min-w-0 flex-1 flex-col overflow-auto',
          !isDetailOpen && 'max-lg:hidden',
        )}
      >
        {props.detail}
      </div>
    </div>
  );
}
