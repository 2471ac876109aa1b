import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { processorMs } from '#server/testing/processor-ms.ts';
import { z } from 'zod';
import type { PlaceholderType } from '#server/guard/contract.ts';
import { findPii, hasIbanChecksum } from '#server/guard/find-pii.ts';

const personal: readonly { type: PlaceholderType; value: string; text?: string }[] = [
  { type: 'EMAIL', value: 'alice.smith+tag@mail.example.co.uk' },
  { type: 'EMAIL', value: 'josé@exämple.de' },
  { type: 'EMAIL', value: 'почта@пример.рф' },
  {
    type: 'EMAIL',
    value: 'alice%40example.com',
    text: 'https://x.example/?to=alice%40example.com&a=1',
  },
  { type: 'EMAIL', value: 'alice\\u0040example.com' },
  { type: 'EMAIL', value: 'alice&#64;example.com' },
  { type: 'EMAIL', value: 'alice＠example.com' },
  { type: 'EMAIL', value: 'alice@example.com', text: '联系alice@example.com。' },
  { type: 'EMAIL', value: 'alice@example.com', text: 'one\\nalice@example.com\\ntwo' },
  { type: 'EMAIL', value: 'alice@example.com', text: 'mailto:alice@example.com?subject=Hi' },
  { type: 'EMAIL', value: 'alice@example.com', text: '<alice@example.com>' },
  { type: 'EMAIL', value: 'alice@example.com-17', text: 'id alice@example.com-17' },
  { type: 'PHONE', value: '+1 415-555-2671' },
  { type: 'PHONE', value: '+442079460958' },
  { type: 'PHONE', value: '0049 30 901820', text: 'ruf an: 0049 30 901820 danke' },
  { type: 'PHONE', value: '(415) 555-2671' },
  { type: 'PHONE', value: '415-555-2671' },
  { type: 'PHONE', value: '415.555.2671 x12' },
  { type: 'PHONE', value: '01 23 45 67 89' },
  { type: 'PHONE', value: '079 2718 1155' },
  { type: 'PHONE', value: '5552671', text: 'call me at 5552671' },
  { type: 'PHONE', value: '699 956 915', text: 'my mobile: 699 956 915' },
  { type: 'CARD', value: '4111111111111111' },
  { type: 'CARD', value: '4111 1111 1111 1111' },
  { type: 'CARD', value: '4111–1111–1111–1111' },
  { type: 'CARD', value: '3782 822463 10005' },
  { type: 'CARD', value: '5555-5555-5555-4444' },
  { type: 'CARD', value: '30569309025904' },
  { type: 'CARD', value: '6011111111111117' },
  { type: 'CARD', value: '676770830617', text: 'my card 676770830617' },
  { type: 'IBAN', value: 'GB29NWBK60161331926819' },
  { type: 'IBAN', value: 'DE89 3704 0044 0532 0130 00' },
  { type: 'IBAN', value: 'gb29nwbk60161331926819' },
  { type: 'IBAN', value: 'US133000000121212121212', text: 'recipient: US133000000121212121212' },
  { type: 'SSN', value: '536-22-8745' },
  { type: 'SSN', value: '536228745', text: 'his ssn is 536228745' },
  { type: 'SSN', value: '536 22 8745', text: 'social security number 536 22 8745' },
  { type: 'NINO', value: 'AB123456C' },
  { type: 'NINO', value: 'AB 12 34 56 C' },
  { type: 'IP', value: '203.0.113.77' },
  { type: 'IP', value: '10.1.2.3', text: 'from 10.1.2.3:8080' },
  { type: 'IP', value: '2001:db8::8a2e:370:7334' },
  { type: 'IP', value: 'fe80::1ff:fe23:4567:890a' },
  { type: 'MAC', value: '00:1B:44:11:3A:B7' },
  { type: 'PASSPORT', value: 'HGK137803', text: "'Passport Number': 'HGK137803'" },
  { type: 'LICENSE', value: 'F162823540116', text: "my driver's license number is F162823540116" },
  { type: 'LICENSE', value: '2270-66-1551', text: "my driver's license number is 2270-66-1551" },
];

const innocent: readonly string[] = [
  'version 1.2.3.4, v10.0.19045.1, Chrome/120.0.6099.109',
  'at 2026-11-22T08:00:00.120Z for 1760000000000 ms, 1760000000000000000 ns',
  'on 12/11/2026, 01.02.2024, 2024-01-02 10:20:30 and 20240102',
  'order 1234567890, row 9876543210, id 550e8400-e29b-41d4-a716-446655440000',
  'trace 4bf92f3577b34da6a3ce929d0e0e4736, sum 4111111111111112',
  'numbers 123 456 7890 111 222 3333 in a table',
  '127.0.0.1, 0.0.0.0, ::1 and std::vector at 12:30:45',
  'curl http://169.254.169.254/latest/meta-data/ or 169.254.170.2 or 100.100.100.200',
  'npm i react@19.3.0 @scope/pkg@1.2.3, git@github.com:owner/repo.git',
  'user@localhost, a@b, @mention, foo@bar.1, x@y..z',
  'pi is 3.14159265358979323846, 0.4111111111111111',
  'area 000-12-3456, 666-12-3456, 123-00-4567, 123-45-0000, 123-45-67890',
  'AB12 and XY123456Z, ISO27001, RFC2616, GB is a country, BG123456A',
  'amount 1,234,567.89 EUR, 10 000 000 pieces, 50/50/50',
  'call 911, room 1234, page 56-78, see section 4.2.1.3.5',
  '[EMAIL:12345678] [PHONE:55526710] call [PHONE:41555526]',
  '0.12 0.34 0.56 0.78, 100-200-300, 1-2-3-4-5-6-7',
];

