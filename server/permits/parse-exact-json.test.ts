import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { parseExactJson } from './parse-exact-json.ts';

const parse = (text: string) => parseExactJson(Buffer.from(text));

describe('parseExactJson', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['{"a":{"b":1},"b":1,"c":[{"b":1},{"b":2}]}', { a: { b: 1 }, b: 1, c: [{ b: 1 }, { b: 2 }] }],
    ['[-0, 1.50e1, 0.1, 9007199254740992, 1e22]', [-0, 15, 0.1, 9007199254740992, 1e22]],
    ['"\\ud83d\\ude00 \\" 12345678901234567890"', '😀 " 12345678901234567890'],
    ['{"\\"a":1,"a":{"a,b":[1,2]}}', { '"a': 1, a: { 'a,b': [1, 2] } }],
    ['7', 7],
  ])('takes %s', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['{"a":1,"a":1}', '/a'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"x":[{},{"k":1,"y":[],"k":2}]}', '/x/1/k'],
    ['{"amount":9007199254740993}', '/amount'],
    ['{"a":{"amount":[1,0.1000000000000000055]}}', '/a/amount/1'],
    ['[1e400]', '/0'],
    ['12345678901234567890', ''],
    ['{"a/b~c":"\\ud800"}', '/a~1b~0c'],
    ['{"a":["x","\\udc00\\ud800"]}', '/a/1'],
    ['{"a":"x\\u0000y"}', '/a'],
    ['{"\\u0000":1}', '/�'],
    ['{"\\ud800":1}', '/�'],
  ])('refuses %s at %s', (text, pointer) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'unrepresentable', extras: { pointer } }),
    );
  });

  it.each([
    ['no JSON', '{"a":}'],
    ['an empty body', ''],
    ['a byte order mark', '\ufeff{}'],
    ['more than one value', '{}{}'],
    [
      'too many levels',
      `${'['.repeat(limits.jsonDepthMax + 1)}${']'.repeat(limits.jsonDepthMax + 1)}`,
    ],
    ['a million levels', '['.repeat(1_000_000)],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });

  it('refuses what is not UTF-8, instead of replacing it', () => {
    const broken = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3]), Buffer.from('"}')]);
    expect(() => parseExactJson(broken)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });

  it('keeps a key called __proto__ as a key', () => {
    const value = parse('{"__proto__":{"admin":true}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
  });
});
