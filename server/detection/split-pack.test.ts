import { describe, expect, it } from 'vitest';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { joinPack, splitPack } from '#server/detection/split-pack.ts';

const plain = (name: string) => `title: ${name}\nname: ${name}\n`;
const correlation = (name: string, ...rules: string[]) =>
  `title: ${name}\nname: ${name}\ncorrelation:\n  rules: [${rules.join(', ')}]\n`;

describe('a pack', () => {
  it('of ours is cut into what was put in, whatever its documents are called', () => {
    const rules = defaultRules.map((source) => {
      const compiled = compileSource(source);
      if (!compiled.ok) throw new Error('a shipped rule does not compile');
      return { name: compiled.main.key, source: source.trim() };
    });
    const parts = splitPack(joinPack(rules));
    expect(parts.map(({ source }) => source.trim())).toEqual(rules.map(({ source }) => source));
    for (const { source } of parts) expect(compileSource(source).ok).toBe(true);
  });

  it.each<[string, string[], string[]]>([
    ['one document', [plain('a')], ['a']],
    ['strangers', [plain('a'), plain('b')], ['a', 'b']],
    [
      'a correlation behind its rules',
      [plain('a'), plain('b'), correlation('c', 'a', 'b')],
      ['a b c'],
    ],
    [
      'one before them, with a stranger between',
      [correlation('c', 'b'), plain('a'), plain('b')],
      ['c b', 'a'],
    ],
    [
      'a chain',
      [plain('a'), correlation('b', 'a'), plain('x'), correlation('c', 'b')],
      ['a b c', 'x'],
    ],
    ['a reference to nothing', [correlation('c', 'missing')], ['c']],
    ['what is no map', ['- a\n', 'just text\n'], ['', '']],
  ])('of other hands keeps together what refers to each other: %s', (_name, documents, groups) => {
    const parts = splitPack(documents.join('---\n'));
    expect(
      parts.map(({ source }) =>
        [...source.matchAll(/^name: (.*)$/gm)].map((match) => match[1]).join(' '),
      ),
    ).toEqual(groups);
  });

  it('tells where each begins', () => {
    const text = `${plain('a')}---\n${plain('b')}`;
    expect(splitPack(text).map(({ line }) => line)).toEqual([1, 4]);
    expect(splitPack('').length).toBe(0);
    expect(splitPack('---\n---\n').length).toBe(0);
  });
});
