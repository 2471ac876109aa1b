import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePositions, decodePosition, encodePosition, startPosition } from './position.ts';

const positions = fc.record({
  incarnation: fc.integer({ min: 0, max: 32_767 }),
  xid: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  seq: fc.integer({ min: 0, max: 2 ** 50 }),
});

describe('positions', () => {
  it('survive the round trip as text', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(decodePosition(encodePosition(position))).toEqual(position);
      }),
    );
  });

  it('are totally ordered', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        expect(Math.sign(comparePositions(a, b))).toBe(-Math.sign(comparePositions(b, a)) + 0);
        expect(comparePositions(a, a)).toBe(0);
        expect(comparePositions(startPosition, a)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each([
    '',
    '1',
    '1-2',
    '1-2-3-4',
    '1-ZZ-3',
    '-1-2-3',
    '1-3w5e11264sgsg-1',
    'zzzz-1-1',
    "1-1-1'",
  ])('refuses %j', (text) => {
    expect(() => decodePosition(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
