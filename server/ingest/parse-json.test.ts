import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import type { EventFlag } from '#server/telemetry/contract.ts';
import { isOwnDouble } from './exact-numbers.ts';
import { parseStorableJson } from './parse-json.ts';
import { scanJson } from './scan-json.ts';

function parse(text: string): { value: unknown; flags: EventFlag[] } {
  const flags = new Set<EventFlag>();
  const value = parseStorableJson(text, flags);
  return { value, flags: [...flags] };
}

describe('scanJson', () => {
  it.each([
    ['', 0, 0, 0],
    ['12', 0, 0, 0],
    ['[]', 1, 1, 0],
    ['{"a":[{"b":1}],"c":{}}', 3, 4, 3],
    ['["[[[[{:"]', 1, 1, 0],
    [String.raw`{"\"[{:":"\\"}`, 1, 1, 1],
    ['"unterminated [[', 0, 0, 0],
    [String.raw`["ends in a backslash\\"]`, 1, 1, 0],
  ])('counts %j', (text, depth, containers, pairs) => {
    expect(scanJson(text)).toMatchObject({ depth, containers, pairs });
  });

  it('agrees with the parser on every value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        let containers = 0;
        let pairs = 0;
        const depth = (item: unknown): number => {
          if (typeof item !== 'object' || item === null) return 0;
          containers += 1;
          if (!Array.isArray(item)) pairs += Object.keys(item).length;
          return 1 + Math.max(0, ...Object.values(item).map(depth));
        };
        const expected = { depth: depth(value), containers, pairs };
        expect(scanJson(text)).toMatchObject(expected);
        expect(scanJson(JSON.stringify(value, null, 2))).toMatchObject(expected);
      }),
    );
  });
});

describe('isOwnDouble', () => {
  it.each([
    '0',
    '-0',
    '1',
    '0.1',
    '1.50',
    '1e3',
    '1E+3',
    '0.30000000000000004',
    '9007199254740992',
  ])('accepts %s', (token) => {
    expect(isOwnDouble(token)).toBe(true);
  });

  it.each([
    '9007199254740993',
    '0.1000000000000000055',
    '1e400',
    '-1e999',
    '123456789012345678901',
  ])('refuses %s', (token) => {
    expect(isOwnDouble(token)).toBe(false);
  });

  it('accepts every double as it prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isOwnDouble(String(value))).toBe(true);
        expect(isOwnDouble(JSON.stringify(value))).toBe(true);
      }),
    );
  });

  it('refuses every integer that rounds', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 10n ** 20n }), (value) => {
        expect(isOwnDouble(String(value))).toBe(String(value) === String(Number(value)));
      }),
    );
  });
});

describe('parseStorableJson', () => {
  it.each<[string, unknown, EventFlag[]]>([
    ['{"a":1}', { a: 1 }, []],
    ['{"a":1,"b":{"a":1}}', { a: 1, b: { a: 1 } }, []],
    ['{"a":1,"a":2}', { a: 2 }, ['duplicate_key']],
    [String.raw`{"a":1,"\u0061":2}`, { a: 2 }, ['duplicate_key']],
    ['[{"x":{"y":1,"y":1}}]', [{ x: { y: 1 } }], ['duplicate_key']],
    ['12345678901234567890', '12345678901234567890', ['inexact_number']],
    ['{"n":-9007199254740993}', { n: '-9007199254740993' }, ['inexact_number']],
    ['{"n":1000000000000000000000}', { n: 1e21 }, []],
    ['[0.12345678901234567891]', [0.12345678901234568], ['inexact_number']],
    ['[1e400]', ['1e400'], ['inexact_number']],
    ['[1.5e3, 1e2]', [1500, 100], []],
    [String.raw`["a\u0000b"]`, [String.raw`a\u0000b`], ['escaped_text']],
    [String.raw`{"\ud800":"😀"}`, { '\\ud800': '😀' }, ['escaped_text']],
    ['"9007199254740993"', '9007199254740993', []],
  ])('reads %s', (text, value, flags) => {
    expect(parse(text)).toEqual({ value, flags });
  });

  it.each(['', '{', '[1,]', '01', 'nul', '{"a":1}}', '--1', '[1 2]', '99999999999999999999-'])(
    'does not take %j for JSON',
    (text) => {
      expect(parse(text)).toEqual({ value: undefined, flags: [] });
    },
  );

  it('refuses one level more than the limit', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parse(nested(limits.jsonDepthMax)).value).toBeDefined();
    expect(parse(nested(limits.jsonDepthMax + 1)).value).toBeUndefined();
  });

  it('keeps prototype keys as own keys', () => {
    const { value } = parse(String.raw`{"__proto__":{"isAdmin":true},"a":"\u0000"}`);
    expect(JSON.stringify(value)).toBe(String.raw`{"__proto__":{"isAdmin":true},"a":"\\u0000"}`);
    expect((value as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('gives back every value that needs no cleaning, unflagged', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parse(text)).toEqual({ value: JSON.parse(text), flags: [] });
      }),
    );
  });

  it('makes every text storable without losing which character it was', () => {
    const units = fc.array(fc.constantFrom('\0', '\ud83d', '\ude00', 'a', '\\', '😀'));
    fc.assert(
      fc.property(units, (parts) => {
        const text = parts.join('');
        const { value } = parse(JSON.stringify({ text }));
        const clean = (value as { text: string }).text;
        expect(clean.isWellFormed() && !clean.includes('\0')).toBe(true);
        const restored = clean.replace(/\\u([0-9a-f]{4})/g, (_, code: string) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        );
        expect(restored).toBe(text);
      }),
    );
  });
});
