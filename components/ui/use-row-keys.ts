'use client';

import { useRef, useState, type KeyboardEvent as ReactKeyboardEvent, type RefObject } from 'react';
import { useShortcuts } from './use-shortcuts.ts';

interface RowKeysOptions {
  readonly count: number;
  /** Index of the row shown beside the list, -1 for none. */
  readonly openIndex: number;
  /** Holds the rows, each marked `data-row="<index>"`. */
  readonly containerRef: RefObject<HTMLElement | null>;
  /** Brings a row into the document when rows are virtual. */
  readonly scrollTo: (index: number) => void;
  /** Whether Space opens the row that has the focus. */
  readonly hasPeek?: boolean;
  readonly onOpen: (index: number) => void;
  readonly onToggle?: (index: number) => void;
}

interface RowKeys {
  /** The one row that Tab reaches. */
  readonly tabStop: number;
  readonly noteFocus: (index: number) => void;
  readonly onKeyDown: (event: ReactKeyboardEvent) => void;
}

/** Where a move from `from` ends: inside the list, or -1 when it is empty. From -1 it enters. */
export function moveRow(from: number, step: number, count: number): number {
  if (count === 0) return -1;
  if (from < 0) return step > 0 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, from + step));
}

/**
 * Keyboard of a list: `j`/`k` from anywhere on the page, arrows, Home, End and Page keys while a
 * row has the focus, `x` to select, `Enter` and `o` to open. The focus itself moves from row to row,
 * so what a screen reader says is what the eye sees.
 */
export function useRowKeys(options: RowKeysOptions): RowKeys {
  const { count, openIndex } = options;
  const [focused, setFocused] = useState(-1);
  // Ahead of the drawing: two keys may come between two renders, and the second goes on from the first.
  const latest = useRef(-1);
  const noteFocus = (index: number) => {
    latest.current = index;
    setFocused(index);
  };
  const current = focused >= 0 && focused < count ? focused : openIndex;

  const now = () => (latest.current >= 0 && latest.current < count ? latest.current : openIndex);

  const focusRow = (index: number) => {
    if (index < 0) return;
    options.scrollTo(index);
    noteFocus(index);
    const focus = () => {
      const row = options.containerRef.current?.querySelector<HTMLElement>(`[data-row="${index}"]`);
      row?.focus({ preventScroll: true });
      return row !== undefined && row !== null;
    };
    // A row beyond the window enters the document one frame after the scroll.
    if (!focus()) requestAnimationFrame(() => requestAnimationFrame(focus));
  };
  const move = (step: number) => focusRow(moveRow(now(), step, count));

  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    o: () => {
      if (now() >= 0) options.onOpen(now());
    },
    x: () => {
      if (now() >= 0) options.onToggle?.(now());
    },
  });

  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: 10,
    PageUp: -10,
    Home: -count,
    End: count,
  };
  return {
    tabStop: Math.max(0, Math.min(current, count - 1)),
    noteFocus,
    onKeyDown: (event) => {
      if (event.key === ' ' && options.hasPeek === true && now() >= 0) {
        event.preventDefault();
        options.onOpen(now());
        return;
      }
      const step = steps[event.key];
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      move(step);
    },
  };
}
