import {
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  trustLevels,
} from '../states/contract.ts';
import type { TraceFact } from '../traces/contract.ts';

// Checked by hand, not by schemas: the page of a trace would load the schema library for these alone.

/** One event of a trace without its payload. Times are microseconds since 1970. */
export interface TraceEvent {
  readonly id: string;
  /** 0 is the first telling; a re-sent span with other content is 1, 2, … */
  readonly revision: number;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly kind: (typeof eventKinds)[number];
  readonly phase: (typeof eventPhases)[number] | null;
  readonly callId: string | null;
  readonly name: string | null;
  /** As inherited, where the event itself names none. */
  readonly agent: string;
  readonly session: string | null;
  readonly user: string | null;
  readonly startedAtUs: number;
  readonly endedAtUs: number | null;
  readonly receivedAtUs: number;
  readonly status: (typeof eventStatuses)[number];
  readonly trust: (typeof trustLevels)[number];
  readonly flags: readonly (typeof eventFlags)[number][];
  /** Distinct types of what the guard saw. */
  readonly findings: readonly (typeof findingTypes)[number][];
  /** Effect class of the tool by the tools table; null for unknown tools and other kinds. */
  readonly effect: string | null;
}

/** From here down the number of an id stands for a beginning, which the span's id completes. */
const derivedIdFrom = -2;

/**
 * Text of events: every string once, every row the numbers of its fields, starts counted from the
 * first one. An id that ends in its span's id, as all of OTLP do, is told by its beginning: written
 * out, ids were half of the text.
 */
export function encodeTraceEvents(events: readonly TraceEvent[]): string {
  const numbers = new Map<string, number>();
  const numberOf = (text: string | null): number => {
    if (text === null) return -1;
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const idNumberOf = ({ id, spanId }: TraceEvent): number =>
    spanId !== null && id.endsWith(`:${spanId}`)
      ? derivedIdFrom - numberOf(id.slice(0, id.length - spanId.length))
      : numberOf(id);
  const baseUs = events[0]?.startedAtUs ?? 0;
  const rows = events.map((event) => [
    idNumberOf(event),
    event.revision,
    numberOf(event.spanId),
    numberOf(event.parentSpanId),
    eventKinds.indexOf(event.kind),
    event.phase === null ? -1 : eventPhases.indexOf(event.phase),
    numberOf(event.callId),
    numberOf(event.name),
    numberOf(event.agent),
    numberOf(event.session),
    numberOf(event.user),
    event.startedAtUs - baseUs,
    event.endedAtUs === null ? null : event.endedAtUs - event.startedAtUs,
    event.receivedAtUs - event.startedAtUs,
    eventStatuses.indexOf(event.status),
    trustLevels.indexOf(event.trust),
    bitsOf(event.flags, eventFlags),
    bitsOf(event.findings, findingTypes),
    numberOf(event.effect),
  ]);
  return JSON.stringify({ words: [...numbers.keys()], baseUs, rows });
}

/** The events behind a text of {@link encodeTraceEvents}. @throws Error when it is not one. */
export function decodeTraceEvents(text: string): TraceEvent[] {
  const { words, baseUs, rows } = rowsOf(JSON.parse(text));
  return rows.map((cells) => {
    const row = cells.map(numberOf);
    const wordOf = (number: number | null | undefined) => words[number ?? -1] ?? null;
    const wordIn = (number: number | null | undefined) => wordOf(number) ?? '';
    const idNumber = row[0] ?? -1;
    const startedAtUs = baseUs + (row[11] ?? 0);
    const lastedUs = row[12] ?? null;
    return {
      id:
        idNumber <= derivedIdFrom
          ? `${wordIn(derivedIdFrom - idNumber)}${wordIn(row[2])}`
          : wordIn(idNumber),
      revision: row[1] ?? 0,
      spanId: wordOf(row[2]),
      parentSpanId: wordOf(row[3]),
      kind: eventKinds[row[4] ?? 0] ?? 'lifecycle',
      phase: eventPhases[row[5] ?? -1] ?? null,
      callId: wordOf(row[6]),
      name: wordOf(row[7]),
      agent: wordIn(row[8]),
      session: wordOf(row[9]),
      user: wordOf(row[10]),
      startedAtUs,
      endedAtUs: lastedUs === null ? null : startedAtUs + lastedUs,
      receivedAtUs: startedAtUs + (row[13] ?? 0),
      status: eventStatuses[row[14] ?? 0] ?? 'unset',
      trust: trustLevels[row[15] ?? 2] ?? 'unknown',
      flags: fromBits(row[16] ?? 0, eventFlags),
      findings: fromBits(row[17] ?? 0, findingTypes),
      effect: wordOf(row[18]),
    };
  });
}

function numberOf(cell: unknown): number | null {
  if (cell === null || typeof cell === 'number') return cell;
  throw new Error('the text does not hold the events of a trace');
}

function bitsOf<T extends string>(values: readonly T[], all: readonly T[]): number {
  return values.reduce((bits, value) => bits | (1 << all.indexOf(value)), 0);
}

function fromBits<T extends string>(bits: number, all: readonly T[]): readonly T[] {
  return bits === 0 ? [] : all.filter((_, index) => (bits & (1 << index)) !== 0);
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isOne);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isCells = (value: unknown): value is readonly unknown[] => Array.isArray(value);

function rowsOf(value: unknown): {
  readonly words: readonly string[];
  readonly baseUs: number;
  readonly rows: readonly (readonly unknown[])[];
} {
  const { words, baseUs, rows } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (isListOf(words, isText) && typeof baseUs === 'number' && isListOf(rows, isCells)) {
    return { words, baseUs, rows };
  }
  throw new Error('the text does not hold the events of a trace');
}

const isFact = (value: unknown): value is TraceFact =>
  typeof value === 'object' && value !== null && 'eventId' in value && isText(value.eventId);

/** The facts of a text of `traces.facts`. @throws Error when it is not one. */
export function decodeTraceFacts(text: string): TraceFact[] {
  const facts: unknown = JSON.parse(text);
  if (isListOf(facts, isFact)) return [...facts];
  throw new Error('the text does not hold the facts of a trace');
}
