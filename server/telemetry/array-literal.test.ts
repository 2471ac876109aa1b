import { expect, it } from 'vitest';
import { openTestDatabase } from '#server/testing/database.ts';
import { joinJson, jsonSeparator, plainArray, textArray } from './array-literal.ts';

const bed = openTestDatabase();

const texts = [
  null,
  '',
  'NULL',
  'null',
  'Nulls',
  'evt_01h',
  '2026-11-27T20:10:00.123Z',
  '-1.5e+3',
  ' blanks ',
  'a,b',
  '{a}',
  'say "so"',
  'C:\\new',
  '\\',
  'line\nfeed',
  'ünïcode 東京 \u{1f6a6}',
];

it('gives Postgres back every text as it was, and what is none as null', async () => {
  const [row] = await bed.admin<{ read: (string | null)[] }[]>`
    select to_jsonb(${textArray(texts)}::text::text[]) as read`;
  expect(row?.read).toEqual(texts);
});

it('gives numbers and booleans back', async () => {
  const [row] = await bed.admin<{ numbers: (number | null)[]; flags: boolean[] }[]>`
    select to_jsonb(${plainArray([1, -2, null])}::text::int[]) as numbers,
      to_jsonb(${plainArray([true, false])}::text::bool[]) as flags`;
  expect(row).toEqual({ numbers: [1, -2, null], flags: [true, false] });
});

it('gives JSON texts back one by one, whatever they hold', async () => {
  const values = texts.map((text) => ({ text, separator: jsonSeparator }));
  const rows = await bed.admin<{ read: unknown }[]>`
    select t::jsonb as read
    from string_to_table(${joinJson(values.map((value) => JSON.stringify(value)))}::text,
      ${jsonSeparator}::text) as t`;
  expect(rows.map(({ read }) => read)).toEqual(values);
});
