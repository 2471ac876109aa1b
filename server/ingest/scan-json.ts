/**
 * Counts what a JSON text would cost before anything parses it. V8 parses a million levels without
 * complaint and then overflows elsewhere, and twenty megabytes of `[],[],…` become half a gigabyte
 * of arrays: so both are bounded on the raw text. Says nothing of whether the text is valid.
 */
export interface JsonScan {
  /** Deepest nesting of objects and arrays; a bare string or number has 0. */
  readonly depth: number;
  /** Objects and arrays. */
  readonly containers: number;
  /** `key: value` pairs: more than the parsed value has keys means that a key came twice. */
  readonly pairs: number;
  /** A number is long enough, or has an exponent, so that a double may not hold it. */
  readonly hasLongNumber: boolean;
}

/** Any shorter run of digits is its own double: 2^53 has 16 digits. */
const exactDigitsMax = 15;

const quote = 0x22;
const backslash = 0x5c;

/** One pass over `text`; linear whatever it holds. */
export function scanJson(text: string): JsonScan {
  let level = 0;
  let depth = 0;
  let containers = 0;
  let pairs = 0;
  let hasLongNumber = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
    } else if (code === 0x7b || code === 0x5b) {
      containers += 1;
      level += 1;
      if (level > depth) depth = level;
    } else if (code === 0x7d || code === 0x5d) {
      level -= 1;
    } else if (code === 0x3a) {
      pairs += 1;
    } else if (isNumberStart(code)) {
      const end = endOfNumber(text, at);
      hasLongNumber ||= isLongNumber(text, at, end);
      at = end - 1;
    }
  }
  return { depth, containers, pairs, hasLongNumber };
}

/** Index of the quote that closes the string opened at `start`; the text's length when none does. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    at = end + 1;
  }
}

/** A digit or a minus. */
export function isNumberStart(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39);
}

/** Index after the number that starts at `start`. */
export function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isNumberPart(text.charCodeAt(at))) at += 1;
  return at;
}

function isNumberPart(code: number): boolean {
  // Digits, sign, point and exponent.
  return isNumberStart(code) || code === 0x2e || code === 0x2b || code === 0x65 || code === 0x45;
}

function isLongNumber(text: string, start: number, end: number): boolean {
  if (end - start > exactDigitsMax) return true;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x65 || code === 0x45) return true;
  }
  return false;
}