describe('findPii', () => {
  it.each(personal)('finds $type: $value', ({ type, value, text }) => {
    const inText = text ?? `Before ${value}, after.`;
    const found = findPii(inText).map((match) => [
      match.placeholder,
      inText.slice(match.start, match.end),
    ]);
    expect(found).toEqual([[type, value]]);
  });

  it.each(innocent)('passes %s', (text) => {
    expect(
      findPii(text).map((match) => [match.placeholder, text.slice(match.start, match.end)]),
    ).toEqual([]);
  });

  it.each([
    ['phone', '5552671', 'PHONE'],
    ['mobile_number', '699956915', 'PHONE'],
    ['ssn', '536228745', 'SSN'],
    ['card_number', '676770830617', 'CARD'],
    ['account', 'US133000000121212121212', 'IBAN'],
  ])('takes the name of a field into account: %s = %s', (name, value, type) => {
    expect(findPii(value, name)).toMatchObject([
      { placeholder: type, start: 0, end: value.length },
    ]);
    expect(findPii(value)).toEqual([]);
  });

  it.each([
    ['GB29NWBK60161331926819', true],
    ['GB29NWBK60161331926818', false],
    ['DE89370400440532013000', true],
  ])('checks %s', (iban, isValid) => {
    expect(hasIbanChecksum(iban)).toBe(isValid);
  });

  it.each([
    '1 '.repeat(500_000),
    '4111 '.repeat(200_000),
    'a@'.repeat(500_000),
    '@a.'.repeat(330_000),
    'GB29'.repeat(250_000),
    ' GB29'.repeat(200_000),
    '1:'.repeat(500_000),
    'passport '.repeat(110_000),
    '+1'.repeat(500_000),
    '0'.repeat(1_000_000),
    '(1)'.repeat(330_000),
  ])('stays linear on a megabyte of evil (%#)', (text) => {
    expect(processorMs(() => findPii(text))).toBeLessThan(5000);
  });
});

const folder = process.env['SIGNALBOX_TESTDATA'] ?? '';
const file = `${folder}/pii/presidio_synth_v2.jsonl`;
const rowSchema = z.object({
  text: z.string(),
  spans: z.array(z.object({ start: z.number(), end: z.number(), type: z.string() })),
});
/** Names of the corpus, ours, and the recall and precision below which something broke. */
const floors: readonly (readonly [string, PlaceholderType, number, number])[] = [
  ['EMAIL_ADDRESS', 'EMAIL', 0.97, 0.97],
  ['CREDIT_CARD', 'CARD', 0.95, 0.95],
  ['PHONE_NUMBER', 'PHONE', 0.85, 0.95],
  ['IBAN_CODE', 'IBAN', 0.9, 0.9],
  ['IP_ADDRESS', 'IP', 0.85, 0.85],
  ['US_SSN', 'SSN', 0.8, 0.8],
];

describe.skipIf(!existsSync(file))('findPii on synthetic sentences of others', () => {
  const rows = (existsSync(file) ? readFileSync(file, 'utf8') : '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => rowSchema.parse(JSON.parse(line)));

  it.each(floors)('%s', (theirs, ours, recallMin, precisionMin) => {
    let hits = 0;
    let wanted = 0;
    let right = 0;
    let given = 0;
    for (const { text, spans } of rows) {
      // Their offsets count code points.
      const points = Array.from(text);
      const offset = (at: number): number => points.slice(0, at).join('').length;
      const gold = spans
        .filter(({ type }) => type === theirs)
        .map(({ start, end }) => ({ start: offset(start), end: offset(end) }));
      const found = findPii(text).filter(({ placeholder }) => placeholder === ours);
      wanted += gold.length;
      given += found.length;
      hits += gold.filter((span) =>
        found.some((m) => m.start <= span.start && m.end >= span.end),
      ).length;
      right += found.filter((m) =>
        gold.some((span) => m.start < span.end && m.end > span.start),
      ).length;
    }
    process.stdout.write(
      `${ours}: recall ${hits}/${wanted}, precision ${right}/${given} (presidio_synth_v2)\n`,
    );
    expect(wanted).toBeGreaterThan(0);
    expect(hits / wanted).toBeGreaterThanOrEqual(recallMin);
    expect(right / given).toBeGreaterThanOrEqual(precisionMin);
  });
});

describe('words for documents', () => {
  const words = [
    'passport',
    'Reisepass',
    'PASSEPORT',
    'pasaporte',
    "driver's license",
    'drivers licence',
    'driver_license',
    'Driving License',
    'driving_licence',
  ];
  it.each(words)('announce a number: %s', (word) => {
    for (const value of ['AB1234567', '123456789']) {
      const text = `The test passes. ${word} ${value}.`;
      const found = findPii(text).map(({ start, end }) => text.slice(start, end));
      expect(found).toContain(value);
    }
  });

  it('are not found in words that merely hold "pass"', () => {
    expect(findPii('The suite passes, the bypass compasses AB1234567')).toEqual([]);
  });
});
