import type { TextSignal } from '#server/guard/contract.ts';
import { isWithinName, namedDestinations } from '#server/guard/internal/name-destinations.ts';
import { type Prohibition, readProhibitions, stemOf } from '#server/guard/read-prohibitions.ts';

/** What a model was told, what it was asked, and what it said. */
export interface Answered {
  /** System instructions, as one text. */
  readonly instructions: string;
  /** The latest message of the user; empty where it is not known. */
  readonly request: string;
  readonly output: string;
}

/** A sentence that says what it will not say is no contradiction. */
const declines =
  /\b(?:can(?:no|['’])t|cannot|unable|not able|won['’]t|will not|not allowed|not permitted|not supposed|must not|sorry|apologi[sz]e|refuse|decline|against (?:my|our|the) polic|do not|don['’]t|never|no information)\b/i;
/** An answer that opens so refuses the request. */
const openingChars = 400;

const scores = { topic: 0.6, term: 0.9, destination: 1, elsewhere: 0.9 } as const;
const detectors = {
  topic: 'forbidden_topic',
  term: 'forbidden_term',
  destination: 'forbidden_destination',
  elsewhere: 'forbidden_destination',
} as const;
const details = {
  topic: 'The answer speaks of what the system instructions forbid to speak of.',
  term: 'The answer holds words that the system instructions forbid to say.',
  destination: 'The answer names a destination that the system instructions forbid.',
  elsewhere: 'The answer names a destination other than those that the system instructions allow.',
} as const;

interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly stems: ReadonlySet<string>;
}

const sentencePattern = /[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?/gu;
const sentencesMax = 2000;

function sentencesOf(output: string): Sentence[] {
  const found: Sentence[] = [];
  for (const match of output.matchAll(sentencePattern)) {
    if (found.length >= sentencesMax) break;
    const [text] = match;
    const stems = new Set(
      [...text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’-]+/gu)].map(([word]) => stemOf(word)),
    );
    found.push({ start: match.index, end: match.index + text.length, text, stems });
  }
  return found;
}

type Span = Pick<Sentence, 'start' | 'end'>;

/** Where the answer does what is forbidden; null where it does not. */
function violationOf(
  { kind, words }: Prohibition,
  output: string,
  sentences: readonly Sentence[],
): Span | null {
  if (kind === 'topic') {
    return (
      sentences.find(
        ({ text, stems }) => words.every((stem) => stems.has(stem)) && !declines.test(text),
      ) ?? null
    );
  }
  if (kind === 'term') {
    return (
      sentences.find(
        ({ text }) => words.some((term) => holdsTerm(text, term)) && !declines.test(text),
      ) ?? null
    );
  }
  const named = namedDestinations(output);
  const isForbidden =
    kind === 'destination'
      ? ({ name }: (typeof named)[number]) => words.some((word) => isWithinName(name, word))
      : ({ name, isExplicit }: (typeof named)[number]) =>
          isExplicit && !words.some((word) => isWithinName(name, word));
  return (
    named.find(
      (one) =>
        isForbidden(one) &&
        !sentences.some(
          ({ start, end, text }) => start <= one.start && one.end <= end && declines.test(text),
        ),
    ) ?? null
  );
}

function holdsTerm(text: string, term: string): boolean {
  const folded = text.toLowerCase();
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + 1)) {
    const isCut =
      /[\p{L}\p{N}]/u.test(folded[at - 1] ?? '') ||
      /[\p{L}\p{N}]/u.test(folded[at + term.length] ?? '');
    if (!isCut) return true;
  }
  return false;
}

/** Whether the request is one of those that are to be refused. */
function asksFor({ kind, words }: Prohibition, request: string): boolean {
  if (kind === 'term') return words.some((term) => holdsTerm(request, term));
  const stems = new Set(
    [...request.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’-]+/gu)].map(([word]) => stemOf(word)),
  );
  return words.every((stem) => stems.has(stem));
}

/** Bans of instructions seen: an agent is told the same ones at every call. */
const known = new Map<string, readonly Prohibition[]>();
const knownMax = 200;

function prohibitionsOf(instructions: string): readonly Prohibition[] {
  const found = known.get(instructions);
  if (found !== undefined) return found;
  const read = readProhibitions(instructions);
  if (known.size >= knownMax) known.clear();
  known.set(instructions, read);
  return read;
}

/**
 * Where an answer contradicts the system instructions it was given: it speaks of a forbidden topic, holds
 * forbidden words, names a forbidden destination, or answers what was to be refused. Only bans without
 * a condition count, only in English, and a sentence that declines is none: what cannot be decided by
 * the words is left to people. At most one finding for each ban, the first. Pure.
 */
export function findContradictions({ instructions, request, output }: Answered): TextSignal[] {
  if (output.trim() === '') return [];
  const prohibitions = prohibitionsOf(instructions);
  if (prohibitions.length === 0) return [];
  const sentences = sentencesOf(output);
  const isDeclined = declines.test(output.slice(0, openingChars));
  return prohibitions.flatMap((prohibition) => {
    const { kind, isRefusal } = prohibition;
    if (isRefusal && (isDeclined || !asksFor(prohibition, request))) return [];
    const found = violationOf(prohibition, output, sentences);
    if (found === null) return [];
    const { start, end } = found;
    const detector = isRefusal ? 'refusal_policy' : detectors[kind];
    return [
      { type: 'contradiction', detector, start, end, score: scores[kind], detail: details[kind] },
    ];
  });
}
