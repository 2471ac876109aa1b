import type { TextSignal } from '#server/guard/contract.ts';
import { fold } from '#server/guard/internal/fold-text.ts';
import { limits } from '#server/kernel/limits.ts';

/** So many words in a row, and characters, are copied, not written twice. */
const passageWords = 10;
const passageCharsMin = 50;

function wordsOf(folded: string): RegExpExecArray[] {
  return [...folded.matchAll(/[^ ]+/g)];
}

/** Every run of ten words, as one text each. */
function* passagesIn(text: string): Generator<string> {
  const words = wordsOf(text).map(([word]) => word);
  for (let from = 0; from + passageWords <= words.length; from += 1) {
    yield words.slice(from, from + passageWords).join(' ');
  }
}

/**
 * Stretches of system instructions that content from elsewhere held before, word for word over ten words
 * and more: data in the place of instructions is obeyed like them. Whoever asks gives only content that
 * came earlier, or it might be the content which repeats the instructions. Pure, linear, bounded by
 * `limits.mixedCharsMax`, newest content first.
 */
export function findMixedInstructions(
  instructions: string,
  contents: readonly string[],
): TextSignal[] {
  if (contents.length === 0) return [];
  const known = new Set<string>();
  let left = limits.mixedCharsMax;
  for (const content of contents.toReversed()) {
    const part = content.slice(0, Math.max(0, left));
    left -= part.length;
    for (const passage of passagesIn(fold(part).folded)) known.add(passage);
  }
  if (known.size === 0) return [];
  const { folded, offsets } = fold(instructions.slice(0, limits.mixedCharsMax));
  const words = wordsOf(folded);
  const signals: TextSignal[] = [];
  let from = -1;
  for (let at = 0; at <= words.length - passageWords + 1; at += 1) {
    const run = words.slice(at, at + passageWords).map(([word]) => word);
    const isKnown = run.length === passageWords && known.has(run.join(' '));
    if (isKnown && from < 0) from = at;
    if (isKnown || from < 0) continue;
    const first = words[from];
    const last = words[at + passageWords - 2];
    from = -1;
    if (first === undefined || last === undefined) continue;
    const end = last.index + last[0].length;
    if (end - first.index < passageCharsMin) continue;
    signals.push({
      type: 'mixed_instruction',
      detector: 'content_in_instructions',
      start: offsets[first.index] ?? 0,
      end: (offsets[end - 1] ?? 0) + 1,
      score: 0.9,
      detail: 'Content from elsewhere stands in the system instructions, where it is obeyed.',
    });
  }
  return signals;
}
