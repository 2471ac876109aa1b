import { limits } from '#server/kernel/limits.ts';
import type { EventBody, Json, StoredEvent } from './contract.ts';

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
  const words: string[] = [];
  tellWords(text, { stamp: 0, take: (word) => words.push(word) > 0 });
  return words;
}

/** Whoever is told words, in their order. */
interface Listener {
  /** Tells listeners apart that want each word once; 0 for one that wants every word. */
  readonly stamp: number;
  /** False when it wants no more. */
  readonly take: (word: string) => boolean;
}

/** Most text is ASCII: its words are told as they are met, and what is left goes the longer way. */
function tellWords(text: string, listener: Listener): void {
  const rest = tellPlainWords(text, listener);
  if (rest === text.length) return;
  const folded = text.slice(rest).normalize('NFKC').replace(invisible, '').toLowerCase();
  for (const word of folded.match(wordPattern) ?? []) {
    const parts = unspaced.test(word) ? pairsOf(word) : [cutWord(word)];
    if (!parts.every(listener.take)) return;
  }
}

/** Lower case of the ASCII letters and digits by their codes; 0 for all that separates words. */
const plainCodes = Uint8Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code).toLowerCase();
  return /[0-9a-z]/.test(character) ? character.charCodeAt(0) : 0;
});

/**
 * Tells the words of the text's ASCII beginning; answers where the rest begins, with the separator
 * before it, because a combining mark would change that one.
 */
function tellPlainWords(text: string, listener: Listener): number {
  let start = -1;
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7e) return Math.max(0, (start < 0 ? index : start) - 1);
    const plain = plainCodes[code] ?? 0;
    if (plain !== 0) {
      if (start < 0) {
        start = index;
        hash = 0;
      }
      hash = (Math.imul(hash, 31) + plain) | 0;
    } else if (start >= 0) {
      if (!tellPlainWord(text, start, index, hash, listener)) return text.length;
      start = -1;
    }
  }
  if (start >= 0) tellPlainWord(text, start, text.length, hash, listener);
  return text.length;
}

/** A power of two. */
const knownWordsMax = 16_384;
/** Words met lately, by a hash of their characters, and the stamp of who was last told each. */
const knownWords: string[] = Array.from({ length: knownWordsMax }, () => '');
const knownStamps = new Float64Array(knownWordsMax);

/**
 * Tells one word, unless this listener was told it just before. Prose says the same words again and
 * again: making a string of each and asking a set for it was most of the work of indexing.
 */
function tellPlainWord(
  text: string,
  start: number,
  end: number,
  hash: number,
  listener: Listener,
): boolean {
  const length = Math.min(end - start, limits.searchWordCharsMax);
  const slot = (hash ^ (hash >>> 15)) & (knownWordsMax - 1);
  let word = knownWords[slot] ?? '';
  if (word.length === length && isPlainWordAt(text, start, word)) {
    if (listener.stamp !== 0 && knownStamps[slot] === listener.stamp) return true;
  } else {
    word = text.slice(start, start + length).toLowerCase();
    knownWords[slot] = word;
    knownStamps[slot] = 0;
  }
  if (!listener.take(word)) return false;
  knownStamps[slot] = listener.stamp;
  return true;
}

function isPlainWordAt(text: string, start: number, word: string): boolean {
  for (let index = 0; index < word.length; index += 1) {
    if (plainCodes[text.charCodeAt(start + index)] !== word.charCodeAt(index)) return false;
  }
  return true;
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
> & { readonly readBody: () => EventBody };

const stamps = new WeakMap<Set<string>, number>();
let lastStamp = 0;

function stampOf(words: Set<string>): number {
  const known = stamps.get(words);
  if (known !== undefined) return known;
  lastStamp += 1;
  stamps.set(words, lastStamp);
  return lastStamp;
}

/**
 * Adds the words of one event, at most `limits.searchWordsMax` new ones, out of its first
 * `limits.searchCharsMax` characters: who and what it names first, then what it says. Keys of
 * objects are not text; numbers are. From a set that this function fills nothing may be taken away.
 */
export function addWordsOf(event: SearchableEvent, words: Set<string>): void {
  const wordsMax = words.size + limits.searchWordsMax;
  let charsLeft: number = limits.searchCharsMax;
  const listener: Listener = {
    stamp: stampOf(words),
    take: (word) => words.size < wordsMax && words.add(word).size > 0,
  };
  const add = (text: string): void => {
    if (charsLeft <= 0 || words.size >= wordsMax) return;
    const part = text.length > charsLeft ? text.slice(0, charsLeft) : text;
    charsLeft -= part.length;
    tellWords(part, listener);
  };
  const body = event.readBody();
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
