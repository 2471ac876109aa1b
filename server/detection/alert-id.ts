import { TypeID } from 'typeid-js';
import { sha256 } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';

/** A rule's group-by that holds this ends with the trace, and so does its alert. */
const traceField = 'trace.id';

/**
 * Start of the window whose matches make one alert, in event time. Windows are cut on the clock
 * rather than by gaps between matches, because a gap depends on what has arrived so far, and the
 * same events have to give the same alerts in whatever order they come. A trace is its own window.
 */
export function alertWindowStart(
  groupBy: readonly string[],
  timespanMs: number,
  at: number,
): number {
  if (groupBy.includes(traceField)) return 0;
  const windowMs = Math.max(limits.alertWindowMs, timespanMs);
  return Math.floor(at / windowMs) * windowMs;
}

/** What an alert is the alert of. */
export interface AlertKey {
  readonly ruleId: string;
  readonly ruleVersion: number;
  /** The document of the source that fired (a source may hold several). */
  readonly ruleKey: string;
  readonly group: readonly string[];
  readonly windowStart: number;
  /** How many alerts of the same key were resolved before: a match after that opens a new one. */
  readonly generation: number;
}

/** `alr_…`, always the same for the same key: raising it twice is one alert. */
export function alertIdOf(key: AlertKey): string {
  const digest = sha256(
    JSON.stringify([
      key.ruleId,
      key.ruleVersion,
      key.ruleKey,
      key.group,
      key.windowStart,
      key.generation,
    ]),
  );
  const bytes = new Uint8Array(digest.subarray(0, 16));
  // The layout of UUIDv7, as every id of ours: the window's start, then the hash.
  new DataView(bytes.buffer).setUint32(0, Math.floor(key.windowStart / 0x10000));
  new DataView(bytes.buffer).setUint16(4, key.windowStart % 0x10000);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return TypeID.fromUUIDBytes('alr', bytes).toString();
}
