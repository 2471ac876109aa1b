'use client';

import { useEffect, useEffectEvent, useRef, type KeyboardEvent } from 'react';
import { classNames } from '../ui/class-names.ts';
import { formatDuration } from '../ui/format-quantity.ts';
import { useVirtualRows } from '../ui/use-virtual-rows.ts';
import type { TraceNode } from './prepare-trace-tree.ts';
import { axisTicks, placeBar, type TimeWindow } from './prepare-waterfall.ts';
import { WaterfallRow, waterfallRowHeightPx } from './waterfall-row.tsx';

const ticksMax = 6;

function Axis({ window, startUs }: { readonly window: TimeWindow; readonly startUs: number }) {
  return (
    <div
      aria-hidden
      className="flex h-6 shrink-0 border-b border-line bg-panel text-2xs text-ink-faint"
    >
      <span className="flex w-[44%] min-w-44 shrink-0 items-center border-r border-line px-3 max-sm:w-[64%]">
        Event
      </span>
      <span className="relative min-w-0 flex-1 overflow-clip">
        {axisTicks(window, startUs, ticksMax).map((tick, index) => {
          const bar = placeBar(window, startUs + tick, null);
          return bar === null ? null : (
            <span
              key={tick}
              className={classNames(
                'absolute top-0 flex h-full items-center border-l border-line pl-1 whitespace-nowrap tabular-nums',
                index % 3 !== 0 && 'max-sm:hidden',
              )}
              style={{ left: `${bar.leftPercent}%` }}
            >
              {formatDuration(tick / 1000)}
            </span>
          );
        })}
      </span>
    </div>
  );
}

/**
 * Tree and waterfall in one: only the rows in sight exist. Arrow keys move, open and close as in any
 * tree; the focus is on the chosen row, so that what a screen reader says is what the eye sees.
 */
export function Waterfall(props: {
  /** The rows, in order. */
  readonly nodes: readonly TraceNode[];
  readonly roots: readonly TraceNode[];
  readonly closed: ReadonlySet<string>;
  readonly window: TimeWindow;
  readonly startUs: number;
  readonly selectedId: string | null;
  readonly atUs: number | null;
  /** The row that playback has come to; kept in sight. */
  readonly currentId: string | null;
  readonly alertsOf: (eventId: string) => number;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string) => void;
  readonly onMove: (step: number) => void;
}) {
  const { nodes, selectedId, currentId } = props;
  const scrollRef = useRef<HTMLDivElement>(null);
  const { rows, totalPx, scrollTo } = useVirtualRows({
    count: nodes.length,
    revision: nodes,
    estimatePx: () => waterfallRowHeightPx,
    keyOf: (index) => nodes[index]?.event.id ?? String(index),
    scrollRef,
    overscan: 6,
  });
  const indexOf = (id: string | null): number =>
    id === null ? -1 : nodes.findIndex((node) => node.event.id === id);
  const bringIntoView = useEffectEvent((id: string | null, isFocused: boolean) => {
    const index = indexOf(id);
    if (index === -1) return;
    // A row in sight or next to it is brought in by its edge, one far away to the middle.
    const isNear = rows.some((row) => row.index === index);
    scrollTo(index, isNear ? 'auto' : 'center');
    if (!isFocused) return;
    const focus = () =>
      scrollRef.current
        ?.querySelector<HTMLElement>(`[data-row="${index}"]`)
        ?.focus({ preventScroll: true });
    // A row beyond the window enters the document a frame after the scroll.
    requestAnimationFrame(() => requestAnimationFrame(focus));
  });
  useEffect(() => bringIntoView(selectedId, hasRowFocus(scrollRef.current)), [selectedId]);
  useEffect(() => bringIntoView(currentId, false), [currentId]);
  const tabStop = Math.max(0, indexOf(selectedId));
  return (
    <>
      <Axis window={props.window} startUs={props.startUs} />
      <div ref={scrollRef} className="relative min-h-0 flex-1 overflow-y-auto overflow-x-clip">
        <div
          role="tree"
          aria-label="Events of the trace"
          className="relative w-full"
          style={{ height: totalPx }}
        >
          {rows.map((row) => {
            const node = nodes[row.index];
            if (node === undefined) return null;
            const { id, agent } = node.event;
            const isClosed = props.closed.has(id);
            const isSelected = id === selectedId;
            return (
              <div
                key={row.key}
                role="treeitem"
                aria-level={node.depth + 1}
                aria-posinset={node.place + 1}
                aria-setsize={(node.parent?.children ?? props.roots).length}
                aria-selected={isSelected}
                {...(node.children.length > 0 ? { 'aria-expanded': !isClosed } : {})}
                tabIndex={row.index === tabStop ? 0 : -1}
                data-row={row.index}
                data-event={id}
                onClick={() => props.onSelect(id)}
                onKeyDown={(event) => {
                  handleKey(event, node, isClosed, props);
                }}
                className={classNames(
                  'absolute inset-x-0 top-0 cursor-default -outline-offset-2 hover:bg-ink/4',
                  isSelected && 'bg-accent/10 shadow-[inset_2px_0_0_var(--color-accent)]',
                  id === currentId && !isSelected && 'bg-accent/5',
                )}
                style={{
                  height: waterfallRowHeightPx,
                  transform: `translateY(${row.start}px)`,
                }}
              >
                <WaterfallRow
                  node={node}
                  window={props.window}
                  isClosed={isClosed}
                  isAhead={props.atUs !== null && node.event.startedAtUs > props.atUs}
                  alerts={props.alertsOf(id)}
                  showsAgent={node.parent === null || node.parent.event.agent !== agent}
                  onToggle={() => props.onToggle(id)}
                />
              </div>
            );
          })}
        </div>
        <Playhead {...props} totalPx={totalPx} />
      </div>
    </>
  );
}

