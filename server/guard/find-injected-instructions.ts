import type { TextSignal } from '#server/guard/contract.ts';
import { foreignSignatures } from '#server/guard/internal/foreign-instructions.ts';
import {
  coreNames,
  coreWeightMin,
  instructionSignatures,
  markerSignatures,
  ordinaryForUsers,
  type InstructionSignature,
  type MarkerSignature,
} from '#server/guard/internal/instruction-signatures.ts';
import { type CueText, readCues, spellCues } from '#server/guard/internal/read-cues.ts';
import { mayMatch, requiredCues } from '#server/guard/internal/required-cues.ts';
import { scanText } from '#server/guard/internal/scan-text.ts';
import {
  decodeBlobs,
  readTags,
  respell,
  spacedLettersMin,
  turnBack,
  type Undisguised,
} from '#server/guard/internal/undisguise-text.ts';

/**
 * Who speaks in a text. In `data` (tool outputs, retrieved text, memory) nobody is entitled to instruct
 * the agent; a `user` is, so there only overriding, extraction, personas and forged markers count.
 */
export type TextVoice = 'data' | 'user';

interface Hit {
  readonly name: string;
  readonly weight: number;
  readonly start: number;
  readonly end: number;
}

interface Window {
  readonly score: number;
  readonly start: number;
  readonly end: number;
  /** Contributing signatures, heaviest first. */
  readonly names: readonly string[];
}

/** Signatures count together when they begin within this many characters: about a long paragraph. */
const windowChars = 700;
/** Of one signature in one text; more of the same adds nothing. */
const hitsPerSignatureMax = 64;
const windowsMax = 4;
/** Sum of weights from which a window counts as an instruction. */
export const instructionThreshold = 1;

const noHits: readonly Hit[] = [];

const isCore = (name: string, weight: number): boolean =>
  weight >= coreWeightMin && coreNames.has(name);
const coreSignatures = instructionSignatures.filter(({ name, weight }) => isCore(name, weight));
/** All core patterns in one: a text without any is done after one pass over its cues. */
const anyCore = new RegExp(coreSignatures.map(({ pattern }) => `(?:${pattern.source})`).join('|'));
/** Of so few words hardly any class occurs, and asking each pattern for its classes is cheaper. */
const fewCues = 64;
const sideSignatures = instructionSignatures.filter(({ name, weight }) => !isCore(name, weight));

/** Those who write *about* attacks quote them; a quoted phrase near such words weighs less. */
const quotedFactor = 0.4;
const quoteReachCues = 60;

function isQuotedExample(cues: string, start: number, end: number): boolean {
  const opens = cues.slice(Math.max(0, start - 2), start).includes('"');
  const closes = cues.slice(end, end + 5).includes('"');
  if (!opens || !closes) return false;
  return cues.slice(Math.max(0, start - quoteReachCues), end + quoteReachCues).includes('K');
}

function collectCueHits(
  text: CueText,
  cues: string,
  signatures: readonly InstructionSignature[],
  hits: Hit[],
): void {
  const { offsets } = text;
  for (const { name, weight, required, pattern } of signatures) {
    if (!mayMatch(required, text)) continue;
    pattern.lastIndex = 0;
    let found = pattern.exec(cues);
    for (let seen = 0; found !== null && seen < hitsPerSignatureMax; seen += 1) {
      const end = Math.min(pattern.lastIndex, cues.length - 1);
      const isQuoted = isQuotedExample(cues, found.index, end);
      hits.push({
        name,
        weight: isQuoted ? weight * quotedFactor : weight,
        start: offsets[found.index] ?? 0,
        end: offsets[end] ?? 0,
      });
      found = pattern.exec(cues);
    }
  }
}

