import { z } from 'zod';

/** One match remembered by a window. `at` is event time in milliseconds since 1970. */
export interface WindowEntry {
  readonly at: number;
  readonly eventId: string;
  /** Which of the correlation's rules matched. */
  readonly input: number;
  /** A window that ends with this event has fired. */
  readonly isFired: boolean;
  /** Already reported as evidence. */
  readonly isUsed: boolean;
  /** Values that the correlation counts or adds up. */
  readonly values: readonly (string | number)[];
  /** Field values that an enclosing correlation will ask for. */
  readonly carried: Readonly<Record<string, string>>;
}

/** What a correlation remembers of one group between events. */
export interface WindowState {
  /** By event time, event id and input. */
  readonly entries: readonly WindowEntry[];
  readonly latestAt: number;
  /** An event before this is late: it is judged alone and never joins the window. */
  readonly closedBefore: number;
  /** Our clock when it last changed; old groups are forgotten by it. */
  readonly touchedAt: number;
}

/** A window whose list of entries belongs to whoever holds it; the entries never change. */
export interface OwnWindow extends WindowState {
  readonly entries: WindowEntry[];
}

/** A copy to work in. */
export function ownWindow(state: WindowState): OwnWindow {
  return { ...state, entries: state.entries.slice() };
}

/** The order of entries: by time, id and rule. Negative when `a` comes first. */
export function compareEntries(a: WindowEntry, b: WindowEntry): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.eventId !== b.eventId) return a.eventId < b.eventId ? -1 : 1;
  return a.input - b.input;
}

/**
 * Columns instead of objects, each in one text: a busy group's state is written with every batch,
 * and of a long list of numbers Postgres makes as many numerics.
 */
const storedEntriesSchema = z.object({
  /** The first time, then how much later each is than the one before; between blanks. */
  at: z.union([z.string(), z.array(z.number())]),
  /** Between line feeds, which no event id holds. */
  id: z.union([z.string(), z.array(z.string())]),
  /** Between blanks. */
  input: z.union([z.string(), z.array(z.number().int())]),
  /** Between blanks; bit 0 fired, bit 1 used. */
  flags: z.union([z.string(), z.array(z.number().int())]),
  values: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  carried: z.array(z.record(z.string(), z.string())).optional(),
});
export type StoredEntries = z.infer<typeof storedEntriesSchema>;

const storedSchema = storedEntriesSchema.extend({
  latestAt: z.number(),
  closedBefore: z.number(),
  touchedAt: z.number(),
  /** Entries of the whole window, those in other rows included; all there are when absent. */
  count: z.number().int().optional(),
});
export type StoredWindow = z.infer<typeof storedSchema>;

/** The form of a whole window in one row. */
export function encodeWindow(state: WindowState): StoredWindow {
  const { entries, latestAt, closedBefore, touchedAt } = state;
  return { ...encodeEntries(entries), latestAt, closedBefore, touchedAt };
}

export function encodeEntries(entries: readonly WindowEntry[]): StoredEntries {
  return {
    at: entries.map(({ at }, index) => at - (entries[index - 1]?.at ?? 0)).join(' '),
    id: entries.map((entry) => entry.eventId).join('\n'),
    input: entries.map((entry) => entry.input).join(' '),
    flags: entries.map((entry) => (entry.isFired ? 1 : 0) + (entry.isUsed ? 2 : 0)).join(' '),
    ...(entries.some((entry) => entry.values.length > 0)
      ? { values: entries.map((entry) => [...entry.values]) }
      : {}),
    ...(entries.some((entry) => Object.keys(entry.carried).length > 0)
      ? { carried: entries.map((entry) => ({ ...entry.carried })) }
      : {}),
  };
}

/** @throws ZodError when the stored form is not one that {@link encodeWindow} made */
export function decodeWindow(stored: unknown): WindowState {
  return decodeHead(stored).state;
}

/**
 * What a window's head holds, and how many entries the whole window has.
 * @throws ZodError when the stored form is no head of a window
 */
export function decodeHead(stored: unknown): {
  readonly state: WindowState;
  readonly count: number;
} {
  const columns = storedSchema.parse(stored);
  const { latestAt, closedBefore, touchedAt } = columns;
  const entries = entriesOf(columns);
  return {
    state: { entries, latestAt, closedBefore, touchedAt },
    count: columns.count ?? entries.length,
  };
}

/** @throws ZodError when the stored form is not one that {@link encodeEntries} made */
export function decodeEntries(stored: unknown): WindowEntry[] {
  return entriesOf(storedEntriesSchema.parse(stored));
}

function entriesOf(columns: StoredEntries): WindowEntry[] {
  const times = timesOf(columns.at);
  const ids = typeof columns.id === 'string' ? columns.id.split('\n') : columns.id;
  const inputs = numbersOf(columns.input);
  const marks = numbersOf(columns.flags);
  return times.map((at, index): WindowEntry => {
    const flags = marks[index] ?? 0;
    return {
      at,
      eventId: ids[index] ?? '',
      input: inputs[index] ?? 0,
      isFired: (flags & 1) !== 0,
      isUsed: (flags & 2) !== 0,
      values: columns.values?.[index] ?? [],
      carried: columns.carried?.[index] ?? {},
    };
  });
}

function numbersOf(column: string | readonly number[]): readonly number[] {
  if (typeof column !== 'string') return column;
  return column === '' ? [] : column.split(' ').map(Number);
}

function timesOf(column: StoredEntries['at']): readonly number[] {
  if (typeof column !== 'string') return column;
  let at = 0;
  return numbersOf(column).map((step) => (at += step));
}
