'use client';

import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
  type VirtualizerOptions,
} from '@tanstack/react-virtual';
import {
  useEffectEvent,
  useLayoutEffect,
  useState,
  useSyncExternalStore,
  type RefObject,
} from 'react';

export interface VirtualRowsOptions {
  readonly count: number;
  /** Changes, by identity, whenever rows came, went or moved: the array that they stand for. */
  readonly revision: unknown;
  /** Height in pixels of row `index` until it has been measured. */
  readonly estimatePx: (index: number) => number;
  /** Stable identity of row `index`: what was measured follows the item, not its place. */
  readonly keyOf: (index: number) => string;
  readonly scrollRef: RefObject<HTMLElement | null>;
  /** Rows kept ready beyond each edge. */
  readonly overscan?: number;
}

export interface VirtualRows {
  /** The rows to draw, each `position: absolute` at `start` pixels, marked `data-index`. */
  readonly rows: readonly VirtualItem[];
  readonly totalPx: number;
  /** Ref of each drawn row; measures it and goes on watching. */
  readonly measure: (element: HTMLElement | null) => void;
  readonly scrollTo: (index: number, align?: 'auto' | 'start' | 'center') => void;
}

interface Snapshot {
  readonly rows: readonly VirtualItem[];
  readonly totalPx: number;
}

type CoreOptions = VirtualizerOptions<HTMLElement, HTMLElement>;

/** A list that is not shown has rows without height: what is known of them stays. */
const measureShown: NonNullable<CoreOptions['measureElement']> = (element, entry, core) => {
  if (element.getClientRects().length > 0) return measureElement(element, entry, core);
  const index = core.indexFromElement(element);
  const key = core.options.getItemKey(index);
  return core.itemSizeCache.get(key) ?? core.options.estimateSize(index);
};

/**
 * The virtualiser behind a store with immutable snapshots. Its own React hook hands out functions
 * that read moving state, which React's compiler must refuse to memoise together with its callers.
 */
class RowStore {
  readonly #core: Virtualizer<HTMLElement, HTMLElement>;
  readonly #listeners = new Set<() => void>();
  #options: VirtualRowsOptions;
  #snapshot: Snapshot;

  constructor(options: VirtualRowsOptions) {
    this.#options = options;
    this.#core = new Virtualizer(this.#coreOptions());
    this.#snapshot = this.#read();
  }

  #coreOptions(): CoreOptions {
    const { count, scrollRef, overscan = 8 } = this.#options;
    return {
      count,
      overscan,
      estimateSize: (index) => this.#options.estimatePx(index),
      // A new function each time: its identity is what makes the core forget the old order.
      getItemKey: (index) => this.#options.keyOf(index),
      getScrollElement: () => scrollRef.current,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      measureElement: measureShown,
      // What the server draws, before anything can be measured.
      initialRect: { width: 480, height: 800 },
      onChange: () => this.#publish(),
    };
  }

  #read(): Snapshot {
    return { rows: this.#core.getVirtualItems(), totalPx: this.#core.getTotalSize() };
  }

  #publish(): void {
    const next = this.#read();
    if (next.rows === this.#snapshot.rows && next.totalPx === this.#snapshot.totalPx) return;
    this.#snapshot = next;
    for (const listener of this.#listeners) listener();
  }

  /** Called after every render; does something only when rows came, went or moved. */
  update(options: VirtualRowsOptions): void {
    const before = this.#options;
    this.#options = options;
    const isSame = before.count === options.count && before.revision === options.revision;
    if (!isSame) this.#core.setOptions(this.#coreOptions());
    this.#core._willUpdate();
    if (!isSame) this.#publish();
  }

  readonly mount = () => this.#core._didMount();
  readonly getSnapshot = () => this.#snapshot;
  readonly measure = (element: HTMLElement | null) => this.#core.measureElement(element);
  readonly scrollTo: VirtualRows['scrollTo'] = (index, align = 'auto') =>
    this.#core.scrollToIndex(index, { align });
  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}

/** Which of many rows stand in the window of `scrollRef`, so that only those are drawn. */
export function useVirtualRows(options: VirtualRowsOptions): VirtualRows {
  const [store] = useState(() => new RowStore(options));
  const snapshot = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  const update = useEffectEvent(() => store.update(options));
  useLayoutEffect(() => store.mount(), [store]);
  useLayoutEffect(() => {
    update();
  });
  return { ...snapshot, measure: store.measure, scrollTo: store.scrollTo };
}
