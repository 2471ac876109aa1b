import type { OpenWindow, WindowStore } from '#server/detection/evaluate-event.ts';
import { changeRows, type WindowChange, type WindowLayout } from '#server/detection/window-rows.ts';
import { ownWindow, type WindowState } from '#server/detection/window-state.ts';

/** Where a window is kept: a scope (rule, version, document) and a group within it. */
export interface WindowKey {
  readonly scope: string;
  readonly group: string;
}

/** A window as it stands in the database. */
export interface KnownWindow {
  readonly state: WindowState;
  readonly layout: WindowLayout;
}

/** One attempt at evaluating a batch: what it wrote, and which windows it had to do without. */
export interface WindowAttempt extends WindowStore {
  readonly missing: () => readonly WindowKey[];
  /** What has to be written, and which windows that leaves behind: for {@link WindowCache.keep}. */
  readonly changes: () => readonly ChangedWindow[];
}

export interface ChangedWindow extends WindowKey {
  readonly state: WindowState;
  readonly change: WindowChange;
}

/**
 * The windows a batch needs, which only its evaluation can tell: an attempt runs over what has been
 * loaded and notes what was not, the caller loads that and tries again. An attempt works in copies,
 * so one that lacked something is thrown away; a chain of n correlations needs n + 1 attempts. What
 * was loaded, or written and kept, is there for the next batch.
 */
export class WindowCache {
  /** Null: looked for and not there. */
  readonly #known = new Map<string, KnownWindow | null>();
  readonly #changed = new Map<string, WindowKey & { readonly state: WindowState }>();
  #entries = 0;

  get groups(): number {
    return this.#known.size;
  }

  /** Entries of all windows together. */
  get entries(): number {
    return this.#entries;
  }

  /** Takes over what was found; every key asked for is known afterwards. */
  load(keys: readonly WindowKey[], found: readonly (WindowKey & KnownWindow)[]): void {
    for (const { scope, group } of keys) this.#set(nameOf(scope, group), null);
    for (const { scope, group, state, layout } of found) {
      this.#set(nameOf(scope, group), { state, layout });
    }
  }

  /** Sets a window before any attempt; every attempt starts from it and counts it as written. */
  change(scope: string, group: string, state: WindowState): void {
    this.#changed.set(nameOf(scope, group), { scope, group, state });
  }

  /** Takes over what an attempt left, once it stands in the database. */
  keep(changes: readonly ChangedWindow[]): void {
    this.#changed.clear();
    for (const { scope, group, state, change } of changes) {
      this.#set(nameOf(scope, group), { state, layout: change.layout });
    }
  }

  attempt(): WindowAttempt {
    const opened = new Map<string, Map<string, OpenWindow>>();
    const missing: WindowKey[] = [];
    const place = (scope: string, group: string, state: WindowState | null): OpenWindow => {
      const ofScope = opened.get(scope) ?? new Map<string, OpenWindow>();
      opened.set(scope, ofScope);
      const window = { state: state === null ? null : ownWindow(state) };
      ofScope.set(group, window);
      return window;
    };
    for (const { scope, group, state } of this.#changed.values()) place(scope, group, state);
    return {
      open: (scope, group) => {
        const own = opened.get(scope)?.get(group);
        if (own !== undefined) return own;
        const known = this.#known.get(nameOf(scope, group));
        if (known === undefined) missing.push({ scope, group });
        return place(scope, group, known?.state ?? null);
      },
      missing: () => missing,
      changes: () =>
        [...opened].flatMap(([scope, groups]) =>
          [...groups].flatMap(([group, { state }]) =>
            state === null ? [] : [this.#changeOf(scope, group, state)],
          ),
        ),
    };
  }

  #changeOf(scope: string, group: string, state: WindowState): ChangedWindow {
    const layout = this.#known.get(nameOf(scope, group))?.layout ?? new Map();
    return { scope, group, state, change: changeRows(state, layout) };
  }

  #set(name: string, window: KnownWindow | null): void {
    this.#entries += window?.state.entries.length ?? 0;
    this.#entries -= this.#known.get(name)?.state.entries.length ?? 0;
    this.#known.set(name, window);
  }
}

function nameOf(scope: string, group: string): string {
  return `${scope}\n${group}`;
}
