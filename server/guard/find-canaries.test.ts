import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processorMs } from '#server/testing/processor-ms.ts';
import type { CanaryForm, CanaryText } from '#server/guard/contract.ts';
import { createCanaryMatcher } from '#server/guard/find-canaries.ts';

const canary: CanaryText = { id: 'can_1', text: 'Blue Heron 4417-Quartz', homes: ['vault'] };
const matcher = createCanaryMatcher([canary]);
const bytes = Buffer.from(canary.text);

const disguises: readonly { form: CanaryForm; text: string }[] = [
  { form: 'plain', text: canary.text },
  { form: 'folded', text: canary.text.toUpperCase() },
  { form: 'folded', text: 'Ｂｌｕｅ Heron 4417-Quartz' },
  { form: 'unspaced', text: 'BlueHeron4417-Quartz' },
  { form: 'unspaced', text: 'B l u e H e r o n 4 4 1 7 - Q u a r t z' },
  { form: 'unspaced', text: 'Blue\u200b Her\u00adon\n4417-Quartz' },
  { form: 'hex', text: bytes.toString('hex') },
  { form: 'hex', text: bytes.toString('hex').toUpperCase() },
  { form: 'url_encoded', text: encodeURIComponent(canary.text) },
  { form: 'reversed', text: Array.from(canary.text).reverse().join('') },
  { form: 'base64', text: bytes.toString('base64') },
  { form: 'base64', text: Buffer.from(`x${canary.text}y`).toString('base64') },
  { form: 'base64', text: Buffer.from(`xy${canary.text}zzz`).toString('base64url') },
];

describe('createCanaryMatcher', () => {
  it.each(disguises)('sees through $form: $text', ({ form, text }) => {
    const inText = `The note said: ${text}, and no more.`;
    const [match, ...others] = matcher.find(inText);
    expect(others).toEqual([]);
    expect(match).toMatchObject({ canaryId: 'can_1', homes: ['vault'], form });
    expect(match?.start).toBeGreaterThanOrEqual(15);
    expect(match?.end).toBeLessThanOrEqual(15 + text.length);
  });

  it('tells where it stands, exactly', () => {
    expect(matcher.find(`é\u{1f600} ${canary.text}!`)).toMatchObject([{ start: 4, end: 26 }]);
  });

  it.each(['Blue Heron 4417-Quart', 'Blue Heron 4418-Quartz', '', 'x', 'Blue', 'Heron '.repeat(9)])(
    'passes %j',
    (text) => {
      expect(matcher.find(text)).toEqual([]);
    },
  );

  it('finds each of several thousand, and only those that are there', () => {
    const canaries = Array.from({ length: 3000 }, (_, index) => ({
      id: `can_${index}`,
      text: `marker ${index} of ${index * 7919}`,
      homes: [],
    }));
    const many = createCanaryMatcher(canaries);
    expect(many.size).toBe(3000);
    const text = `a ${canaries[17]?.text} b ${canaries[2999]?.text} c`;
    expect(many.find(text).map(({ canaryId }) => canaryId)).toEqual(['can_17', 'can_2999']);
  });

  it('leaves out a text that would turn up by chance', () => {
    expect(
      createCanaryMatcher([{ id: 'can_1', text: 'a b c d', homes: [] }]).find('a b c d'),
    ).toEqual([]);
  });

  it('knows any text wherever it stands', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 16, maxLength: 40 })
      .filter((value) => value.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '').length >= 12);
    fc.assert(
      fc.property(text, fc.string(), fc.string(), (marker, before, after) => {
        const one = createCanaryMatcher([{ id: 'can_1', text: marker, homes: [] }]);
        expect(one.find(`${before} ${marker} ${after}`).length).toBeGreaterThan(0);
      }),
    );
  });

  it('stays linear over text that always almost matches', () => {
    const evil = createCanaryMatcher([{ id: 'can_1', text: `${'a'.repeat(500)}b`, homes: [] }]);
    expect(processorMs(() => expect(evil.find('a'.repeat(1_000_000))).toEqual([]))).toBeLessThan(
      5000,
    );
  });
});
