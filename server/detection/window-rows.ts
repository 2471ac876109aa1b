import { limits } from '#server/kernel/limits.ts';
import {
  compareEntries,
  decodeEntries,
  decodeHead,
  encodeEntries,
  type StoredEntries,
  type StoredWindow,
  type WindowEntry,
  type WindowState,
} from '#server/detection/window-state.ts';

/** A row of a window: part 0 is its head, the others hold entries alone. */
export interface WindowRow {
  readonly part: number;
  readonly state: unknown;
}

/** Which entries lie in which part beside the head, as it was last written or read. */
export type WindowLayout = ReadonlyMap<number, readonly WindowEntry[]>;

/** What has to be written so that the rows of a window hold its state. */
export interface WindowChange {
  readonly rows: readonly { readonly part: number; readonly state: StoredWindow | StoredEntries }[];
  /** Parts to be deleted. */
  readonly gone: readonly number[];
  /** The layout once that is written. */
  readonly layout: WindowLayout;
}

/**
 * The rows of a window that has moved on from `layout`. A busy group remembers a thousand entries
 * and a batch adds a few: those are written with the head, until they are enough for a part of their
 * own, which is then left alone. Writing the whole window with every batch was most of what the
 * detector cost in Postgres, and grew with the number of batches.
 */
export function changeRows(state: WindowState, layout: WindowLayout): WindowChange {
  const present = new Set(state.entries);
  const [oldest] = state.entries;
  const next = new Map<number, readonly WindowEntry[]>();
  const kept = new Set<WindowEntry>();
  const gone: number[] = [];
  for (const [part, entries] of layout) {
    const left = entries.filter((entry) => present.has(entry));
    if (left.length === 0 || !isOnlyOutgrown(entries, present, oldest)) {
      gone.push(part);
      continue;
    }
    next.set(part, left);
    for (const entry of left) kept.add(entry);
  }
  const { latestAt, closedBefore, touchedAt } = state;
  const own = state.entries.filter((entry) => !kept.has(entry));
  const times = { latestAt, closedBefore, touchedAt, count: state.entries.length };
  if (own.length < limits.windowPartEntries) {
    return { rows: [{ part: 0, state: { ...encodeEntries(own), ...times } }], gone, layout: next };
  }
  const part = Math.max(0, ...layout.keys()) + 1;
  const rows = [
    { part: 0, state: { ...encodeEntries([]), ...times } },
    { part, state: encodeEntries(own) },
  ];
  return { rows, gone, layout: next.set(part, own) };
}

/**
 * Whether what a part holds beyond the window has only become too old for it: that sorts before
 * everything else, and reading leaves it out by `count`. Anything else was replaced.
 */
function isOnlyOutgrown(
  entries: readonly WindowEntry[],
  present: ReadonlySet<WindowEntry>,
  oldest: WindowEntry | undefined,
): boolean {
  return entries.every(
    (entry) => present.has(entry) || (oldest !== undefined && compareEntries(entry, oldest) < 0),
  );
}

/**
 * The window that its rows hold, null when there is no head.
 * @throws ZodError when a row is not one that {@link changeRows} made
 */
export function windowOfRows(
  rows: readonly WindowRow[],
): { readonly state: WindowState; readonly layout: WindowLayout } | null {
  const head = rows.find((row) => row.part === 0);
  if (head === undefined) return null;
  const { state, count } = decodeHead(head.state);
  const parts = rows.filter((row) => row.part !== 0);
  if (parts.length === 0) return { state, layout: new Map() };
  const layout = new Map(parts.map((row) => [row.part, decodeEntries(row.state)]));
  const all = [...state.entries, ...[...layout.values()].flat()].toSorted(compareEntries);
  const entries = all.slice(Math.max(0, all.length - count));
  return { state: { ...state, entries }, layout };
}
