import { limits } from '#server/kernel/limits.ts';
import type { Json, StoredEvent } from './contract.ts';

const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts written without spaces between words: known by pairs of characters instead. */
const unspaced =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/**
 * The words of a text, as search knows them, in order and with repeats: lower case, compatibility
 * forms unified (full-width `ＡＢＣ` is `abc`), invisible characters gone, so that a word which a
 * zero-width space splits is found whole. Anything but letters, marks and digits separates words.
 * Words longer than `limits.searchWordCharsMax` are cut, in the index and in the question alike.
 * The same function reads both, or nothing would be found.
 */
export function wordsOf(text: string): string[] {
  const plain = plainWordsOf(text);
  if (plain !== null) return plain;
  const folded = text.normalize('NFKC').replace(invisible, '').toLowerCase();
  const words: string[] = [];
  for (const word of folded.match(wordPattern) ?? []) {
    if (unspaced.test(word)) words.push(...pairsOf(word));
    else words.push(cutWord(word));
  }
  return words;
}

/** The same for ASCII alone, in a third of the time; null for any other text. */
function plainWordsOf(text: string): string[] | null {
  const lower = text.toLowerCase();
  const words: string[] = [];
  let start = -1;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7e) return null;
    const isWord =
      (code >= 0x61 && code <= 0x7a) ||
      (code >= 0x41 && code <= 0x5a) ||
      (code >= 0x30 && code <= 0x39);
    if (isWord) {
      if (start < 0) start = index;
    } else if (start >= 0) {
      words.push(lower.slice(start, Math.min(index, start + limits.searchWordCharsMax)));
      start = -1;
    }
  }
  if (start >= 0) words.push(lower.slice(start, start + limits.searchWordCharsMax));
  return words;
}

/** `東京都` → `東京`, `京都`; a single character stands alone. */
function pairsOf(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

function cutWord(word: string): string {
  if (word.length <= limits.searchWordCharsMax) return word;
  return Array.from(word).slice(0, limits.searchWordCharsMax).join('');
}

/** What search knows of an event. */
export type SearchableEvent = Pick<
  StoredEvent,
  | 'agentSlug'
  | 'name'
  | 'model'
  | 'kind'
  | 'status'
  | 'id'
  | 'sessionId'
  | 'user'
  | 'callId'
  | 'instanceId'
  | 'body'
>;

/**
 * Adds the words of one event, at most `limits.searchWordsMax` new ones, out of its first
 * `limits.searchCharsMax` characters: who and what it names first, then what it says. Keys of
 * objects are not text; numbers are.
 */
export function addWordsOf(event: SearchableEvent, words: Set<string>): void {
  const wordsMax = words.size + limits.searchWordsMax;
  let charsLeft: number = limits.searchCharsMax;
  const add = (text: string): void => {
    if (charsLeft <= 0) return;
    const part = text.length > charsLeft ? text.slice(0, charsLeft) : text;
    charsLeft -= part.length;
    for (const word of wordsOf(part)) {
      if (words.size >= wordsMax) return;
      words.add(word);
    }
  };
  const { body } = event;
  for (const name of [event.agentSlug, event.name, event.model, event.kind, event.status]) {
    if (name !== null) add(name);
  }
  for (const id of [event.id, event.sessionId, event.user, event.callId, event.instanceId]) {
    if (id !== null) add(id);
  }
  for (const part of [body.error, body.input, body.output, body.data, body.source.origin]) {
    visitTexts(part, add);
  }
  visitTexts(body.attributes, add);
}

function visitTexts(value: Json, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (typeof value === 'number') visit(String(value));
  else if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) visitTexts(inner, visit);
  }
}

/** The word that every row of a tenant carries; `@` occurs in no other word. */
export function tenantWord(tenantUuid: string): string {
  return `@${tenantUuid}`;
}

/**
 * A question as text for `to_tsquery`'s input type: every word has to occur in one event, and the
 * last may be the beginning of a word. Null when there is nothing to search for.
 */
export function searchQueryOf(question: string, tenantUuid: string): string | null {
  const words = wordsOf(question);
  const last = words.pop();
  if (last === undefined) return null;
  const isPrefix = last.length >= prefixCharsMin && !unspaced.test(last);
  const terms = [...words.map(quote), isPrefix ? `${quote(last)}:*` : quote(last)];
  return [...new Set(terms), quote(tenantWord(tenantUuid))].join(' & ');
}

/** A shorter prefix would stand for most of the index. */
const prefixCharsMin = 3;

/** Words hold letters, marks and digits only (and the tenant's `@` and `-`): quotes suffice. */
function quote(word: string): string {
  return `'${word}'`;
}
