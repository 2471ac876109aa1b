import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenRuns } from './measure-run.ts';

/** What it stands for, one character after the other. */
const runsByPattern = (text: string) =>
  [...text.matchAll(/[A-Za-z0-9_-]{16,}/g)].flatMap((match) => [
    match.index,
    match.index + match[0].length,
  ]);

describe('tokenRuns', () => {
  it.each([
    ['', []],
    ['0123456789abcde', []],
    ['0123456789abcdef', [0, 16]],
    ['key: 0123456789_bcd-f0, and', [5, 22]],
    ['0123456789abcdef 0123456789abcdefg', [0, 16, 17, 34]],
  ])('finds the runs of %j', (text, runs) => {
    expect(tokenRuns(text)).toEqual(runs);
  });

  it('finds what reading every character finds', () => {
    const parts = fc.array(fc.constantFrom('a', 'B9_-', '0123456789', ' ', '.', 'é', '\n'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.join('');
        expect(tokenRuns(text)).toEqual(runsByPattern(text));
      }),
      { numRuns: 2000 },
    );
  });
});
