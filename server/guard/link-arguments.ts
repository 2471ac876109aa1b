import { limits } from '#server/kernel/limits.ts';
import { fold, type FoldedText, findWhole, passagesOf } from './internal/fold-text.ts';
import { stringsOf } from './walk-strings.ts';

/** A stretch of one string of a call's arguments that came from elsewhere. */
export interface ArgumentLink<Source> {
  /** RFC 6901 pointer of the string (or of the object whose key it is). */
  readonly pointer: string;
  /** UTF-16 code units of that string, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly source: Source;
  /** The same stretch in the source's text. */
  readonly sourceStart: number;
  readonly sourceEnd: number;
}

/** Text that arguments may have come from. */
export interface LinkSource {
  readonly text: string;
}

export interface LinkOptions {
  /**
   * Texts of people and of the system: what they contain, the agent had from them, and it is not linked
   * to anything untrusted.
   */
  readonly trusted: readonly string[];
  /** How the log would hold a part; null where that cannot be said. By default as it stands. */
  readonly spell?: (part: string, name: string | null) => string | null;
  /** Stretches that must be asked for beside words and lines: personal data with blanks inside. */
  readonly stretches?: (text: string, name: string | null) => readonly Stretch[];
  /** Stretches looked for at most; `limits.provenanceCandidatesMax` unless told. */
  readonly candidatesMax?: number;
}

