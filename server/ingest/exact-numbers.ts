import { endOfNumber, endOfString, isNumberStart } from '#server/ingest/scan-json.ts';

/**
 * JSON text in which every integer that a double cannot hold is written as a string of its digits,
 * so that parsing rounds no account number; a fraction with more digits than a double has stays a
 * number and is rounded. `isInexact` says whether there was either.
 */
export function quoteInexactIntegers(text: string): { text: string; isInexact: boolean } {
  const pieces: string[] = [];
  let copied = 0;
  let isInexact = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
    } else if (isNumberStart(code)) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      if (!isOwnDouble(token)) {
        isInexact = true;
        if (mustQuote(token)) {
          pieces.push(text.slice(copied, at), '"', token, '"');
          copied = end;
        }
      }
      at = end - 1;
    }
  }
  return { text: copied === 0 ? text : pieces.join('') + text.slice(copied), isInexact };
}

const numberPattern = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** True when the number written as `token` is exactly what a double prints as; false for no number. */
export function isOwnDouble(token: string): boolean {
  const written = decimalOf(token);
  const value = Number(token);
  return written !== null && Number.isFinite(value) && written === decimalOf(String(value));
}

/** An integer, or a number beyond the range of a double: parsing would change more than its end. */
function mustQuote(token: string): boolean {
  if (!numberPattern.test(token)) return false;
  return /^-?\d+$/.test(token) || !Number.isFinite(Number(token));
}

/** Significant digits and power of ten: `1.50e3`, `1500` → `15e2`; null when it is no JSON number. */
function decimalOf(token: string): string | null {
  const parts = numberPattern.exec(token);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = all.replace(/(?<!0)0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (all.length - significant.length);
  return `${sign}${significant}e${power}`;
}