function collectPatternHits(
  text: string,
  signature: { readonly name: string; readonly weight: number; readonly pattern: RegExp },
  hits: Hit[],
): void {
  const { name, weight, pattern } = signature;
  pattern.lastIndex = 0;
  let found = pattern.exec(text);
  for (let seen = 0; found !== null && seen < hitsPerSignatureMax; seen += 1) {
    hits.push({ name, weight, start: found.index, end: pattern.lastIndex });
    found = pattern.exec(text);
  }
}

/** Best weight of each name among the hits that begin within the window that opens with `from`. */
function weighWindow(hits: readonly Hit[], from: number): Window {
  const first = hits[from];
  if (first === undefined) return { score: 0, start: 0, end: 0, names: [] };
  const best = new Map<string, number>();
  let { end } = first;
  for (let index = from; index < hits.length; index += 1) {
    const hit = hits[index];
    if (hit === undefined || hit.start > first.start + windowChars) break;
    if (hit.weight > (best.get(hit.name) ?? 0)) best.set(hit.name, hit.weight);
    end = Math.max(end, hit.end);
  }
  const names = [...best].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  let score = 0;
  let hasCore = false;
  for (const [name, weight] of best) {
    score += weight;
    hasCore ||= isCore(name, weight);
  }
  if (!hasCore) score = 0;
  return { score, start: first.start, end, names };
}

/** The markers that the text may hold, by its cues and the brackets in it. */
function possibleMarkers(text: string, cues: CueText): readonly MarkerSignature[] {
  const hasAngle = text.includes('<');
  const hasBracket = text.includes('[');
  return markerSignatures.filter(({ hint, required }) => {
    if (hint === '<') return hasAngle;
    return hint === '[' ? hasBracket : mayMatch(required, cues);
  });
}

const markedLatin = /[\u00c0-\u024f\u1e00-\u1eff]/;
const beyondLatin = /[\u0370-\u1dff\u1f00-\u1fff\u2e80-\ud7ff]/;
const latinSignatures = foreignSignatures.filter(({ script }) => script.test('ã'));
const otherSignatures = foreignSignatures.filter(({ script }) => !script.test('ã'));

/** Typographic quotes and dashes are beyond ASCII, too, but belong to no other language. */
function collectForeignHits(text: string, hits: Hit[]): void {
  if (markedLatin.test(text))
    for (const signature of latinSignatures) collectPatternHits(text, signature, hits);
  if (!beyondLatin.test(text)) return;
  for (const signature of otherSignatures)
    if (signature.script.test(text)) collectPatternHits(text, signature, hits);
}

function collectHits(text: string, read: CueText, voice: TextVoice): readonly Hit[] {
  const hits: Hit[] = [];
  const isCorePossible = coreSignatures.some(({ required }) => mayMatch(required, read));
  const markers = possibleMarkers(text, read);
  if (isCorePossible || markers.length > 0) {
    const cues = spellCues();
    if (isCorePossible && (read.length < fewCues || anyCore.test(cues)))
      collectCueHits(read, cues, coreSignatures, hits);
    for (const marker of markers) {
      const { hint } = marker;
      if (typeof hint === 'string' || hint.test(cues)) collectPatternHits(text, marker, hits);
    }
  }
  if (read.hasForeign) collectForeignHits(text, hits);
  if (!hits.some(({ name, weight }) => isCore(name, weight))) return noHits;
  collectCueHits(read, spellCues(), sideSignatures, hits);
  const counted = voice === 'data' ? hits : hits.filter(({ name }) => !ordinaryForUsers.has(name));
  return counted.sort((a, b) => a.start - b.start);
}

/** Windows from the threshold on, none overlapping another, in order. */
function weighAll(hits: readonly Hit[]): Window[] {
  let possible = 0;
  for (const hit of hits) possible += hit.weight;
  if (possible < instructionThreshold) return [];
  const windows: Window[] = [];
  let from = 0;
  while (from < hits.length && windows.length < windowsMax) {
    let best: Window | null = null;
    let next = hits.length;
    for (let index = from; index < hits.length; index += 1) {
      if (best !== null && (hits[index]?.start ?? 0) > best.end) {
        next = index;
        break;
      }
      const window = weighWindow(hits, index);
      if (window.score >= instructionThreshold && window.score > (best?.score ?? 0)) best = window;
    }
    if (best === null) break;
    windows.push(best);
    from = next;
  }
  return windows;
}

