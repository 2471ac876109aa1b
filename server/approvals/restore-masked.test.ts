import { describe, expect, it } from 'vitest';
import { restoreMasked } from './restore-masked.ts';

const mask = '[github_token, 40 characters, 0badcafe]';
const secret = 'ghp_0123456789abcdefABCDEF0123456789abcd';
const shown = { a: 1, keys: [`Bearer ${mask}`, 'plain'], [mask]: { deep: mask } };
const sealed = { a: 1, keys: [`Bearer ${secret}`, 'plain'], [secret]: { deep: secret } };
const restore = (edited: unknown) => restoreMasked(edited, shown, sealed, [mask]);

describe('restoreMasked', () => {
  it.each<[string, unknown, unknown]>([
    ['what was left alone', shown, sealed],
    ['an edit beside it', { ...shown, a: 2 }, { ...sealed, a: 2 }],
    [
      'an edit in the same list',
      { ...shown, keys: [`Bearer ${mask}`, 'other', 'new'] },
      { ...sealed, keys: [`Bearer ${secret}`, 'other', 'new'] },
    ],
    ['a credential that was replaced', { keys: ['Bearer x'] }, { keys: ['Bearer x'] }],
    [
      'a value under a masked name',
      { [mask]: { deep: 'x', more: 1 } },
      { [secret]: { deep: 'x', more: 1 } },
    ],
    ['names in another order', { keys: shown.keys, a: 1 }, { keys: sealed.keys, a: 1 }],
    ['everything gone', {}, {}],
  ])('puts back credentials: %s', (_, edited, whole) => {
    expect(restore(edited)).toEqual(whole);
  });

  it.each<[string, unknown]>([
    ['a text around it that was changed', { keys: [`Basic ${mask}`] }],
    ['one that was moved', { a: mask }],
    ['one that was moved within a list', { keys: ['plain', `Bearer ${mask}`] }],
    ['a name that was made of it', { b: 1, [`x${mask}`]: 1 }],
  ])('refuses %s', (_, edited) => {
    expect(() => restore(edited)).toThrow(/masked credential/);
  });
});
