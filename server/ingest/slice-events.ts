import { AppError } from '#server/kernel/errors.ts';
import { isArray, isObject } from '#server/ingest/clean-text.ts';
import { parseOrRefuse } from '#server/ingest/parse-json.ts';
import { endOfString } from '#server/ingest/scan-json.ts';
import type { Json } from '#server/telemetry/contract.ts';

/**
 * Cuts the events out of `{"events":[…]}` without parsing them, so that each can be parsed for
 * itself. What stays around them is parsed here with a 0 in each event's place, which proves that
 * nothing else stood between them. @throws AppError bad_request
 */
export function sliceEvents(text: string): string[] {
  const spans = findElements(text);
  const skeleton: string[] = [];
  let copied = 0;
  for (const { start, end } of spans) {
    skeleton.push(text.slice(copied, start), '0');
    copied = end;
  }
  skeleton.push(text.slice(copied));
  requireBatch(parseOrRefuse(skeleton.join('')), spans.length);
  return spans.map(({ start, end }) => text.slice(start, end));
}

function requireBatch(batch: unknown, count: number): void {
  // JSON.parse gives Json and nothing else.
  const events = isObject(batch as Json) ? (batch as { events?: Json }).events : undefined;
  const isCut = isArray(events) && events.length === count && events.every((one) => one === 0);
  if (!isCut) throw new AppError('bad_request', 'Send one object: {"events":[…]}.');
}

interface Element {
  readonly start: number;
  readonly end: number;
}

/** Elements of the array under the top-level key `events`. @throws AppError when the key comes twice */
function findElements(text: string): Element[] {
  const elements: Element[] = [];
  let level = 0;
  let isInEvents = false;
  let key = '';
  let arrays = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInEvents && level === 2) {
      const start = skipSpace(text, at);
      const end = endOfValue(text, start);
      if (end > start) elements.push({ start, end });
      at = skipSpace(text, end);
      if (text[at] === ',') continue;
      isInEvents = false;
      level -= 1;
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (level === 1) key = text.slice(at, end + 1);
      at = end;
    } else if (character === '[' || character === '{') {
      level += 1;
      isInEvents = character === '[' && level === 2 && isEventsKey(key);
      if (isInEvents) arrays += 1;
    } else if (character === ']' || character === '}') {
      level -= 1;
    } else if (character === ',' && level === 1) {
      key = '';
    }
  }
  if (arrays > 1) throw new AppError('bad_request', 'Send the key "events" once.');
  return elements;
}

/** The key may be written with escapes; anything that is no string is no key. */
function isEventsKey(key: string): boolean {
  if (key === '"events"') return true;
  if (!key.includes('\\')) return false;
  try {
    return JSON.parse(key) === 'events';
  } catch {
    return false;
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  return at;
}

/** Index after the value at `start`: the next comma or closing bracket of its own level. */
function endOfValue(text: string, start: number): number {
  let level = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
    } else if (code === 0x7b || code === 0x5b) {
      level += 1;
    } else if (code === 0x7d || code === 0x5d) {
      if (level === 0) return at;
      level -= 1;
    } else if (code === 0x2c && level === 0) {
      return at;
    }
  }
  return text.length;
}