/** Cuts a long list short: a text stuffed with cues costs no more than a few thousand windows. */
const hitsMax = 4096;

/**
 * The heaviest window of traits, 1 being the threshold of a finding; 0 without any trait that could make one.
 * Below the threshold it proves nothing, but says something beside another sign.
 */
export function weighInstructions(text: string, voice: TextVoice): number {
  const hits = collectHits(text, readCues(text), voice).slice(0, hitsMax);
  return hits.reduce((best, _, index) => Math.max(best, weighWindow(hits, index).score), 0);
}

const spoken = (name: string): string => name.replaceAll('_', ' ');

function toSignal(window: Window, prefix: string): TextSignal {
  const names = window.names.map(spoken);
  return {
    type: 'injected_instruction',
    detector: `${prefix}${window.names[0] ?? 'instruction'}`,
    start: window.start,
    end: window.end,
    score: Math.min(1, window.score / 2),
    detail: `Text addressed to the model (${names.join(', ')}).`,
  };
}

/** Class of words in rot13 or back to front. */
const turnedWord = requiredCues(/z/);

const undisguised: readonly Undisguised[] = [];

/** What hides behind the disguises that the text shows signs of. */
function undisguise(text: string, cues: CueText, runs: readonly number[]): readonly Undisguised[] {
  const isTurned = mayMatch(turnedWord, cues);
  const isSpelled =
    cues.hasForeign || cues.hasLongIdentifier || cues.spacedLetters >= spacedLettersMin;
  if (runs.length === 0 && !isTurned && !isSpelled) return undisguised;
  const found = runs.length === 0 ? [] : decodeBlobs(text, runs);
  if (isTurned) found.push(...turnBack(text));
  if (isSpelled) found.push(...readTags(text), ...respell(text, cues));
  return found;
}

/** Fewer words than these instruct nobody, unless one of them is a sentence in disguise. */
const cuesMin = 5;

const nothing: readonly TextSignal[] = [];

/**
 * Finds text that instructs the model, in data that should only inform it. Deterministic signatures,
 * not a classifier: words are reduced to what they do (set aside, obey, before, task, send, user, model
 * …; eighteen languages), patterns over those name traits (`override_instructions`, `task_preemption`,
 * `addressed_to_model`, `secrecy`, …), and traits that stand near each other add up. One trait is
 * ordinary in letters and manuals; several are not. Base64, hex, rot13, reversed, spaced, styled and
 * tagged text is decoded once and read again.
 *
 * @param voice who speaks: `data` counts every trait, `user` only those that no user needs.
 * @param runs the runs of token characters in the text, when a scan already noted them
 * @returns at most four windows and four disguises, in order; `score` is half the sum of the traits'
 *   weights, so 0.5 is the threshold.
 */
export function findInjectedInstructions(
  text: string,
  voice: TextVoice,
  runs: readonly number[] = scanText(text).runs,
): readonly TextSignal[] {
  const cues = readCues(text);
  if (cues.length < cuesMin && runs.length === 0 && !cues.hasForeign) return nothing;
  const disguised = undisguise(text, cues, runs);
  const hits = collectHits(text, cues, voice).slice(0, hitsMax);
  const windows = weighAll(hits);
  if (windows.length === 0 && disguised.length === 0) return nothing;
  const signals = windows.map((window) => toSignal(window, ''));
  for (const { text: inner, start, end, disguise } of disguised) {
    if (signals.length >= 2 * windowsMax) break;
    const [window] = weighAll(collectHits(inner, readCues(inner), voice));
    if (window !== undefined) signals.push(toSignal({ ...window, start, end }, `${disguise}_`));
  }
  return signals;
}
