import { describe, expect, it } from 'vitest';
import { flattenJson, type FlattenOptions, type JsonValue } from './flatten-json.ts';

const options: FlattenOptions = {
  toggled: new Set(),
  openDepth: 2,
  openMembersMax: 5,
  rowsMax: 100,
};

function draw(value: JsonValue, change: Partial<FlattenOptions> = {}): string[] {
  const flat = flattenJson(value, { ...options, ...change });
  const lines = flat.rows.map((row) => {
    const { value: shown } = row;
    const text =
      'size' in shown
        ? `${shown.kind} ${shown.size} ${shown.isOpen ? 'open' : 'closed'}`
        : `${shown.kind} ${shown.text}`;
    return `${'.'.repeat(row.depth)}${row.name ?? '$'}: ${text}`;
  });
  return flat.isCut ? [...lines, '…'] : lines;
}

describe('flattenJson', () => {
  it.each<[string, JsonValue, string[]]>([
    ['null', null, ['$: literal null']],
    ['a number', 1.5, ['$: literal 1.5']],
    ['false', false, ['$: literal false']],
    ['a string', 'null', ['$: string null']],
    ['an empty object is never open', {}, ['$: object 0 closed']],
    ['an empty array is never open', [], ['$: array 0 closed']],
    [
      'members in their order',
      { b: 1, a: ['x', null] },
      [
        '$: object 2 open',
        '.b: literal 1',
        '.a: array 2 open',
        '..0: string x',
        '..1: literal null',
      ],
    ],
    [
      'deep ones are closed',
      { a: { b: { c: 1 } } },
      ['$: object 1 open', '.a: object 1 open', '..b: object 1 closed'],
    ],
    ['wide ones are closed', [1, 2, 3, 4, 5, 6], ['$: array 6 closed']],
  ])('%s', (_, value, lines) => {
    expect(draw(value)).toEqual(lines);
  });

  it('opens and closes what was toggled, by pointer', () => {
    const value = { 'a/b': { '~': { c: 1 } } };
    expect(draw(value, { toggled: new Set(['/a~1b/~0']) })).toEqual([
      '$: object 1 open',
      '.a/b: object 1 open',
      '..~: object 1 open',
      '...c: literal 1',
    ]);
    expect(draw(value, { toggled: new Set(['/a~1b']) })).toEqual([
      '$: object 1 open',
      '.a/b: object 1 closed',
    ]);
  });

  it('stops at rowsMax and says so; exactly rowsMax is not cut', () => {
    const wide = { toggled: new Set(['']), rowsMax: 4 };
    expect(draw([1, 2, 3, 4, 5, 6], wide)).toEqual([
      '$: array 6 open',
      '.0: literal 1',
      '.1: literal 2',
      '.2: literal 3',
      '…',
    ]);
    expect(draw([1, 2, 3], { rowsMax: 4 })).toHaveLength(4);
  });

  it('walks a document too deep for recursion', () => {
    let deep: JsonValue = 'end';
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    const flat = flattenJson(deep, { ...options, openDepth: 60_000, rowsMax: 60_000 });
    expect(flat.rows).toHaveLength(50_001);
  });

  it('shows names that objects inherit as the document has them', () => {
    const parsed: JsonValue = JSON.parse('{"__proto__":1,"constructor":2}');
    expect(draw(parsed)).toEqual([
      '$: object 2 open',
      '.__proto__: literal 1',
      '.constructor: literal 2',
    ]);
  });
});
