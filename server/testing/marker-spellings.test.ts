import { describe, expect, it } from 'vitest';
import { spellingsOf } from './marker-spellings.ts';

const marker = 'marker0f1e2d?>~';
const isFound = (text: string) => spellingsOf(marker).some((one) => text.includes(one));

describe('spellings of a marker', () => {
  it.each(
    ['', 'a', 'ab', 'abc', 'abcd'].flatMap((before) =>
      ['', 'z', 'zy', 'zyx'].map((after) => [before, after] as const),
    ),
  )('find it encoded between %j and %j', (before, after) => {
    const bytes = Buffer.from(before + marker + after);
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      expect(isFound(bytes.toString(encoding))).toBe(true);
    }
    expect(isFound(bytes.toString('hex').toUpperCase())).toBe(true);
    expect(isFound(Array.from(bytes.toString()).toReversed().join(''))).toBe(true);
  });

  it('find nothing in another', () => {
    const other = Buffer.from('marker0f1e2c?>~ and more of it');
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      expect(isFound(other.toString(encoding))).toBe(false);
    }
  });
});
