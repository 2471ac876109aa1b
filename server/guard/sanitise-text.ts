import type { ScanFinding, ScanItem, SensitiveMatch, TextSignal } from '#server/guard/contract.ts';
import { findAllHiddenText } from '#server/guard/find-hidden-text.ts';
import { type Rewrite, TracedText } from '#server/guard/internal/traced-text.ts';
import { neutraliseLinks } from '#server/guard/neutralise-links.ts';

/** A sentence is looked for this far around what was found. */
const sentenceReachChars = 400;
const beforeWord = /[^\p{L}\p{N}<[{]/u;
const endsSentence = /[.!?\n。！？|]/;

/** An instruction goes as a whole: half a sentence may still instruct. */
function wholeSentence(text: string, start: number, end: number): { start: number; end: number } {
  let from = start;
  // What was found may begin with the mark that ends the sentence before it.
  while (from < end && beforeWord.test(text[from] ?? '')) from += 1;
  const first = Math.max(0, start - sentenceReachChars);
  while (from > first && !endsSentence.test(text[from - 1] ?? '')) from -= 1;
  let to = end;
  const last = Math.min(text.length, end + sentenceReachChars);
  while (to < last && !endsSentence.test(text[to - 1] ?? '')) to += 1;
  return { start: from, end: to };
}

function rewriteOf(text: string, signal: TextSignal): Rewrite {
  switch (signal.type) {
    case 'injected_instruction':
      return { ...wholeSentence(text, signal.start, signal.end), mark: '[instruction removed]' };
    case 'hidden_text':
      return { start: signal.start, end: signal.end, mark: '' };
    case 'canary':
      return { start: signal.start, end: signal.end, mark: '[CANARY]' };
    case 'contradiction':
    case 'mixed_instruction':
      return { start: signal.start, end: signal.end, mark: '[against the instructions, removed]' };
    case 'unexpected_destination':
      return { start: signal.start, end: signal.end, mark: '[destination removed]' };
  }
}

/** Overlapping stretches go together, under the mark of the first that has one. */
function merge(rewrites: readonly Rewrite[]): Rewrite[] {
  const merged: Rewrite[] = [];
  for (const next of rewrites.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) merged.push(next);
    else
      merged[merged.length - 1] = {
        start: last.start,
        end: Math.max(last.end, next.end),
        mark: last.mark === '' ? next.mark : last.mark,
      };
  }
  return merged;
}

/** An element whose style hides it ends far enough behind its first words. */
const elementCharsMax = 4096;

/** Of a hidden element all of it, where its end can be seen: what it said must not come to light. */
function wholeElement(text: string, { start, end }: TextSignal): number {
  const [, name] = /^<([a-z][a-z0-9]*)/i.exec(text.slice(start, start + 32)) ?? [];
  if (name === undefined) return end;
  const rest = text.slice(end, end + elementCharsMax);
  const closing = new RegExp(`</${name}\\s*>`, 'i').exec(rest);
  return closing === null ? end : end + closing.index + closing[0].length;
}

/** Everything hidden of the kinds that were reported, of which reports tell only the first few. */
function hiddenRewrites(text: string, signals: readonly TextSignal[]): Rewrite[] {
  if (!signals.some(({ type }) => type === 'hidden_text')) return [];
  return findAllHiddenText(text).map((signal) => ({
    start: signal.start,
    end: signal.detector === 'hidden_style' ? wholeElement(text, signal) : signal.end,
    mark: '',
  }));
}

/** A cleaned text, and what was disarmed in it beside what had been found before. */
export interface Sanitised {
  readonly text: string;
  readonly disarmed: readonly ScanFinding[];
}

/**
 * The text without what was found in it: instructions by the sentence, hidden text without a trace,
 * credentials and personal data as placeholders, canaries named, links and pictures disarmed. Marks say
 * what stood there.
 */
export function sanitiseText(
  text: string,
  kind: ScanItem['kind'],
  sensitive: readonly SensitiveMatch[],
  signals: readonly TextSignal[],
): Sanitised {
  const traced = new TracedText(text);
  traced.rewrite(
    merge([
      ...sensitive.map(({ start, end, placeholder }) => ({ start, end, mark: `[${placeholder}]` })),
      ...signals
        .filter(({ type }) => type !== 'hidden_text')
        .map((signal) => rewriteOf(text, signal)),
      ...hiddenRewrites(text, signals),
    ]),
  );
  const disarmed = neutraliseLinks(traced, kind);
  return { text: traced.text, disarmed };
}
