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
  /** By event time, then event id. */
  readonly entries: readonly WindowEntry[];
  readonly latestAt: number;
  /** An event before this is late: it is judged alone and never joins the window. */
  readonly closedBefore: number;
  /** Our clock when it last changed; old groups are forgotten by it. */
  readonly touchedAt: number;
}

/** Columns instead of objects: a busy group's state is written with every batch. */
const storedSchema = z.object({
  at: z.array(z.number()),
  id: z.array(z.string()),
  input: z.array(z.number().int()),
  /** Bit 0 fired, bit 1 used. */
  flags: z.array(z.number().int()),
  values: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  carried: z.array(z.record(z.string(), z.string())).optional(),
  latestAt: z.number(),
  closedBefore: z.number(),
  touchedAt: z.number(),
});
export type StoredWindow = z.infer<typeof storedSchema>;

/** The form that is committed with cursor and alerts. */
export function encodeWindow(state: WindowState): StoredWindow {
  const { entries, latestAt, closedBefore, touchedAt } = state;
  return {
    at: entries.map((entry) => entry.at),
    id: entries.map((entry) => entry.eventId),
    input: entries.map((entry) => entry.input),
    flags: entries.map((entry) => (entry.isFired ? 1 : 0) + (entry.isUsed ? 2 : 0)),
    ...(entries.some((entry) => entry.values.length > 0)
      ? { values: entries.map((entry) => [...entry.values]) }
      : {}),
    ...(entries.some((entry) => Object.keys(entry.carried).length > 0)
      ? { carried: entries.map((entry) => ({ ...entry.carried })) }
      : {}),
    latestAt,
    closedBefore,
    touchedAt,
  };
}

/** @throws ZodError when the stored form is not one that {@link encodeWindow} made */
export function decodeWindow(stored: unknown): WindowState {
  const columns = storedSchema.parse(stored);
  const entries = columns.at.map((at, index): WindowEntry => {
    const flags = columns.flags[index] ?? 0;
    return {
      at,
      eventId: columns.id[index] ?? '',
      input: columns.input[index] ?? 0,
      isFired: (flags & 1) !== 0,
      isUsed: (flags & 2) !== 0,
      values: columns.values?.[index] ?? [],
      carried: columns.carried?.[index] ?? {},
    };
  });
  const { latestAt, closedBefore, touchedAt } = columns;
  return { entries, latestAt, closedBefore, touchedAt };
}
