import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { cleanJson, isArray } from '#server/ingest/clean-text.ts';
import { quoteInexactIntegers } from '#server/ingest/exact-numbers.ts';
import { scanJson, type JsonScan } from '#server/ingest/scan-json.ts';
import type { EventFlag, Json } from '#server/telemetry/contract.ts';

/**
 * A request body as JSON, its nesting and its number of objects bounded before it is parsed.
 * Broken UTF-8 reads as U+FFFD. @throws AppError bad_request
 */
export function parseJsonBody(body: Uint8Array): unknown {
  return parseOrRefuse(readBoundedBody(body));
}

/**
 * The text of a request body, once its nesting and number of objects are known to be bounded.
 * @throws AppError bad_request
 */
export function readBoundedBody(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  requireBounded(text);
  return text;
}

/** Refuses what nests or spreads beyond the limits. @throws AppError bad_request */
export function requireBounded(text: string): void {
  const scan = scanJson(text);
  if (scan.depth > limits.jsonDepthMax) {
    throw new AppError('bad_request', `Nest JSON at most ${limits.jsonDepthMax} levels deep.`);
  }
  if (isTooWide(scan)) {
    throw new AppError(
      'bad_request',
      'The body has too many objects or keys; send smaller batches.',
    );
  }
}

function isTooWide(scan: JsonScan): boolean {
  return scan.containers > limits.jsonContainersMax || scan.pairs > limits.jsonPairsMax;
}

/** `text` as JSON. @throws AppError bad_request when it is none */
export function parseOrRefuse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not valid JSON.', { cause });
  }
}

/**
 * JSON text from a sender (one event, or an attribute that holds JSON) as a value that can be
 * stored: flagged where a key came twice (the last one stays), a number was inexact or a text had to
 * be escaped. `undefined` when it is no JSON or goes beyond the limits.
 */
export function parseStorableJson(text: string, flags: Set<EventFlag>): Json | undefined {
  const scan = scanJson(text);
  if (scan.depth > limits.jsonDepthMax || isTooWide(scan)) return undefined;
  const exact = scan.hasLongNumber ? quoteInexactIntegers(text) : { text, isInexact: false };
  let value: Json;
  try {
    value = JSON.parse(exact.text);
  } catch {
    return undefined;
  }
  if (exact.isInexact) flags.add('inexact_number');
  if (countKeys(value) < scan.pairs) flags.add('duplicate_key');
  return cleanJson(value, flags);
}

function countKeys(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (isArray(value)) {
    let keys = 0;
    for (const item of value) keys += countKeys(item);
    return keys;
  }
  const members = Object.values(value);
  let keys = members.length;
  for (const item of members) keys += countKeys(item);
  return keys;
}
