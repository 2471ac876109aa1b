import type {
  CanaryMatch,
  CanaryMatcher,
  KeptSecretMatch,
  KeptSecretMatcher,
  SensitiveMatch,
  TextSignal,
} from '#server/guard/contract.ts';
import { findHiddenText } from '#server/guard/find-hidden-text.ts';
import {
  findInjectedInstructions,
  type TextVoice,
} from '#server/guard/find-injected-instructions.ts';
import { collectPii } from '#server/guard/find-pii.ts';
import { collectSecrets } from '#server/guard/find-secrets.ts';
import { holds, runEnd, tableOf } from '#server/guard/internal/measure-run.ts';
import { type StrippedText, stripInvisible } from '#server/guard/internal/strip-invisible.ts';
import { features, scanText, type TextScan } from '#server/guard/internal/scan-text.ts';

/** How to look at one text. */
export interface InspectionOptions {
  /** The field that holds the text; null for a text without one. */
  readonly name: string | null;
  readonly canaries: CanaryMatcher | null;
  /** Secrets that the broker keeps; null where there are none, or nobody looks for them. */
  readonly kept: KeptSecretMatcher | null;
  /** Whose words these are; null where text is not looked at for instructions. */
  readonly voice: TextVoice | null;
  /** Tool, resource and origin of the event: canaries whose home is among them are at home. */
  readonly places: readonly string[];
}

/** What the inline layer saw in one text; the lists are shared and empty for a clean one. */
export interface Inspection {
  /** What must be replaced: in order, never overlapping. */
  readonly sensitive: readonly SensitiveMatch[];
  readonly signals: readonly TextSignal[];
  /** Secrets that the broker keeps; all of them are covered by `sensitive`, too. */
  readonly kept: readonly KeptSecretMatch[];
  /** U+0000 or a surrogate occurs; a lone one must be escaped before it is stored. */
  readonly mayBeUnstorable: boolean;
}

const nothing: readonly never[] = [];
const clean: Inspection = {
  sensitive: nothing,
  signals: nothing,
  kept: nothing,
  mayBeUnstorable: false,
};

/** What a match of a kept secret is called among the detectors. */
export const keptDetector = 'kept_credential';

/** When matches overlap, the graver one names the whole stretch. */
const gravity: Readonly<Record<SensitiveMatch['placeholder'], number>> = {
  SECRET: 10,
  CARD: 9,
  IBAN: 8,
  SSN: 7,
  NINO: 6,
  EMAIL: 5,
  PASSPORT: 4,
  LICENSE: 3,
  PHONE: 2,
  MAC: 1,
  IP: 0,
};

function isGraver(a: SensitiveMatch, b: SensitiveMatch): boolean {
  if (a.placeholder !== b.placeholder) return gravity[a.placeholder] > gravity[b.placeholder];
  return a.end - a.start > b.end - b.start;
}

/**
 * Puts matches in order and melts overlapping ones into one: it covers them all, so that no part of
 * any survives, and bears the name of the gravest (then the longest, then the first).
 */
export function resolveOverlaps(matches: readonly SensitiveMatch[]): readonly SensitiveMatch[] {
  if (matches.length < 2) return matches;
  const sorted = [...matches].sort((a, b) => a.start - b.start || b.end - a.end);
  const resolved: SensitiveMatch[] = [];
  for (const match of sorted) {
    const last = resolved.at(-1);
    if (last === undefined || match.start >= last.end) {
      resolved.push(match);
      continue;
    }
    const winner = isGraver(match, last) ? match : last;
    resolved[resolved.length - 1] = {
      placeholder: winner.placeholder,
      detector: winner.detector,
      start: last.start,
      end: Math.max(last.end, match.end),
    };
  }
  return resolved;
}

/**
 * Secrets and personal data of one text, in order and never overlapping. Where invisible characters
 * stand in it, the text is read once more without them, so that a zero-width space inside an address
 * does not save it.
 */
export function findSensitive(text: string, name: string | null): readonly SensitiveMatch[] {
  return sensitiveIn(text, name, scanText(text), nothing);
}