/** The moment of playback across all rows. */
function Playhead(props: {
  readonly window: TimeWindow;
  readonly atUs: number | null;
  readonly totalPx: number;
}) {
  const bar = props.atUs === null ? null : placeBar(props.window, props.atUs, null);
  if (bar === null) return null;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-0 right-0 left-[max(44%,11rem)] max-sm:left-[max(64%,11rem)]"
      style={{ height: props.totalPx }}
    >
      <span className="absolute inset-y-0 w-px bg-accent" style={{ left: `${bar.leftPercent}%` }} />
    </div>
  );
}

/** Whether the keyboard is in the tree, or nowhere in particular. */
function hasRowFocus(container: HTMLElement | null): boolean {
  const { activeElement } = document;
  return (
    activeElement === null ||
    activeElement === document.body ||
    (container?.contains(activeElement) ?? false)
  );
}

function handleKey(
  event: KeyboardEvent,
  node: TraceNode,
  isClosed: boolean,
  actions: {
    readonly onSelect: (id: string) => void;
    readonly onToggle: (id: string) => void;
    readonly onMove: (step: number) => void;
  },
): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const { id } = node.event;
  const firstChild = node.children[0]?.event.id;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => actions.onMove(1),
    ArrowUp: () => actions.onMove(-1),
    PageDown: () => actions.onMove(20),
    PageUp: () => actions.onMove(-20),
    Home: () => actions.onMove(Number.NEGATIVE_INFINITY),
    End: () => actions.onMove(Number.POSITIVE_INFINITY),
    Enter: () => actions.onSelect(id),
    ArrowRight: () => {
      if (isClosed) actions.onToggle(id);
      else if (firstChild !== undefined) actions.onSelect(firstChild);
    },
    ArrowLeft: () => {
      if (!isClosed && node.children.length > 0) actions.onToggle(id);
      else if (node.parent !== null) actions.onSelect(node.parent.event.id);
    },
  };
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}
