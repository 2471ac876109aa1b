import { describe, expect, it } from 'vitest';
import { editableText, prepareEdit } from './prepare-edit.ts';

describe('editableText', () => {
  it.each<[string, unknown]>([
    ['plain', { a: 'x y', b: [1, true, null], c: { d: 'é日本' } }],
    ['line breaks and tabs', { a: 'one\ntwo\t\r\u2028three' }],
    ['turned round', { a: 'pay \u202eABCD\u202c now', 'k\u200be\u2066y': 'v' }],
    ['tags and variation', { a: '\u{e0041}\u{e0042}x\ufe0f\u{e0100}' }],
    ['blanks and marks', { a: 'a\u00a0b\u3000c e\u0301' }],
  ])('says the same value, and shows all of it: %s', (_, value) => {
    const text = editableText(JSON.stringify(value));
    expect(JSON.parse(text)).toEqual(value);
    expect(text).not.toMatch(/\p{Cf}|\p{Zl}|\p{Zp}|\p{M}|[^\P{Zs} ]|[^\P{Cc}\n]/u);
  });

  it('leaves readable letters as they are', () => {
    expect(editableText('{"a":"Grüße, 日本"}')).toContain('Grüße, 日本');
  });
});

describe('prepareEdit', () => {
  const shown = '{"amount":100,"note":"x","to":["a","b"]}';
  it.each<[string, string, string[], string[]]>([
    ['nothing', shown, [], []],
    ['other spelling alone', '{ "to": ["a","b"], "note": "x", "amount": 1e2 }', [], []],
    ['a value', '{"amount":1,"note":"x","to":["a","b"]}', ['/amount'], []],
    ['its type', '{"amount":"100","note":"x","to":["a","b"]}', ['/amount'], []],
    ['one more and one less', '{"amount":100,"cc":"c","to":["a"]}', ['/cc'], ['/note', '/to/1']],
  ])('finds %s', (_, text, changed, removed) => {
    const prepared = prepareEdit(text, shown);
    if (prepared.kind !== 'edit') throw new Error('an edit expected');
    expect(prepared.changed.map((row) => row.pointer)).toEqual(changed);
    expect(prepared.removed.map((row) => row.pointer)).toEqual(removed);
  });

  it.each(['{', '', '{"a":1,}', '[1]', '1', 'null'])('takes %j for no arguments', (text) => {
    expect(prepareEdit(text, shown).kind).toBe('invalid');
  });
});
