import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compilePattern,
  literalOf,
  parsePattern,
  shapeParts,
  type PatternPart,
  type PatternShape,
} from '#server/detection/sigma/text-pattern.ts';

const same = (text: string) => text;

function matches(value: string, text: string, shape: PatternShape = 'whole'): boolean {
  return compilePattern(shapeParts(parsePattern(value), shape), same)(text);
}

/** What the specification's paragraph on escapes says, row by row. */
const escapes: readonly [written: string, parts: PatternPart[]][] = [
  ['', []],
  ['abc', [{ literal: 'abc' }]],
  ['a*b', [{ literal: 'a' }, 'any', { literal: 'b' }]],
  ['a?b', [{ literal: 'a' }, 'one', { literal: 'b' }]],
  [String.raw`C:\Windows`, [{ literal: String.raw`C:\Windows` }]],
  [String.raw`C:\\Windows`, [{ literal: String.raw`C:\Windows` }]],
  [String.raw`a\*b`, [{ literal: 'a*b' }]],
  [String.raw`a\?b`, [{ literal: 'a?b' }]],
  [String.raw`a\\*`, [{ literal: 'a\\' }, 'any']],
  [String.raw`a\\\*`, [{ literal: String.raw`a\*` }]],
  [String.raw`\\\share`, [{ literal: String.raw`\\share` }]],
  [String.raw`\\\\share`, [{ literal: String.raw`\\share` }]],
  ['a\\', [{ literal: 'a\\' }]],
  ['***', ['any']],
  ['??', ['one', 'one']],
];

describe('parsePattern', () => {
  it.each(escapes)('reads %j', (written, parts) => {
    expect(parsePattern(written)).toEqual(parts);
  });

  it('keeps a literal whatever its characters when wildcards and backslashes are escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = text.replaceAll(/[\\*?]/g, (char) => `\\${char}`);
        expect(literalOf(parsePattern(written))).toBe(text);
      }),
    );
  });
});

const table: readonly [value: string, text: string, shape: PatternShape, expected: boolean][] = [
  ['', '', 'whole', true],
  ['', 'a', 'whole', false],
  ['*', '', 'whole', true],
  ['?', '', 'whole', false],
  ['?', 'a', 'whole', true],
  ['?', '😀', 'whole', true],
  ['??', '😀', 'whole', false],
  ['*?', '😀', 'whole', true],
  ['*?b', 'a😀b', 'whole', true],
  ['a*', 'abc', 'whole', true],
  ['*c', 'abc', 'whole', true],
  ['*b*', 'abc', 'whole', true],
  ['a*c', 'abc', 'whole', true],
  ['a*bc*c', 'abc', 'whole', false],
  ['ab*ba', 'aba', 'whole', false],
  ['ab*ba', 'abba', 'whole', true],
  ['*a*b*c*', 'xaxbxcx', 'whole', true],
  ['*a*b*c*', 'xcxbxax', 'whole', false],
  ['a?c', 'abc', 'whole', true],
  ['a?c', 'ac', 'whole', false],
  ['b', 'abc', 'contains', true],
  ['d', 'abc', 'contains', false],
  ['', 'abc', 'contains', true],
  ['a', 'abc', 'startswith', true],
  ['b', 'abc', 'startswith', false],
  ['c', 'abc', 'endswith', true],
  ['b', 'abc', 'endswith', false],
  ['a*d', 'xabcdx', 'contains', true],
  ['a*d', 'xabcdx', 'startswith', false],
  [String.raw`\*`, 'a*b', 'contains', true],
  [String.raw`\*`, 'ab', 'contains', false],
];

describe('compilePattern', () => {
  it.each(table)('%j over %j (%s) is %s', (value, text, shape, expected) => {
    expect(matches(value, text, shape)).toBe(expected);
  });

  it('agrees with a backtracking matcher on any pattern over any text', () => {
    const unit = fc.constantFrom('a', 'b', '*', '?', '😀');
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '😀'), { maxLength: 10 }),
        (pattern, text) => {
          const oracle = pattern
            .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char))
            .join('');
          const expected = new RegExp(`^${oracle}$`, 'su').test(text.join(''));
          expect(matches(pattern.join(''), text.join(''))).toBe(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('stays linear where a backtracking matcher would not end', () => {
    const text = `${'a'.repeat(200_000)}!`;
    expect(matches('*a*a*a*a*a*a*a*a*a*a*b', text)).toBe(false);
  });
});
