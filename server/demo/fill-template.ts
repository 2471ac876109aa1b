import type { Template } from '#db/scenarios/scenario.ts';
import { numbers, vocabulary } from '#db/scenarios/vocabulary.ts';
import type { Json } from '#server/telemetry/contract.ts';

/** A source of numbers in [0, 1) that a seed fixes. */
export type Random = () => number;

/** Mulberry32: 32 bits of state, plenty for choosing words. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The words and numbers of one run, by the names that templates use. */
export type Words = Readonly<Record<string, string | number>>;

/** Chooses the words of one run: the same wherever the run names them. */
export function chooseWords(random: Random): Words {
  const words: Record<string, string | number> = {};
  for (const [name, choices] of Object.entries(vocabulary)) {
    words[name] = choices[Math.floor(random() * choices.length)] ?? '';
  }
  for (const [name, [from, to]] of Object.entries(numbers)) {
    words[name] = from + Math.floor(random() * (to - from + 1));
  }
  return words;
}

function wordOf(words: Words, name: string): string | number {
  const word = words[name];
  if (word === undefined) throw new Error(`no scenario word is called ${name}`);
  return word;
}

/** A template with its words put in. @throws Error for a word that nobody chose. */
export function fillTemplate(template: Template, words: Words): Json {
  if (typeof template === 'string') {
    const alone = /^\{\{#(\w+)\}\}$/.exec(template)?.[1];
    if (alone !== undefined) return Number(wordOf(words, alone));
    return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(wordOf(words, name)));
  }
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    return template.map((inner: Template) => fillTemplate(inner, words));
  }
  return Object.fromEntries(
    Object.entries(template).map(([key, inner]: [string, Template]) => [
      key,
      fillTemplate(inner, words),
    ]),
  );
}
