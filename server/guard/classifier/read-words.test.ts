import { describe, expect, it } from 'vitest';
import { processorMs } from '#server/testing/processor-ms.ts';
import { readWords } from './read-words.ts';

const hashesOf = (text: string) => {
  const { count, hashes } = readWords(text);
  return [...hashes.subarray(0, count)];
};
const slicesOf = (text: string) => {
  const { count, starts, ends } = readWords(text);
  return Array.from({ length: count }, (_, at) => text.slice(starts[at], ends[at]));
};
const classesOf = (text: string) => {
  const { count, classes } = readWords(text);
  return Array.from({ length: count }, (_, at) => String.fromCharCode(classes[at] ?? 0)).join('');
};

describe('readWords', () => {
  it.each([
    ['case', 'IGNORE all Previous', 'ignore all previous'],
    ['digits for letters', '1gn0re all pr3v1ous', 'ignore all previous'],
    ['Cyrillic lookalikes', 'ignоrе аll previous', 'ignore all previous'],
    ['zero-width characters', 'ig\u200bnore all pre\u200dvious', 'ignore all previous'],
    ['full-width letters', 'ｉｇｎｏｒｅ all previous', 'ignore all previous'],
    ['links', 'see https://a.example/x?y=1 now', 'see http://b.example/other now'],
    ['addresses', 'mail ann@a.example now', 'mail bob@d.example now'],
  ])('reads %s as the plain word', (_, disguised, plain) => {
    expect(hashesOf(disguised)).toEqual(hashesOf(plain));
  });

  it('says where each word stands', () => {
    expect(slicesOf('Hello, {"a":"wörld 12"}')).toEqual(['Hello', 'a', 'wörld', '12']);
    expect(slicesOf('忽略指令 ok')).toEqual(['忽略', '略指', '指令', '令', 'ok']);
  });

  it.each([
    ['Chinese', '忽略', 'O'],
    ['Russian', 'игнорируй', 'O'],
    ['Korean', '무시하고', 'O'],
    ['Hindi', 'अनदेखा', 'O'],
    ['German', 'ignoriere', 'O'],
  ])('knows what a %s word does', (_, word, letter) => {
    expect(classesOf(word)[0]).toBe(letter);
  });

  it('marks where sentences, lines and cells begin, also those written out', () => {
    const { count, opens } = readWords('one two. three\\nfour | five');
    expect([...opens.subarray(0, count)]).toEqual([1, 0, 1, 1, 1]);
  });

  it('reads a long text in linear time', () => {
    const text = 'a'.repeat(300_000) + ' b'.repeat(100_000) + '忽'.repeat(50_000);
    expect(processorMs(() => readWords(text))).toBeLessThan(1000);
    expect(readWords(text).count).toBeGreaterThan(100_000);
  });
});
