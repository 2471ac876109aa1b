import type { Sample } from '#server/guard/training/contract.ts';

/** A text has to share this part of its length with an innocent one for the rest to be the attack. */
const sharedShareMin = 0.25;

/** What a text holds beside the beginning and the end that it shares with another. */
function differenceOf(text: string, other: string): readonly [number, number] {
  const most = Math.min(text.length, other.length);
  let head = 0;
  while (head < most && text[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < most - head && text[text.length - 1 - tail] === other[other.length - 1 - tail]) {
    tail += 1;
  }
  return [head, text.length - tail];
}

/** Where the attack lies, from the innocent text of the same corpus that leaves least of it over. */
function findAttack(text: string, innocents: readonly string[]): Sample['span'] {
  let best: readonly [number, number] = [0, text.length];
  for (const innocent of innocents) {
    const [from, to] = differenceOf(text, innocent);
    if (to > from && to - from < best[1] - best[0]) best = [from, to];
  }
  return text.length - (best[1] - best[0]) >= sharedShareMin * text.length ? best : null;
}

/**
 * Tells where attacks lie in tool outputs of which the same corpus has an innocent version: beyond what
 * both share. A text without one is an attack as a whole.
 */
export function markAttacks(samples: readonly Sample[]): Sample[] {
  const innocents = new Map<string, string[]>();
  for (const { corpus, kind, isAttack, text } of samples) {
    if (kind !== 'tool_output' || isAttack) continue;
    innocents.set(corpus, [...(innocents.get(corpus) ?? []), text]);
  }
  return samples.map((sample) => {
    const { corpus, kind, isAttack, text, span } = sample;
    if (kind !== 'tool_output' || !isAttack || span !== null) return sample;
    return { ...sample, span: findAttack(text, innocents.get(corpus) ?? []) };
  });
}
