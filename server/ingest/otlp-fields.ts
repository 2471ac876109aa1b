import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { cleanText } from '#server/ingest/clean-text.ts';
import type { EventFlag, Json } from '#server/telemetry/contract.ts';
import type { DecodedOtlp, OtlpRejection } from '#server/ingest/otlp-model.ts';

/** Why one span or record cannot be kept; caught where its batch is walked, seen nowhere else. */
export class ItemError extends Error {}

/**
 * Collects what a batch yields: `add` runs `decode` for the next item and keeps its value, or the
 * sentence of its {@link ItemError}. @throws AppError payload_too_large beyond `otlpItemsMax`
 */
export class ItemCollector<Item> {
  readonly #accepted: Item[] = [];
  readonly #rejected: OtlpRejection[] = [];

  add(decode: () => Item): void {
    const index = this.#accepted.length + this.#rejected.length;
    if (index >= limits.otlpItemsMax) {
      throw new AppError(
        'payload_too_large',
        `Send at most ${limits.otlpItemsMax} spans or records in one request.`,
      );
    }
    try {
      this.#accepted.push(decode());
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      this.#rejected.push({ index, reason: error.message });
    }
  }

  result(): DecodedOtlp<Item> {
    return { accepted: this.#accepted, rejected: this.#rejected };
  }
}

const traceIdPattern = /^[0-9a-f]{32}$/;
const spanIdPattern = /^[0-9a-f]{16}$/;
const zerosPattern = /^0*$/;

/** A trace id that is told and not all zeros. @throws ItemError */
export function requireTraceId(hex: string): string {
  if (traceIdPattern.test(hex) && !zerosPattern.test(hex)) return hex;
  throw new ItemError('traceId must be 32 hex digits, not all zero.');
}

/** A span id that is told and not all zeros. @throws ItemError */
export function requireSpanId(hex: string): string {
  if (spanIdPattern.test(hex) && !zerosPattern.test(hex)) return hex;
  throw new ItemError('spanId must be 16 hex digits, not all zero.');
}

/** Empty or all zeros means "none", as in the specification. @throws ItemError for another shape */
export function optionalTraceId(hex: string): string | null {
  return zerosPattern.test(hex) ? null : requireTraceId(hex);
}

/** Empty or all zeros means "none", as in the specification. @throws ItemError for another shape */
export function optionalSpanId(hex: string, field: string): string | null {
  if (zerosPattern.test(hex)) return null;
  if (spanIdPattern.test(hex)) return hex;
  throw new ItemError(`${field} must be 16 hex digits.`);
}

const unixNanoMax = 2n ** 64n - 1n;

/**
 * Nanoseconds since 1970 as decimal digits → RFC 3339 UTC with microseconds, which is what Postgres
 * keeps; null for 0, OTLP's "not told". @throws ItemError for what is no uint64
 */
export function readUnixNano(digits: string, field: string): string | null {
  if (!/^\d{1,20}$/.test(digits)) throw new ItemError(`${field} must be nanoseconds since 1970.`);
  if (digits.length === 20 && BigInt(digits) > unixNanoMax) {
    throw new ItemError(`${field} is beyond 64 bits.`);
  }
  if (zerosPattern.test(digits)) return null;
  const padded = digits.padStart(10, '0');
  const seconds = Number(padded.slice(0, -9));
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${padded.slice(-9, -3)}Z`;
}

/** A time that has to be told. @throws ItemError */
export function requireUnixNano(digits: string, field: string): string {
  const at = readUnixNano(digits, field);
  if (at === null) throw new ItemError(`${field} is missing.`);
  return at;
}

/**
 * A 64-bit integer as a number; as its digits where a double cannot hold it, and then flagged, so
 * that nothing is rounded unseen.
 */
export function readInteger(digits: string, flags: Set<EventFlag>): Json {
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? 0 : value;
  flags.add('inexact_number');
  return digits;
}

/** A double; NaN and the infinities as text (JSON has none of them), and then flagged. */
export function readDouble(value: number, flags: Set<EventFlag>): Json {
  if (Number.isFinite(value)) return Object.is(value, -0) ? 0 : value;
  flags.add('inexact_number');
  return String(value);
}

/** A span's or event's name: storable and bounded. */
export function readName(name: string, flags: Set<EventFlag>): string {
  const clean = cleanText(name, flags);
  if (clean.length <= limits.nameCharsMax) return clean;
  flags.add('truncated');
  // Cutting may split a surrogate pair; toWellFormed keeps the rest storable.
  return clean.slice(0, limits.nameCharsMax).toWellFormed();
}
