import { describe, expect, it } from 'vitest';
import { keyKinds } from '#db/enums.ts';
import { newId } from '#server/kernel/ids.ts';
import { hashKey, keyOfHeader, mintKey } from './key-format.ts';

const secret = 'A'.repeat(43);
const id = '01jz0000000000000000000000';
const good = `sbk_agent_${id}_${secret}`;

describe('a minted key', () => {
  it('has the form of the outer contract, its id in the middle, and is found in a header', () => {
    for (const kind of keyKinds) {
      const keyId = newId('key');
      const { key, prefix, hash } = mintKey(kind, keyId);
      expect(key).toMatch(new RegExp(`^sbk_${kind}_[0-9a-z]{26}_[0-9A-Za-z]{43}$`));
      expect(`key_${prefix.split('_')[2] ?? ''}`).toBe(keyId);
      expect(key.startsWith(`${prefix}_`)).toBe(true);
      expect(hash).toEqual(hashKey(key));
      expect(hash.length).toBe(32);
      expect(keyOfHeader(`Bearer ${key}`)).toBe(key);
    }
  });

  it('never repeats, and its digits are spread over the alphabet', () => {
    const secrets = Array.from({ length: 500 }, () =>
      mintKey('agent', newId('key')).key.slice(-43),
    );
    expect(new Set(secrets).size).toBe(500);
    // The first digit of 256 bits in base 62 is one of few; all the others are uniform.
    const counts = new Map<string, number>();
    for (const digit of secrets.flatMap((text) => text.slice(1).split(''))) {
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    const expected = (500 * 42) / 62;
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(120);
  });
});

describe('a header', () => {
  it.each([
    ['a key', `Bearer ${good}`, good],
    ['another case of the scheme', `bearer ${good}`, good],
    ['several spaces', `Bearer   ${good}`, good],
    ['nothing', undefined, null],
    ['an empty one', '', null],
    ['no scheme', good, null],
    ['another scheme', `Basic ${good}`, null],
    ['two keys', `Bearer ${good} ${good}`, null],
    ['a tail', `Bearer ${good},`, null],
    ['a line break', `Bearer ${good}\nX: y`, null],
    ['another product', `Bearer sk_live_${id}_${secret}`, null],
    ['an unknown kind', `Bearer sbk_root_${id}_${secret}`, null],
    ['a short secret', `Bearer sbk_agent_${id}_${secret.slice(1)}`, null],
    ['a long secret', `Bearer sbk_agent_${id}_${secret}A`, null],
    ['a letter outside base 32', `Bearer sbk_agent_u${id.slice(1)}_${secret}`, null],
    ['an id of more than 128 bits', `Bearer sbk_agent_8${id.slice(1)}_${secret}`, null],
    ['a letter outside base 62', `Bearer sbk_agent_${id}_-${secret.slice(1)}`, null],
    ['a megabyte', `Bearer ${'a'.repeat(1_000_000)}`, null],
  ])('with %s', (_what, header, key) => {
    expect(keyOfHeader(header)).toBe(key);
  });
});
