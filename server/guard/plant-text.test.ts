import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canaryInput, plantedForms } from './contract.ts';
import { createCanaryMatcher } from './find-canaries.ts';
import { plantText, plantedBytes } from './plant-text.ts';

const plant = (form: (typeof plantedForms)[number]) => plantText(form, randomBytes(plantedBytes));
const spaced = (text: string) => Array.from(text).join(' ');
const wide = (text: string) =>
  text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));

describe.each(plantedForms)('a planted %s', (form) => {
  it('holds its marker, which can be registered, and is never the same', () => {
    const made = Array.from({ length: 50 }, () => plant(form));
    expect(new Set(made.map(({ marker }) => marker)).size).toBe(50);
    for (const { text, marker } of made) {
      expect(text).toContain(marker);
      expect(canaryInput.safeParse({ name: 'n', marker, homes: [] }).success).toBe(true);
    }
  });

  it.each([
    ['as it is', (text: string) => text, 'plain'],
    ['in other case', (text: string) => text.toUpperCase(), null],
    ['spaced out', spaced, 'unspaced'],
    ['in full-width letters', wide, 'folded'],
    ['in base64', (text: string) => Buffer.from(`x${text}y`).toString('base64'), 'base64'],
    ['in hex', (text: string) => Buffer.from(text).toString('hex'), 'hex'],
    ['URL-encoded', (text: string) => encodeURIComponent(text), null],
    ['turned round', (text: string) => Array.from(text).reverse().join(''), 'reversed'],
    ['with zero-width characters', (text: string) => Array.from(text).join('\u200b'), null],
  ] as const)('is found %s', (_, disguise, expected) => {
    const { text, marker } = plant(form);
    const matcher = createCanaryMatcher([{ id: 'can_1', text: marker, homes: [] }]);
    const found = matcher.find(`before ${disguise(text)} after`);
    expect(found.map(({ canaryId }) => canaryId)).toContain('can_1');
    if (expected !== null) expect(found[0]?.form).toBe(expected);
  });
});
