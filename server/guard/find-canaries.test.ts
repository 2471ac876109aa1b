import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processorMs } from '#server/testing/processor-ms.ts';
import { injectionSamples, innocentSamples } from '#server/testing/injection-samples.ts';
import {
  type CanaryForm,
  type CanaryMatch,
  type CanaryText,
  plantedForms,
} from '#server/guard/contract.ts';
import { createCanaryMatcher } from '#server/guard/find-canaries.ts';
import { plantedBytes, plantText } from '#server/guard/plant-text.ts';

const canary: CanaryText = { id: 'can_1', text: 'Blue Heron 4417-Quartz', homes: ['vault'] };
const matcher = createCanaryMatcher([canary]);
const bytes = Buffer.from(canary.text);

/** Spelled by characters without a glyph: tags, or the bytes of variation selectors. */
const smuggle = (text: string, base: number) =>
  Array.from(text, (char) => String.fromCodePoint(base + (char.codePointAt(0) ?? 0))).join('');
const percentEncoded = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

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
  { form: 'reversed', text: Array.from(canary.text).reverse().join('\u2069') },
  { form: 'reversed', text: Array.from(canary.text).reverse().join('.') },
  { form: 'folded', text: 'Вlue Неrоn 4417-Quаrtz' },
  { form: 'folded', text: 'Βlue Ηerοn 4417-Quartz' },
  { form: 'folded', text: 'Blu\u0301e He\u0308\u0323ro\u0338n 4417-Quartz' },
  { form: 'folded', text: 'Blué Hérôn 4417-Quartz' },
  { form: 'unspaced', text: 'B\u202elue H\u2066eron\u2069 44\u202a17-Qu\u202cartz' },
  { form: 'unspaced', text: 'B\ufe0flue Heron\u{e0101} 4417-Quartz' },
  { form: 'unspaced', text: 'B\u{e0041}lue Heron 4417-Q\u{e0062}uartz' },
  { form: 'folded', text: 'Blue Heron 4417\\-Quartz' },
  { form: 'unspaced', text: Array.from(canary.text).join('.') },
  { form: 'unspaced', text: Array.from(canary.text).join(' - ') },
  { form: 'unspaced', text: Array.from(canary.text).join('_') },
  { form: 'unspaced', text: Array.from(canary.text.replaceAll(' ', '')).join('*') },
  { form: 'hidden', text: smuggle(canary.text, 0xe0000) },
  { form: 'hidden', text: smuggle(canary.text, 0xe0100 - 16) },
  { form: 'url_encoded', text: percentEncoded(canary.text) },
  { form: 'url_encoded', text: 'B%6Cue%20Her%6fn 4417%2DQuartz' },
  { form: 'url_encoded', text: 'Blue+Heron+4417-Quartz' },
  { form: 'url_encoded', text: 'Bl%EF%BD%95e+Heron+4417%2dQuartz' },
  { form: 'escaped', text: '\\x42lue Heron 4417\\x2dQuartz' },
  { form: 'escaped', text: '\\u0042\\u006c\\u0075\\u0065 Heron 4417-Quartz' },
  { form: 'escaped', text: '\\\\u0042lue Heron 4417-Quartz' },
  { form: 'base64', text: bytes.toString('base64') },
  { form: 'base64', text: encodeURIComponent(Buffer.from(`>>?${canary.text}`).toString('base64')) },
  { form: 'base64', text: Buffer.from(`x${canary.text}y`).toString('base64') },
  { form: 'base64', text: Buffer.from(`xy${canary.text}zzz`).toString('base64url') },
];

const randomOf = (seed: number) =>
  Uint8Array.from({ length: plantedBytes }, (_, index) => (seed * 7919 + index * 104_729) % 251);

type Pick = () => number;
const each = (text: string, change: (char: string) => string) => Array.from(text, change).join('');
/** Something after every letter. */
const between = (choices: readonly string[]) => (text: string, pick: Pick) =>
  each(text, (char) => char + (choices[pick() % choices.length] ?? ''));
const hexOf = (char: string, digits: number) =>
  char.charCodeAt(0).toString(16).padStart(digits, '0');
const codes = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));
const twins: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  x: 'х',
  y: 'у',
  k: 'κ',
  v: 'ν',
  t: 'т',
  A: 'А',
  B: 'В',
  C: 'С',
  E: 'Ε',
  H: 'Η',
  K: 'К',
  N: 'Ν',
  O: 'Ο',
  P: 'Р',
  T: 'Т',
};

