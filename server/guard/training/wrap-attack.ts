/** An attack inside something ordinary, and where it lies in it. */
export interface WrappedText {
  readonly text: string;
  readonly span: readonly [number, number];
}

type Wrapper = (attack: string, before: string, after: string) => readonly [string, string, string];

const oneLine = (text: string): string => text.replaceAll('\n', ' ');
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Shapes in which tools return what others wrote: what stands before, the attack, what follows. */
const wrappers: readonly Wrapper[] = [
  (attack, before, after) => [`${before} `, attack, ` ${after}`],
  (attack, before, after) => [`${before}\n\n`, attack, `\n\n${after}`],
  (attack, before) => [`${before}\n\n`, attack, ''],
  (attack, _before, after) => ['', attack, `\n\n${after}`],
  (attack, before, after) => [
    `{"results":[{"id":1,"text":"${inJson(before)}"},{"id":2,"text":"`,
    inJson(attack),
    `"},{"id":3,"text":"${inJson(after)}"}]}`,
  ],
  (attack, before) => [
    `from: team@company.example\nsubject: Re: update\ndate: 2026-03-02 10:14\nbody: '${before} `,
    attack,
    "'\nattachments: []\nread: false",
  ],
  (attack, before, after) => [
    `<html><head><title>Page</title></head><body><p>${oneLine(before)}</p><!-- `,
    attack,
    ` --><p>${oneLine(after)}</p></body></html>`,
  ],
  (attack, before, after) => [
    `<html><body><div class="content">${oneLine(before)}</div><div style="display:none">`,
    attack,
    `</div><footer>${oneLine(after)}</footer></body></html>`,
  ],
  (attack, before, after) => [
    `| id | comment |\n|---|---|\n| 1 | ${oneLine(before)} |\n| 2 | `,
    oneLine(attack),
    ` |\n| 3 | ${oneLine(after)} |`,
  ],
  (attack, before, after) => [`# Notes\n- ${oneLine(before)}\n- `, attack, `\n- ${oneLine(after)}`],
  (attack, before, after) => [
    `reviews: ['${oneLine(before)}', '`,
    oneLine(attack),
    `', '${oneLine(after)}']`,
  ],
  (attack, before, after) => [
    `def total(items):\n    # ${oneLine(before)}\n    # `,
    oneLine(attack),
    `\n    return sum(items)  # ${oneLine(after)}`,
  ],
  (attack, before, after) => [
    `name,comment,status\nAnn,"${oneLine(before)}",open\nBob,"`,
    oneLine(attack),
    `",open\nEve,"${oneLine(after)}",closed`,
  ],
  (attack, before, after) => [`${before}\n---\n`, `Note: ${attack}`, `\n---\n${after}`],
  (attack, before) => [`${before} (`, attack, ')'],
  (attack, before) => [`${before}\nP.S. `, attack, ''],
  (attack, before) => [
    `[2026-04-01 09:12] anna: ${oneLine(before)}\n[2026-04-01 09:13] guest: `,
    oneLine(attack),
    '\n[2026-04-01 09:15] anna: ok',
  ],
  (attack, before, after) => [
    `<item><title>News</title><description>${oneLine(before)} `,
    oneLine(attack),
    `</description><content>${oneLine(after)}</content></item>`,
  ],
];

/** Puts an attack into one of many shapes, between innocent text. */
export function wrapAttack(
  attack: string,
  before: string,
  after: string,
  random: () => number,
): WrappedText {
  const wrapper = wrappers[Math.floor(random() * wrappers.length)] ?? wrappers[0];
  const [head, middle, tail] = wrapper?.(attack, before, after) ?? ['', attack, ''];
  return { text: head + middle + tail, span: [head.length, head.length + middle.length] };
}
