import { describe, expect, it } from 'vitest';
import { newPasswordSchema } from '#server/auth/contract.ts';
import { makePassword } from './make-password.ts';

const fromBrowser = (bytes: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(bytes);

describe('makePassword', () => {
  it('is one that the door takes, in groups, and never the same', () => {
    const made = Array.from({ length: 200 }, () => makePassword(fromBrowser));
    for (const password of made) {
      expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){4}$/);
      expect(newPasswordSchema.safeParse(password).success).toBe(true);
    }
    expect(new Set(made).size).toBe(200);
  });

  it('drops the bytes that would favour some letters', () => {
    let call = 0;
    const biased = (bytes: Uint8Array) => void bytes.fill(call++ === 0 ? 255 : 0);
    expect(makePassword(biased)).toBe('aaaaa-aaaaa-aaaaa-aaaaa-aaaaa');
    expect(call).toBe(2);
  });

  it('uses every letter about equally', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      for (const letter of makePassword(fromBrowser).replaceAll('-', '')) {
        counts.set(letter, (counts.get(letter) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(31);
    const expected = (2000 * 25) / 31;
    for (const count of counts.values()) expect(Math.abs(count / expected - 1)).toBeLessThan(0.15);
  });
});