/** Each with anything chosen that can be chosen in it. */
const transformations: Readonly<Record<string, (text: string, pick: Pick) => string>> = {
  'full percent-encoding': percentEncoded,
  'percent-encoding of some characters': (text, pick) =>
    each(text, (char) => (pick() % 2 === 0 ? percentEncoded(char) : char)),
  'direction controls': between([...codes(0x202a, 0x202e), ...codes(0x2066, 0x2069)]),
  'zero-width characters': between(['\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad']),
  'variation selectors': between([...codes(0xfe00, 0xfe0f), ...codes(0xe0100, 0xe01ef)]),
  'tag characters': between(codes(0xe0020, 0xe007f)),
  'combining marks': between(codes(0x300, 0x36f)),
  'spelling in tags': (text) => smuggle(text, 0xe0000),
  'spelling in variation selectors': (text) => smuggle(text, 0xe0100 - 16),
  'lookalike letters': (text, pick) =>
    each(text, (char) => (pick() % 3 > 0 ? (twins[char] ?? char) : char)),
  'points between': (text) => Array.from(text).join('.'),
  'dashes between': (text) => Array.from(text).join('-'),
  'underscores between': (text) => Array.from(text).join('_'),
  'asterisks between': (text) => Array.from(text).join('*'),
  'mixed separators between': (text, pick) =>
    each(text, (char) => char + ('.-_*'.charAt(pick() % 4) || '.')),
  'escapes by two digits': (text, pick) =>
    each(text, (char) => (pick() % 2 === 0 ? `\\x${hexOf(char, 2)}` : char)),
  'escapes by four digits': (text, pick) =>
    each(text, (char) => (pick() % 2 === 0 ? `\\u${hexOf(char, 4)}` : char)),
  'blanks between': between([' ', '\n', '\t', '\u00a0', '\u3000']),
  capitals: (text) => text.toUpperCase(),
  'full width': (text) =>
    each(text, (char) => String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0)),
  reversal: (text) => Array.from(text).reverse().join(''),
  base64: (text, pick) => Buffer.from('xyz'.slice(0, pick() % 3) + text).toString('base64'),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
};

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

  it.each([
    'version 1.2.3.4.5.6.7 of Blue-Heron',
    '4.4.1.7.-.Q.u.a.r.t.z',
    'Blue.Heron.4417.Quartz',
    '%zz%4 \\u00 \\xg1 %C3%28 %F5%80%80%80 %ff',
    '\ufe0f'.repeat(40),
    smuggle('Blue Heron 4418-Quartz', 0xe0000),
  ])('does not take %j for a disguise', (text) => {
    expect(matcher.find(text)).toEqual([]);
  });

  it('finds none in ordinary texts, whatever was planted', () => {
    const planted = Array.from({ length: 200 }, (_, index) => {
      const form = plantedForms[index % plantedForms.length] ?? 'text';
      return { id: `can_${index}`, text: plantText(form, randomOf(index)).marker, homes: [] };
    });
    const many = createCanaryMatcher(planted);
    const samples = [...innocentSamples, ...injectionSamples];
    expect(samples.filter(({ text }) => many.find(text).length > 0)).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(many.find(text)).toEqual([]);
      }),
    );
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

  it.each(Object.entries(transformations))('sees through %s, of any canary', (_, disguise) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: plantedBytes, maxLength: plantedBytes }),
        fc.constantFrom(...plantedForms),
        fc.infiniteStream(fc.nat(1000)),
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (random, form, picks, before, after) => {
          const { marker } = plantText(form, random);
          const one = createCanaryMatcher([{ id: 'can_1', text: marker, homes: [] }]);
          const worn = disguise(marker, () => picks.next().value ?? 0);
          const found = one.find(`${before} ${worn} ${after}`);
          expect(found).toMatchObject([{ canaryId: 'can_1' }]);
          const [{ start, end }] = found as [CanaryMatch];
          expect(start).toBeGreaterThanOrEqual(before.length);
          expect(end).toBeLessThanOrEqual(before.length + worn.length + 1);
        },
      ),
    );
  });

  it('stays linear over text of escapes and separators', () => {
    for (const text of ['%41', '\\u0041', 'a.', '%f0%9f', '\u{e0041}', 'o\u0301'])
      expect(
        processorMs(() => expect(matcher.find(text.repeat(300_000))).toEqual([])),
      ).toBeLessThan(5000);
  });

  it('stays linear over text that always almost matches', () => {
    const evil = createCanaryMatcher([{ id: 'can_1', text: `${'a'.repeat(500)}b`, homes: [] }]);
    expect(processorMs(() => expect(evil.find('a'.repeat(1_000_000))).toEqual([]))).toBeLessThan(
      5000,
    );
  });
});