/** Kept secrets of one text, looked for without its invisible characters as well. */
function keptIn(
  text: string,
  { bits }: TextScan,
  kept: KeptSecretMatcher | null,
): readonly KeptSecretMatch[] {
  if (kept === null) return nothing;
  const found = kept.find(text);
  const stripped = (bits & features.nonAscii) === 0 ? null : stripInvisible(text);
  if (stripped === null) return found;
  return [...found, ...kept.find(stripped.text).map((match) => placed(match, text, stripped))];
}

/** Where a match in a stripped text lies in the text itself. */
function placed<M extends { readonly start: number; readonly end: number }>(
  match: M,
  text: string,
  { offsets }: StrippedText,
): M {
  const start = offsets[match.start] ?? 0;
  return { ...match, start, end: (offsets[match.end - 1] ?? text.length - 1) + 1 };
}

function sensitiveIn(
  text: string,
  name: string | null,
  scan: TextScan,
  kept: readonly KeptSecretMatch[],
): readonly SensitiveMatch[] {
  const { bits } = scan;
  if (bits === 0 && name === null && kept.length === 0) return nothing;
  const found: SensitiveMatch[] = kept.map(({ start, end }) => ({
    placeholder: 'SECRET',
    detector: keptDetector,
    start,
    end,
  }));
  collectSecrets(text, scan, name, found);
  collectPii(text, scan, name, found);
  if ((bits & features.nonAscii) !== 0) {
    const stripped = stripInvisible(text);
    if (stripped !== null) {
      const inStripped: SensitiveMatch[] = [];
      const again = scanText(stripped.text);
      collectSecrets(stripped.text, again, name, inStripped);
      collectPii(stripped.text, again, name, inStripped);
      for (const match of inStripped) found.push(placed(match, text, stripped));
    }
  }
  return resolveOverlaps(found.length === 0 ? found : found.map((match) => withGlued(text, match)));
}

const gluedTable = tableOf(/[A-Za-z0-9_-]/);
const wordTable = tableOf(/[A-Za-z0-9_]/);

/**
 * What stands glued to a match goes with it: nobody can tell where the one ends and the other begins,
 * and a key that began inside a longer word must not become readable as one afterwards.
 */
function withGlued(text: string, match: SensitiveMatch): SensitiveMatch {
  if (!holds(wordTable, text, match.end)) return match;
  return { ...match, end: runEnd(gluedTable, text, match.end, text.length) };
}

/** Shorter texts hold no instruction; ids and names by the million need not be read for one. */
const instructionCharsMin = 16;

function canarySignal(match: CanaryMatch): TextSignal {
  const what = match.name === null ? 'A registered canary' : `The canary “${match.name}”`;
  const disguise = match.form === 'plain' ? '' : ` (${match.form.replace('_', ' ')})`;
  return {
    type: 'canary',
    detector: match.canaryId,
    start: match.start,
    end: match.end,
    score: 1,
    detail: `${what} was seen outside its home${disguise}.`,
    disguise: match.form,
  };
}

/** A canary where it lives proves nothing. */
function findLeaks(text: string, options: InspectionOptions): readonly TextSignal[] {
  const matches = options.canaries?.find(text) ?? nothing;
  if (matches.length === 0) return nothing;
  return matches
    .filter(({ homes }) => !homes.some((home) => options.places.includes(home)))
    .map(canarySignal);
}

function findSignals(
  text: string,
  scan: TextScan,
  options: InspectionOptions,
): readonly TextSignal[] {
  const hidden = findHiddenText(text, scan.bits);
  const instructions =
    options.voice !== null && text.length >= instructionCharsMin
      ? findInjectedInstructions(text, options.voice, scan.runs)
      : nothing;
  const leaks = findLeaks(text, options);
  if (hidden.length + instructions.length + leaks.length === 0) return nothing;
  return [...instructions, ...leaks, ...hidden];
}

/**
 * The inline layer for one text: everything that is looked for before an event is stored. Linear in
 * the text's length; a clean text costs three passes and allocates next to nothing.
 */
export function inspectText(text: string, options: InspectionOptions): Inspection {
  const scan = scanText(text);
  const { bits } = scan;
  const signals = findSignals(text, scan, options);
  const kept = keptIn(text, scan, options.kept);
  const sensitive = sensitiveIn(text, options.name, scan, kept);
  const mayBeUnstorable = (bits & features.unstorable) !== 0;
  if (sensitive.length === 0 && signals.length === 0 && !mayBeUnstorable) return clean;
  return { sensitive, signals, kept, mayBeUnstorable };
}
