import type { TextKind } from '#server/guard/contract.ts';
import { createRandom, type Sample } from '#server/guard/training/contract.ts';
import { quarters } from '#server/guard/training/folds.ts';
import { authorRecords } from '#server/guard/training/author-records.ts';
import { fillSlots, readStyles } from '#server/guard/training/read-authored.ts';
import { wrapAttack } from '#server/guard/training/wrap-attack.ts';

/** How often one line of a style is made into a text. */
const copies = { indirect: 6, direct: 4, translated: 4, innocent: 8 } as const;

const pick = <Item>(items: readonly Item[], random: () => number): Item | undefined =>
  items[Math.floor(random() * items.length)];

/** Long stretches of innocent text are cut to a passage, as search results and mails are. */
function passage(text: string, random: () => number): string {
  const charsMax = 60 + Math.floor(random() ** 3 * 2500);
  if (text.length <= charsMax) return text;
  const from = Math.floor(random() * (text.length - charsMax));
  const begin = text.indexOf(' ', from) + 1;
  return text.slice(begin, begin + charsMax);
}

function attackSample(
  corpus: string,
  style: string,
  attack: string,
  kind: TextKind,
  carriers: readonly string[],
  random: () => number,
): Sample {
  const isBare = kind === 'user_input' ? random() < 0.8 : random() < 0.12;
  if (isBare) {
    return { corpus, kind, isAttack: true, text: attack, span: [0, attack.length], style };
  }
  const before = passage(pick(carriers, random) ?? '', random);
  const after = passage(pick(carriers, random) ?? '', random);
  const { text, span } = wrapAttack(attack, before, after, random);
  return { corpus, kind, isAttack: true, text, span, style };
}

/** A quarter of attacks is two or three sentences of a style, as people write them. */
function composeAttack(lines: readonly string[], line: string, random: () => number): string {
  const parts = [line];
  while (parts.length < 3 && random() < 0.25) parts.push(pick(lines, random) ?? '');
  return parts.map((part) => fillSlots(part, random)).join(random() < 0.5 ? ' ' : '\n');
}

function attacksOf(carriers: readonly string[], random: () => number): Sample[] {
  const samples: Sample[] = [];
  const add = (file: string, group: string, count: number, kinds: readonly TextKind[]): void => {
    for (const { style, lines } of readStyles(file)) {
      for (const line of lines) {
        for (let copy = 0; copy < count; copy += 1) {
          const attack = composeAttack(lines, line, random);
          const kind = kinds[copy % kinds.length] ?? 'tool_output';
          samples.push(
            attackSample(`own-${group}-${style}`, style, attack, kind, carriers, random),
          );
        }
      }
    }
  };
  add('attacks-indirect', 'indirect', copies.indirect, ['tool_output']);
  add('attacks-direct', 'direct', copies.direct, ['user_input']);
  add('attacks-translated', 'translated', copies.translated, ['tool_output', 'user_input']);
  return samples;
}

const hasSlot = /\{[a-z]+\}/i;

/** Texts by turns, so that each can be judged by what the others taught. */
const quarterOf = (corpus: string, index: number): string =>
  `${corpus}-${quarters[index % quarters.length]}`;

/** Innocent texts, each line one; quarters by turns, so that each can be judged by what the others taught. */
function innocentOf(
  file: string,
  corpus: string,
  kinds: readonly TextKind[],
  random: () => number,
): Sample[] {
  return readStyles(file).flatMap(({ style, lines }) =>
    lines.flatMap((line, index) =>
      Array.from({ length: hasSlot.test(line) ? copies.innocent : 1 }, () =>
        fillSlots(line, random),
      ).flatMap((text) =>
        kinds.map((kind) => ({
          corpus: style === 'everyday' ? `${corpus}-everyday` : quarterOf(corpus, index),
          kind,
          isAttack: false,
          text,
          span: null,
          style,
        })),
      ),
    ),
  );
}

/** Innocent contents in the shapes that attacks are wrapped in, so that the shape proves nothing. */
function wrappedInnocent(
  carriers: readonly string[],
  count: number,
  random: () => number,
): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const [one, two, three] = [0, 1, 2].map(() => passage(pick(carriers, random) ?? '', random));
    const { text } = wrapAttack(one ?? '', two ?? '', three ?? '', random);
    const sample: Sample = {
      corpus: quarterOf('own-wrapped-innocent', index),
      kind: 'tool_output',
      isAttack: false,
      text,
      span: null,
      style: 'wrapped',
    };
    return sample;
  });
}

/**
 * Texts of our own, the same at every run: attacks of many styles and languages, bare and wrapped in
 * innocent text (`carriers` are innocent contents of the corpora beside our own), and innocent prompts
 * and contents that hold the same words.
 */
export function authorSamples(carriers: readonly string[]): Sample[] {
  const random = createRandom(7);
  const contents = readStyles('benign-contents').flatMap(({ lines }) => lines);
  const foreign = readStyles('benign-foreign').flatMap(({ lines }) => lines);
  const around = [...contents, ...contents, ...foreign, ...carriers];
  return [
    ...attacksOf(around, random),
    ...innocentOf('benign-prompts', 'own-prompts', ['user_input'], random),
    ...innocentOf('benign-foreign', 'own-foreign', ['user_input', 'tool_output'], random),
    ...innocentOf('benign-contents', 'own-contents', ['tool_output'], random),
    ...authorRecords(400, random).map((sample, index) => ({
      ...sample,
      corpus: quarterOf(sample.corpus, index),
    })),
    ...wrappedInnocent(around, 800, random),
  ];
}
