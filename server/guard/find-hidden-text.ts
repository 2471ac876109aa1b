import type { TextSignal } from '#server/guard/contract.ts';
import { nextOf } from '#server/guard/internal/next-of.ts';
import { features, scanText } from '#server/guard/internal/scan-text.ts';

/** What a reader cannot see, by how it hides. The sentences are shown to people. */
const details = {
  bidi_override: 'Characters that reverse the direction of what follows.',
  bidi_control: 'Direction controls in a text that has no right-to-left letters, or left open.',
  tag_characters: 'Invisible tag characters, which spell text that only a machine reads.',
  zero_width: 'Zero-width characters inside words or in a row.',
  variation_selectors: 'Variation selectors in a row, which can carry hidden bytes.',
  mixed_script: 'A word that mixes Latin letters with lookalikes of another alphabet.',
  terminal_escape: 'Terminal control sequences that move, erase or conceal.',
  terminal_colour: 'Terminal colour sequences.',
  html_comment: 'A comment in markup with sentences in it.',
  hidden_style: 'Markup styled so that it does not show.',
} as const;
type Detector = keyof typeof details;

/** Colours and comments are ordinary in terminals and web pages: worth telling, not worth alarm. */
const scores: Partial<Record<Detector, number>> = { terminal_colour: 0.2, html_comment: 0.4 };

/** Of one kind in one text; one is enough to look at it. */
const signalsPerDetectorMax = 8;

class Collector {
  readonly signals: TextSignal[] = [];
  /** Every single one is wanted, not word that there are some. */
  readonly isWhole: boolean;
  readonly #counts = new Map<Detector, number>();

  constructor(isWhole: boolean) {
    this.isWhole = isWhole;
  }

  add(detector: Detector, start: number, end: number): void {
    const count = this.#counts.get(detector) ?? 0;
    this.#counts.set(detector, count + 1);
    if (!this.isWhole && count >= signalsPerDetectorMax) return;
    const score = scores[detector] ?? 1;
    this.signals.push({
      type: 'hidden_text',
      detector,
      start,
      end,
      score,
      detail: details[detector],
    });
  }
}

const anySuspect =
  /[\u200b-\u200d\u202a-\u202e\u2060-\u2069\u180e\ufeff\u0370-\u03ff\u0400-\u052f\u009b]|[\ufe00-\ufe0f]|\udb40/;
const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

const overrides = /[\u202d\u202e]/g;
const directions = /[\u202a\u202b\u202c\u2066-\u2069]/g;

/** Embeddings and isolates belong to texts that mix directions, and are closed in the same line. */
function isBalanced(text: string): boolean {
  for (const line of text.split('\n', 10_000)) {
    let open = 0;
    for (const [control] of line.matchAll(directions)) {
      open += control === '\u202c' || control === '\u2069' ? -1 : 1;
      if (open < 0) return false;
    }
    if (open !== 0) return false;
  }
  return true;
}

function findDirections(text: string, found: Collector): void {
  for (const match of text.matchAll(overrides))
    found.add('bidi_override', match.index, match.index + 1);
  const first = text.search(directions);
  if (first < 0 || (rightToLeft.test(text) && isBalanced(text))) return;
  found.add('bidi_control', first, first + 1);
  if (!found.isWhole) return;
  for (const match of text.matchAll(directions))
    found.add('bidi_control', match.index, match.index + 1);
}

const tagRuns = /(?:\udb40[\udc01\udc20-\udc7f])+/g;
/** Flags of England, Scotland, Wales: black flag, at most six tags and their end. */
const flagTagsMax = 7;

function findTags(text: string, found: Collector): void {
  for (const match of text.matchAll(tagRuns)) {
    const isFlag =
      text.slice(Math.max(0, match.index - 2), match.index) === '\u{1f3f4}' &&
      match[0].length / 2 <= flagTagsMax &&
      match[0].endsWith('\u{e007f}');
    if (!isFlag) found.add('tag_characters', match.index, match.index + match[0].length);
  }
}

const zeroWidthInWord =
  /(?<=[A-Za-z0-9])[\u200b-\u200d\u2060-\u2064\u180e\ufeff]{1,64}(?=[A-Za-z0-9])/g;
/** Four in a row carry bits; no script needs more than two. */
const zeroWidthRun = /[\u200b-\u200d\u2060-\u2064\ufeff]{4,}/g;
const selectorRun = /(?:[\ufe00-\ufe0f]|\udb40[\udd00-\uddef]){2,}/g;

function findInvisible(text: string, found: Collector): void {
  for (const match of text.matchAll(zeroWidthInWord))
    found.add('zero_width', match.index, match.index + match[0].length);
  for (const match of text.matchAll(zeroWidthRun))
    found.add('zero_width', match.index, match.index + match[0].length);
  for (const match of text.matchAll(selectorRun))
    found.add('variation_selectors', match.index, match.index + match[0].length);
}