export interface ArgumentLinks<Source> {
  readonly links: ArgumentLink<Source>[];
  /** False when there was more to look for than is looked for: what has no link is then not known. */
  readonly isWhole: boolean;
}

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const charsMin = 8;
/** Shorter whole strings count when they are telling: `P020`, `519201`. */
const tellingCharsMin = 5;
/** What is rare enough to mean something alone: it has a digit, a dot, a slash, an underscore or an @ inside. */
const telling = /[\d@/._:]/;
const words = /[^\s"'<>()[\]{},;]+/gu;
const edges = /^[.:/_-]+|(?<![.:/_-])[.:/_-]+$/gu;

/**
 * Stretches of a call's arguments that untrusted content contained before: whole strings, their lines,
 * the telling words in them (addresses, accounts, hosts, paths, ids), and passages of six words. Case,
 * runs of blanks and invisible characters do not matter; a match ends where words end. Newest source
 * first, as they are given. Linear in the text of the sources times the candidates, both bounded
 * (`candidatesMax`). Pure.
 */
export function linkArguments<Source extends LinkSource>(
  value: unknown,
  sources: readonly Source[],
  options: LinkOptions,
): ArgumentLinks<Source> {
  const links: ArgumentLink<Source>[] = [];
  if (sources.length === 0) return { links, isWhole: true };
  const search: Search<Source> = {
    sources: sources.map((source) => ({ source, text: fold(source.text) })),
    trusted: options.trusted.map((text) => fold(text)),
    left: options.candidatesMax ?? limits.provenanceCandidatesMax,
  };
  for (const item of argumentsOf(value)) {
    const taken: Stretch[] = [];
    for (const candidate of candidatesOf(item, options)) {
      if (taken.some((one) => one.start <= candidate.start && candidate.end <= one.end)) continue;
      if ((search.left -= 1) < 0) return { links, isWhole: false };
      const part = item.text.slice(candidate.start, candidate.end);
      const wanted = options.spell ? options.spell(part, item.name) : part;
      if (wanted === null) continue;
      const link = locate(fold(wanted).folded, search);
      if (link === null) continue;
      taken.push(candidate);
      links.push({ pointer: item.pointer, ...candidate, ...link });
    }
    links.push(...passageLinks(item, taken, search));
    if (search.left < 0) return { links, isWhole: false };
  }
  return { links, isWhole: true };
}

/** What is looked through, and how many stretches may still be looked for. */
interface Search<Source> {
  readonly sources: readonly FoldedSource<Source>[];
  readonly trusted: readonly FoldedText[];
  left: number;
}

interface Argument {
  readonly pointer: string;
  readonly text: string;
  readonly name: string | null;
}

/** Strings of the arguments without their keys; a bare string stands for itself. */
function argumentsOf(value: unknown): Argument[] {
  return [...stringsOf(value)].filter((item) => !item.isKey);
}

/** Longest first, so that a line that is found spares its words. */
function candidatesOf({ text, name }: Argument, options: LinkOptions): Stretch[] {
  const all: Stretch[] = [trimmed(text, 0, text.length)];
  let from = 0;
  for (const line of text.split('\n')) {
    all.push(trimmed(text, from, from + line.length));
    from += line.length + 1;
  }
  for (const { start, end } of options.stretches?.(text, name) ?? []) all.push({ start, end });
  for (const match of text.matchAll(words)) {
    if (!telling.test(match[0])) continue;
    const inner = match[0].replace(edges, '');
    const start = match.index + match[0].indexOf(inner);
    all.push({ start, end: start + inner.length });
    for (const { index, length } of addressesIn(inner))
      all.push({ start: start + index, end: start + index + length });
  }
  const seen = new Set<string>();
  return all
    .filter(({ start, end }) => {
      const key = `${start}-${end}`;
      if (seen.has(key) || !isTelling(text.slice(start, end))) return false;
      seen.add(key);
      return true;
    })
    .toSorted((a, b) => b.end - b.start - (a.end - a.start));
}

/** A link without its scheme, and its host alone: people and pages leave out what browsers add. */
function addressesIn(word: string): { readonly index: number; readonly length: number }[] {
  const parts = /^[a-z][a-z0-9+.-]*:\/\/(?:www\.)?([^/?#]+)/i.exec(word);
  const host = parts?.[1];
  if (!parts || host === undefined) return [];
  const from = parts[0].length - host.length;
  const afterScheme = word.indexOf('://') + 3;
  return [
    { index: afterScheme, length: word.length - afterScheme },
    { index: from, length: host.length },
  ];
}

function trimmed(text: string, from: number, to: number): Stretch {
  const part = text.slice(from, to);
  const start = from + (part.length - part.trimStart().length);
  return { start, end: Math.max(start, from + part.trimEnd().length) };
}

/** Long enough to be no accident: `true`, `2024` and `Electronics` are found in any text. */
function isTelling(part: string): boolean {
  if (part.length < tellingCharsMin) return false;
  const hasDigit = /\d/.test(part);
  if (part.length < charsMin) return hasDigit && !/^\d{1,4}$/.test(part) && !isDate(part);
  return !isDate(part) && (hasDigit || /[\s@/._:-]/.test(part) || part.length >= 12);
}

/** Dates and times are named by anybody. */
const isDate = (part: string): boolean =>
  /^\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?$|^\d{1,2}:\d{2}(?::\d{2})?$/.test(
    part,
  );

interface Located<Source> {
  readonly source: Source;
  readonly sourceStart: number;
  readonly sourceEnd: number;
}

interface FoldedSource<Source> {
  readonly source: Source;
  readonly text: FoldedText;
}

/** The first source that contains it, unless somebody trusted said it as well. */
function locate<Source>(
  wanted: string,
  { sources, trusted }: Search<Source>,
): Located<Source> | null {
  for (const { source, text } of sources) {
    const at = findWhole(text, wanted);
    if (at === null) continue;
    if (trusted.some((one) => findWhole(one, wanted) !== null)) return null;
    return { source, sourceStart: at.start, sourceEnd: at.end };
  }
  return null;
}

/** Passages of what is left of a long string, joined where they follow each other. */
function passageLinks<Source>(
  item: Argument,
  taken: readonly Stretch[],
  search: Search<Source>,
): ArgumentLink<Source>[] {
  const links: ArgumentLink<Source>[] = [];
  for (const passage of passagesOf(fold(item.text))) {
    if (taken.some((one) => one.start < passage.end && passage.start < one.end)) continue;
    if ((search.left -= 1) < 0) return links;
    const last = links.at(-1);
    const link = locate(passage.words, search);
    if (link === null) continue;
    if (
      last?.source === link.source &&
      passage.start < last.end &&
      link.sourceStart < last.sourceEnd
    ) {
      links[links.length - 1] = { ...last, end: passage.end, sourceEnd: link.sourceEnd };
    } else links.push({ pointer: item.pointer, start: passage.start, end: passage.end, ...link });
  }
  return links;
}
