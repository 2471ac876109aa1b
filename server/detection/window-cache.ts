import type { WindowStore } from '#server/detection/evaluate-event.ts';
import type { WindowState } from '#server/detection/window-state.ts';

/** Where a window is kept: a scope (rule, version, document) and a group within it. */
export interface WindowKey {
  readonly scope: string;
  readonly group: string;
}

/** One attempt at evaluating a batch: what it wrote, and which windows it had to do without. */
export interface WindowAttempt extends WindowStore {
  readonly written: () => readonly (WindowKey & { readonly state: WindowState })[];
  readonly missing: () => readonly WindowKey[];
}

/**
 * The windows a batch needs, which only its evaluation can tell: an attempt runs over what has been
 * loaded and notes what was not, the caller loads that and tries again. Evaluation is pure, so an
 * attempt that lacked something is thrown away; a chain of n correlations needs n + 1 attempts.
 */
export class WindowCache {
  /** Null: looked for and not there. */
  readonly #loaded = new Map<string, WindowState | null>();
  readonly #changed = new Map<string, WindowKey & { readonly state: WindowState }>();

  /** Takes over what was found; every key asked for is known afterwards. */
  load(
    keys: readonly WindowKey[],
    found: readonly (WindowKey & { readonly state: WindowState })[],
  ): void {
    for (const key of keys) this.#loaded.set(nameOf(key.scope, key.group), null);
    for (const { scope, group, state } of found) this.#loaded.set(nameOf(scope, group), state);
  }

  /** Sets a window before any attempt; every attempt starts from it and counts it as written. */
  change(scope: string, group: string, state: WindowState): void {
    this.#changed.set(nameOf(scope, group), { scope, group, state });
  }

  attempt(): WindowAttempt {
    const written = new Map(this.#changed);
    const missing = new Map<string, WindowKey>();
    return {
      read: (scope, group) => {
        const name = nameOf(scope, group);
        const own = written.get(name);
        if (own !== undefined) return own.state;
        const known = this.#loaded.get(name);
        if (known === undefined) missing.set(name, { scope, group });
        return known ?? null;
      },
      write: (scope, group, state) => {
        written.set(nameOf(scope, group), { scope, group, state });
      },
      written: () => [...written.values()],
      missing: () => [...missing.values()],
    };
  }
}

function nameOf(scope: string, group: string): string {
  return `${scope}\n${group}`;
}
