import { describe, expect, it } from 'vitest';
import { mintTenantId, newId } from '#server/kernel/ids.ts';
import { maskArguments } from './mask-arguments.ts';
import { findCredentials } from './request-approval.ts';
import { openSealed, sealArguments } from './seal-arguments.ts';

const of = { tenantId: mintTenantId(newId('tenant')), actionId: newId('action'), version: 0 };
const key = new Uint8Array(32).fill(1);

describe('sealArguments', () => {
  it('opens to the same text, and seals the same text differently each time', () => {
    const [one, two] = [sealArguments('{"a":"é"}', key, of), sealArguments('{"a":"é"}', key, of)];
    expect(openSealed(one, key, of)).toBe('{"a":"é"}');
    expect(one.sealed.equals(two.sealed)).toBe(false);
    expect(one.sealed.includes('"a"')).toBe(false);
  });

  it.each<[string, (sealed: ReturnType<typeof sealArguments>) => () => string]>([
    ['another key', (sealed) => () => openSealed(sealed, new Uint8Array(32).fill(2), of)],
    [
      'another tenant',
      (sealed) => () => openSealed(sealed, key, { ...of, tenantId: mintTenantId(newId('tenant')) }),
    ],
    [
      'another action',
      (sealed) => () => openSealed(sealed, key, { ...of, actionId: newId('action') }),
    ],
    ['another version', (sealed) => () => openSealed(sealed, key, { ...of, version: 1 })],
    [
      'a changed byte',
      (sealed) => () => {
        const changed = Buffer.from(sealed.sealed);
        changed[14] = (changed[14] ?? 0) ^ 1;
        return openSealed({ ...sealed, sealed: changed }, key, of);
      },
    ],
    [
      'the data key of another seal',
      (sealed) => () =>
        openSealed({ ...sealed, wrappedKey: sealArguments('x', key, of).wrappedKey }, key, of),
    ],
  ])('stays shut under %s', (_, open) => {
    expect(open(sealArguments('{}', key, of))).toThrow();
  });
});

describe('maskArguments', () => {
  const secret = 'ghp_0123456789abcdefABCDEF0123456789abcd';
  it('masks credentials in values, keys and lists, each in its place', () => {
    const canonical = `{"10":"x","${secret}":1,"list":["a","${secret} and ${secret}"],"z":"plain"}`;
    const { canonical: shown, masked } = maskArguments(canonical, findCredentials(canonical), key);
    expect(shown).not.toContain(secret);
    expect(masked.map(({ pointer, length }) => [pointer, length])).toEqual([
      ['', 40],
      ['/list/1', 40],
      ['/list/1', 40],
    ]);
    expect(new Set(masked.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    const value = JSON.parse(shown) as { list: string[] };
    for (const { start, end } of masked.slice(1)) {
      expect(value.list[1]?.slice(start, end)).toMatch(/^\[.*\]$/);
    }
  });

  it('leaves what holds none as it is', () => {
    const canonical = '{"__proto__":{"a":1},"amount":1.5,"b":[null,true]}';
    expect(maskArguments(canonical, [], key)).toMatchObject({ canonical, masked: [] });
  });
});