/** Letters of Cyrillic and Greek that nobody can tell from Latin ones in common fonts. */
const lookalike = 'аеорсухіјѕԁһАВЕКМНОРСТХІЈЅοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';
const mixedWord = new RegExp(
  `(?<![\\p{L}\\p{N}])[A-Za-z${lookalike}]{4,64}(?![\\p{L}\\p{N}])`,
  'gu',
);
const hasLookalike = new RegExp(`[${lookalike}]`);
const latinLetters = /[A-Za-z]/g;

/** `SMSка` and `μm` are ordinary; a word is forged when *every* foreign letter in it passes for Latin. */
function findMixedWords(text: string, found: Collector): void {
  for (const match of text.matchAll(mixedWord)) {
    const [word] = match;
    if (!hasLookalike.test(word) || (word.match(latinLetters)?.length ?? 0) < 2) continue;
    found.add('mixed_script', match.index, match.index + word.length);
  }
}

/** ESC and its one-byte twin CSI, the bell that ends a title, and backspace. */
const [escape, csi, bell, backspace] = [27, 0x9b, 7, 8].map((code) => String.fromCharCode(code));
const escapeSequence = new RegExp(
  `(?:${escape}\\[|${csi})[0-?]{0,32}[ -/]{0,4}[@-~]|` +
    `${escape}[\\]PX^_][^${bell}${escape}]{0,512}|${escape}[ -/]{0,4}[0-~]|${backspace}`,
  'g',
);
const colourOnly = new RegExp(`^(?:${escape}\\[|${csi})[0-9;:]*m$`);
const conceals = /[[;]8(?:;[0-9;]*)?m$/;

function findEscapes(text: string, found: Collector): void {
  let hasColour = false;
  for (const match of text.matchAll(escapeSequence)) {
    const [sequence] = match;
    const isColour = colourOnly.test(sequence) && !conceals.test(sequence);
    if (isColour && hasColour && !found.isWhole) continue;
    hasColour ||= isColour;
    const detector = isColour ? 'terminal_colour' : 'terminal_escape';
    found.add(detector, match.index, match.index + sequence.length);
  }
}

const hiddenStyle =
  /<[a-z][a-z0-9]{0,15}\b[^<>]{0,256}?\bstyle\s{0,4}=\s{0,4}["'][^"'<>]{0,256}?(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|font-size\s{0,4}:\s{0,4}[01](?:px|pt|em|%)?\s{0,4}[;"']|opacity\s{0,4}:\s{0,4}0\s{0,4}[;"']|(?<!-)color\s{0,4}:\s{0,4}(?:white|transparent|#fff(?:fff)?)\s{0,4}[;"'])[^<>]{0,256}>\s{0,32}[^<>\s][^<>]{8}/gi;
const wordsInComment = 6;

function findMarkup(text: string, found: Collector): void {
  const commentEnds = nextOf(text, /-->/);
  for (let start = text.indexOf('<!--'); start >= 0;) {
    const end = commentEnds(start + 4) + 3;
    if (end > text.length) break;
    const words = text.slice(start + 4, end - 3).match(/\p{L}{2,}/gu)?.length ?? 0;
    if (words >= wordsInComment) found.add('html_comment', start, end);
    start = text.indexOf('<!--', end);
  }
  if (text.includes('style'))
    for (const match of text.matchAll(hiddenStyle))
      found.add('hidden_style', match.index, match.index + match[0].length);
}

const nothing: readonly TextSignal[] = [];

function find(text: string, bits: number, isWhole: boolean): readonly TextSignal[] {
  const hasUnicode = (bits & features.nonAscii) !== 0 && anySuspect.test(text);
  const hasMarkup = (bits & features.markup) !== 0;
  if (!hasUnicode && !hasMarkup) return nothing;
  const found = new Collector(isWhole);
  if (hasUnicode) {
    findDirections(text, found);
    findTags(text, found);
    findInvisible(text, found);
    findMixedWords(text, found);
  }
  if (hasMarkup || text.includes('\u009b')) findEscapes(text, found);
  if (hasMarkup) findMarkup(text, found);
  return found.signals.length === 0 ? nothing : found.signals;
}

/**
 * Finds text that a person does not see or sees otherwise than a machine reads it; of each kind the
 * first few. Controls that a script needs pass: joiners beside Indic and Arabic letters and in emoji,
 * isolates in right-to-left text, flags made of tags, one variation selector after a character.
 *
 * @param bits features of the text, when a scan already noted them
 */
export function findHiddenText(
  text: string,
  bits: number = scanText(text).bits,
): readonly TextSignal[] {
  return find(text, bits, false);
}

/** As `findHiddenText`, but every single one, for whoever takes them out. */
export function findAllHiddenText(text: string): readonly TextSignal[] {
  return find(text, scanText(text).bits, true);
}
