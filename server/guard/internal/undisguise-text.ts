import { profileRun, runEnd, runStart, tableOf } from '#server/guard/internal/measure-run.ts';

/** What stands behind a disguise, and where the disguised part lies in the original. */
export interface Undisguised {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** `encoded` (base64, hex, rot13, reversed), `hidden` (tags) or `spelled` (spaced, styled letters). */
  readonly disguise: 'encoded' | 'hidden' | 'spelled';
}

const blobsMax = 16;
const blobCharsMax = 64 * 1024;
const blobTable = tableOf(/[A-Za-z0-9+/_-]/);
const blobCharsMin = 24;
const hexBlob = /^(?:[0-9a-fA-F]{2}){16,}$/;

/** Decoded bytes count only as text: printable, with blanks between words. */
function asReadable(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  if (text.length < 12 || !/[\p{L}]\s[\p{L}]/u.test(text)) return null;
  let odd = 0;
  for (const char of text) if (char === '\ufffd' || (char < ' ' && !/\s/.test(char))) odd += 1;
  return odd * 20 > text.length ? null : text;
}

/** Most blobs are images, hashes and ids: two control bytes at the start rule them out. */
function beginsLikeText(bytes: Buffer): boolean {
  let controls = 0;
  for (const byte of bytes)
    if (byte < 32 && byte !== 10 && byte !== 9 && byte !== 13) controls += 1;
  return controls < 2;
}

/** Hashes, trace ids and UUIDs: hex of the lengths that those have. */
function isDigest(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 32 && length !== 36 && length !== 40 && length !== 64) return false;
  return profileRun(text, start, end).isHex;
}

/**
 * Readable text behind base64 or hex, decoded once and never again.
 *
 * @param runs start and end of runs of token characters, flat, as the scan noted them
 */
export function decodeBlobs(text: string, runs: readonly number[]): Undisguised[] {
  const found: Undisguised[] = [];
  let after = 0;
  for (let index = 0, seen = 0; index < runs.length && seen < blobsMax; index += 2) {
    const run = runs[index] ?? 0;
    if (run < after) continue;
    const start = runStart(blobTable, text, run, Math.max(after, run - blobCharsMin));
    const end = runEnd(blobTable, text, runs[index + 1] ?? run, text.length);
    after = end;
    if (end - start < blobCharsMin || isDigest(text, start, end)) continue;
    seen += 1;
    const blob = text.slice(start, Math.min(end, start + blobCharsMax));
    const isHex = blob.length % 2 === 0 && hexBlob.test(blob.slice(0, 4096));
    const encoding = isHex ? 'hex' : 'base64';
    if (!beginsLikeText(Buffer.from(blob.slice(0, 32), encoding))) continue;
    const readable = asReadable(Buffer.from(blob, encoding));
    if (readable !== null) found.push({ text: readable, start, end, disguise: 'encoded' });
  }
  return found;
}

function rot13(text: string): string {
  return text.replace(/[A-Za-z]/g, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** Text turned letter by letter (rot13), and back to front. */
export function turnBack(text: string): Undisguised[] {
  const whole = { start: 0, end: text.length, disguise: 'encoded' } as const;
  return [
    { ...whole, text: rot13(text) },
    { ...whole, text: Array.from(text).reverse().join('') },
  ];
}

const tagCharacters = /(?:\udb40[\udc20-\udc7e]){4,}/g;

/** Unicode tags spell ASCII without a glyph: nobody sees them, a model reads them. */
export function readTags(text: string): Undisguised[] {
  return Array.from(text.matchAll(tagCharacters), (match) => ({
    text: match[0].replace(/\udb40([\udc20-\udc7e])/g, (_, low: string) =>
      String.fromCharCode(low.charCodeAt(0) - 0xdc00),
    ),
    start: match.index,
    end: match.index + match[0].length,
    disguise: 'hidden',
  }));
}

/** Letters with an ASCII twin: mathematical, circled, squared. Full-width ones are read as they are. */
const styledLetters = /\ud835[\udc00-\udfff]|[\u2460-\u24ff]|\ud83c[\udd30-\udd8f]/;
const spacedWord = /(?<![A-Za-z0-9])[A-Za-z0-9](?:[ ._*-][A-Za-z0-9](?![A-Za-z0-9])){3,}/g;

/** So many single letters in a row are a word, not initials. */
export const spacedLettersMin = 6;

/** What the reading of a text showed about the way its words are spelled. */
export interface Spelling {
  readonly hasForeign: boolean;
  readonly spacedLetters: number;
  readonly hasLongIdentifier: boolean;
}

/** Styled letters made plain, `i g n o r e` and `ignore_all_rules` made words. */
export function respell(text: string, spelling: Spelling): Undisguised[] {
  const found: Undisguised[] = [];
  const whole = { start: 0, end: text.length, disguise: 'spelled' } as const;
  if (spelling.hasForeign && styledLetters.test(text))
    found.push({ ...whole, text: text.normalize('NFKC') });
  if (spelling.spacedLetters >= spacedLettersMin) {
    const joined = text.replace(spacedWord, (letters) => letters.replace(/[ ._*-]/g, ''));
    found.push({ ...whole, text: joined });
  }
  if (spelling.hasLongIdentifier) found.push({ ...whole, text: text.replace(/_/g, ' ') });
  return found;
}
