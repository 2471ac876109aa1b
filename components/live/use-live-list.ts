'use client';

import {
  useEffect,
  useRef,
  useState,
  type FocusEvent,
  type PointerEvent,
  type UIEvent,
} from 'react';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { mergeLiveItems, type LiveMerge } from './merge-live-items.ts';

export interface LiveList<Item> extends LiveMerge<Item> {
  readonly isPaused: boolean;
  readonly setPaused: (isPaused: boolean) => void;
  /** Draws what was held back. */
  readonly showNew: () => void;
  /** What the person put away goes from the list as soon as the server has it so, also while it is held. */
  readonly letGo: (keys: readonly string[]) => void;
  /** Spread over the element around the list: it is held while pointed at, focused or scrolled. */
  readonly holdProps: {
    readonly onPointerEnter: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: (event: FocusEvent) => void;
    readonly onBlur: (event: FocusEvent) => void;
    readonly onScrollCapture: (event: UIEvent) => void;
  };
}

/**
 * Keeps a live list still while somebody is at it. `fresh` is the list as the server has it now
 * (newest first); what is returned in `items` is what to draw. At rest (no pointer, no focus, not
 * scrolled, not paused by `p`) new items simply appear. `listKey` names the list, filters included:
 * when it changes, nothing is held over.
 */
export function useLiveList<Item>(options: {
  readonly fresh: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly listKey: string;
}): LiveList<Item> {
  const { fresh, keyOf, listKey } = options;
  const [isPaused, setPaused] = useState(false);
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [isScrolled, setScrolled] = useState(false);
  const [drawn, setDrawn] = useState<{ listKey: string; items: readonly Item[] }>({
    listKey,
    items: fresh,
  });
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const place = useRef<Element | null>(null);
  // A row that goes takes the focus with it, and nobody tells of that.
  useEffect(() => {
    if (isFocused && place.current?.contains(document.activeElement) === false) setFocused(false);
  }, [isFocused, drawn]);
  const isHeld = isPaused || isPointed || isFocused || isScrolled;
  const base = drawn.listKey === listKey ? drawn.items : [];
  const merged = mergeLiveItems(base, fresh, keyOf, isHeld, gone);
  // Rows in place and their order are remembered, so that the next change is laid over these.
  const isSame =
    drawn.listKey === listKey &&
    merged.items.length === drawn.items.length &&
    merged.items.every((item, index) => item === drawn.items[index]);
  if (!isSame) setDrawn({ listKey, items: merged.items });
  useShortcuts({ p: () => setPaused(!isPaused) });

  return {
    ...merged,
    isPaused,
    setPaused,
    showNew: () => setDrawn({ listKey, items: fresh }),
    letGo: (keys) => setGone((before) => new Set([...before, ...keys])),
    holdProps: {
      onPointerEnter: (event) => {
        if (event.pointerType === 'mouse') setPointed(true);
      },
      onPointerLeave: () => setPointed(false),
      onFocus: (event) => {
        place.current = event.currentTarget;
        setFocused(true);
      },
      onBlur: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
      },
      onScrollCapture: (event) => {
        if (event.target instanceof Element) setScrolled(event.target.scrollTop > 4);
      },
    },
  };
}
