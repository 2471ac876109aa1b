import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, hmacSha256, hmacSha256Hex, sha256, sha256Hex } from './hash.ts';

describe('hmacSha256', () => {
  it('equals createHmac for every key and text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (key, text) => {
          const expected = createHmac('sha256', key).update(text).digest();
          expect(hmacSha256(key, text).equals(expected)).toBe(true);
          expect(hmacSha256(key, Buffer.from(text)).equals(expected)).toBe(true);
          expect(hmacSha256Hex(key, text)).toBe(expected.toString('hex'));
        },
      ),
    );
  });

  it.each([1, 65_535, 65_536, 65_537, 300_000])('equals createHmac for %i characters', (chars) => {
    const text = 'é'.repeat(chars);
    const key = Buffer.from('one key');
    const expected = createHmac('sha256', key).update(text).digest('hex');
    expect(hmacSha256Hex(key, text)).toBe(expected);
    expect(hmacSha256Hex(key, 'short')).toBe(
      createHmac('sha256', key).update('short').digest('hex'),
    );
    expect(hmacSha256(key, text).toString('hex')).toBe(expected);
  });

  it('answers the vector of RFC 4231, case 2', () => {
    expect(hmacSha256(Buffer.from('Jefe'), 'what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
});

describe('sha256', () => {
  it('answers the vector of FIPS 180', () => {
    const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256Hex('abc')).toBe(hex);
    expect(sha256(Buffer.from('abc')).toString('hex')).toBe(hex);
  });
});

describe('equalBytes', () => {
  it.each([
    ['', '', true],
    ['aa', 'aa', true],
    ['aa', 'ab', false],
    ['aa', 'aaaa', false],
  ])('compares %j with %j', (a, b, expected) => {
    expect(equalBytes(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))).toBe(expected);
  });
});
