import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLiteralScan, isScannable } from '#server/detection/literal-scan.ts';

function found(literals: readonly string[], text: string): number[] {
  const seen = new Set<number>();
  createLiteralScan(literals).scan(text, (index) => seen.add(index));
  return [...seen].toSorted((a, b) => a - b);
}

describe('createLiteralScan', () => {
  it.each([
    ['nothing', ['ab'], 'xyz', []],
    ['one inside another', ['he', 'she', 'hers'], 'ushers', [0, 1, 2]],
    ['what begins again where it broke off', ['aab'], 'aaab', [0]],
    ['the same text twice', ['ab', 'ab'], 'xab', [0, 1]],
    ['nothing across a character of no text', ['ab'], 'a\u00e4b', []],
    ['beside other scripts', ['ab'], '\u00e4ab\u4f60', [0]],
    ['blanks and signs', ['rm ', '>> ', '.ssh/id_'], 'rm x >> ~/.ssh/id_rsa', [0, 1, 2]],
  ])('finds %s', (_, literals, text, expected) => {
    expect(found(literals, text)).toEqual(expected);
  });

  it('finds what looking for each by itself finds', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'ä'), maxLength: 40 });
    const literal = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', ' '),
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 12 }), letters, (literals, text) => {
        const expected = literals.flatMap((item, at) => (text.includes(item) ? [at] : []));
        expect(found(literals, text)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isScannable', () => {
  it.each([
    ['curl ', true],
    ['', false],
    ['möbel', false],
    ['你好', false],
  ])('%s: %s', (text, expected) => {
    expect(isScannable(text)).toBe(expected);
  });
});
