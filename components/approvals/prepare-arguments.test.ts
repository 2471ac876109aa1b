import fc from 'fast-check';
import { canonicalize } from 'json-canonicalize';
import { describe, expect, it } from 'vitest';
import { joinUntrustedTokens, splitUntrustedText } from '../ui/split-untrusted-text.ts';
import {
  type ArgumentRow,
  argumentRows,
  compareArguments,
  isBound,
  isShownAtOnce,
} from './prepare-arguments.ts';

/** The value behind drawn rows, from what a person could read: path, kind, text. */
function readBack(rows: readonly ArgumentRow[]): unknown {
  const root: { value: unknown } = { value: {} };
  for (const row of rows) {
    const leaf: unknown = row.kind === 'string' ? row.text : JSON.parse(row.text);
    if (row.path.length === 0) return leaf;
    place(root.value as Record<string, unknown>, row.path, leaf);
  }
  return root.value;
}

/** Objects throughout; the shape of arrays is compared by their pointers. */
function place(
  into: Record<string, unknown>,
  path: readonly (string | number)[],
  leaf: unknown,
): void {
  const [first = '', ...rest] = path;
  const head = String(first);
  if (rest.length === 0) {
    Object.defineProperty(into, head, { value: leaf, enumerable: true });
    return;
  }
  if (!Object.hasOwn(into, head))
    Object.defineProperty(into, head, { value: {}, enumerable: true });
  place(into[head] as Record<string, unknown>, rest, leaf);
}

/** Arrays as objects of their indexes, as {@link readBack} builds them; empty ones stay. */
function asObjects(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  const out = {};
  for (const [key, item] of entries) {
    Object.defineProperty(out, key, { value: asObjects(item), enumerable: true });
  }
  return out;
}

const args = fc.dictionary(fc.string({ unit: 'binary', maxLength: 12 }), fc.jsonValue());

describe('argumentRows', () => {
  it('draws every leaf once, so that reading the rows back gives the value', () => {
    fc.assert(
      fc.property(args, (value) => {
        const canonical = canonicalize(value);
        const rows = argumentRows(canonical);
        expect(new Set(rows.map((row) => row.pointer)).size).toBe(rows.length);
        if (Object.keys(value).length === 0) expect(rows).toEqual([]);
        else expect(canonicalize(readBack(rows))).toBe(canonicalize(asObjects(value)));
      }),
    );
  });

  it('loses no byte in the chips', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(joinUntrustedTokens(splitUntrustedText(text))).toBe(text);
      }),
    );
  });

  it('escapes pointers and keeps the kinds', () => {
    const rows = argumentRows('{"a/b~c":[1,"1",null,{}],"d":true}');
    expect(rows.map(({ pointer, kind, text }) => [pointer, kind, text])).toEqual([
      ['/a~1b~0c/0', 'number', '1'],
      ['/a~1b~0c/1', 'string', '1'],
      ['/a~1b~0c/2', 'null', 'null'],
      ['/a~1b~0c/3', 'object', '{}'],
      ['/d', 'boolean', 'true'],
    ]);
  });
});

describe('compareArguments', () => {
  it('tells what changed, what is new and what is gone', () => {
    const { rows, removed } = compareArguments(
      '{"amount":900,"memo":"x","to":"DE2"}',
      '{"amount":"900","cc":"a","to":"DE2"}',
    );
    expect(rows.map(({ pointer, change, before }) => [pointer, change, before?.text])).toEqual([
      ['/amount', 'changed', '900'],
      ['/memo', 'added', undefined],
      ['/to', 'same', undefined],
    ]);
    expect(removed.map((row) => row.pointer)).toEqual(['/cc']);
  });

  it('says nothing of change where nothing was approved before', () => {
    expect(compareArguments('{"a":1}', null).rows[0]?.change).toBeNull();
  });
});

describe('isBound', () => {
  const [row] = argumentRows('{"to":{"name":"x"}}');
  it.each([
    [null, true],
    [['to'], true],
    [['amount'], false],
    [[], false],
  ])('with %o bound: %s', (fields, expected) => {
    expect(row !== undefined && isBound(row, fields)).toBe(expected);
  });
});

describe('isShownAtOnce', () => {
  it.each([
    ['short', true],
    ['x'.repeat(4000), true],
    ['x'.repeat(4001), false],
    ['\n'.repeat(39), true],
    ['\n'.repeat(40), false],
    ['\u2028'.repeat(10_000), false],
  ])('judges by length and by every kind of line break', (text, expected) => {
    expect(isShownAtOnce(text)).toBe(expected);
  });
});
