import type { SensitiveMatch, ScanItem, TextSignal } from '#server/guard/contract.ts';
import { neutraliseLinks } from '#server/guard/neutralise-links.ts';

interface Removal {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

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

function removalOf(text: string, signal: TextSignal): Removal {
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
function merge(removals: readonly Removal[]): Removal[] {
  const merged: Removal[] = [];
  for (const next of removals.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
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

/** Hidden text that is ordinary in honest output (colours, comments) scores below this and stays. */
const hiddenScoreMin = 0.4;

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
): string {
  const removals = merge([
    ...sensitive.map(({ start, end, placeholder }) => ({ start, end, mark: `[${placeholder}]` })),
    ...signals
      .filter(({ type, score }) => type !== 'hidden_text' || score >= hiddenScoreMin)
      .map((signal) => removalOf(text, signal)),
  ]);
  let cleaned = '';
  let from = 0;
  for (const { start, end, mark } of removals) {
    cleaned += text.slice(from, start) + mark;
    from = end;
  }
  return neutraliseLinks(cleaned + text.slice(from), kind);
}
