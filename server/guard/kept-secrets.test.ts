import { describe, expect, it } from 'vitest';
import type { KeptSecretMatcher } from '#server/guard/contract.ts';
import { createKeptSecretMatcher, markSecret } from '#server/guard/kept-secrets.ts';
import { findSensitive, inspectText } from '#server/guard/inspect-text.ts';

const key = new Uint8Array(32).fill(7);
const other = new Uint8Array(32).fill(8);
/** Nothing by which a shape would give it away. */
const secret = 'plum/Tractor+ninety "north"';
const bytes = Buffer.from(secret);

function matcherOf(kept: Readonly<Record<string, string>>, with_ = key): KeptSecretMatcher {
  return createKeptSecretMatcher(
    with_,
    Object.entries(kept).flatMap(([credentialId, text]) =>
      markSecret(key, credentialId, text).map((mark) => ({ credentialId, name: 'n', mark })),
    ),
  );
}
const matcher = matcherOf({ crd_1: secret });

describe('a kept secret', () => {
  it.each([
    ['plain', secret],
    ['escaped', JSON.stringify(secret).slice(1, -1)],
    ['percent', encodeURIComponent(secret)],
    ['base64', bytes.toString('base64')],
    ['base64', Buffer.from(`user:${secret}`).toString('base64')],
    ['base64', Buffer.from(`ab${secret}`).toString('base64url')],
    ['hex', bytes.toString('hex')],
    ['hex', bytes.toString('hex').toUpperCase()],
  ])('is found %s in %s', (form, text) => {
    const [found] = matcher.find(`before ${text} after`);
    expect(found).toMatchObject({ credentialId: 'crd_1', form });
    expect(matcher.find(text)).toHaveLength(1);
  });

  it.each([
    ['another text', 'plum, tractor, ninety, north'],
    ['other letters', secret.toLowerCase()],
    ['a part of it', secret.slice(0, -1)],
    ['it in pieces', `${secret.slice(0, 9)} ${secret.slice(9)}`],
    ['it backwards', Array.from(secret).reverse().join('')],
    ['nothing', ''],
  ])('is not found in %s', (_, text) => {
    expect(matcher.find(text)).toEqual([]);
  });

  it.each([
    ['of eleven characters', 'Ab3$Ab3$xyz'],
    ['of few different ones', 'aaaaabbbbbccccc'],
    ['of blanks around too little', `   short   ${' '.repeat(20)}`],
    ['with half a character', 'plum tractor ninety \ud800'],
  ])('%s is not marked at all', (_, text) => {
    expect(markSecret(key, 'crd_1', text)).toEqual([]);
  });

  it('is told from every other one, and found by all that keep it', () => {
    const both = matcherOf({ crd_1: secret, crd_2: secret, crd_3: `${secret}!` });
    expect(both.find(`x${secret}y`).map((found) => found.credentialId)).toEqual(['crd_1', 'crd_2']);
  });

  it('of great length is found by its middle, whatever an end lost', () => {
    const long = Array.from({ length: 40 }, (_, at) => `line-${at * 7919}`).join('\n');
    const kept = matcherOf({ crd_1: `${long}\n` });
    const [found] = kept.find(`a${long.slice(20)}`);
    expect(found).toMatchObject({ start: 0 });
    expect(kept.find(long.slice(0, 100))).toEqual([]);
  });

  it('leaves marks that differ by credential and show nothing without the key', () => {
    const marks = ['crd_1', 'crd_2'].map((id) => markSecret(key, id, secret)[0]);
    expect(marks[0]?.window).not.toBe(marks[1]?.window);
    expect(marks[0]?.commitment).not.toEqual(marks[1]?.commitment);
    expect(JSON.stringify(marks)).not.toContain(secret.slice(0, 6));
    expect(matcherOf({ crd_1: secret }, other).find(secret)).toEqual([]);
  });
});

describe('inspection', () => {
  const options = { name: null, canaries: null, voice: null, places: [] };

  it('covers a kept secret that no shape gives away', () => {
    expect(findSensitive(`use ${secret} there`, null)).toEqual([]);
    const { sensitive, kept } = inspectText(`use ${secret} there`, { ...options, kept: matcher });
    expect(kept).toMatchObject([{ credentialId: 'crd_1', start: 4, end: 4 + secret.length }]);
    expect(sensitive).toMatchObject([{ placeholder: 'SECRET', start: 4 }]);
  });

  it('covers every one of many, since one that is left is stored', () => {
    const { sensitive } = inspectText(`${secret} `.repeat(500), { ...options, kept: matcher });
    expect(sensitive).toHaveLength(500);
  });

  it('finds it with invisible characters inside', () => {
    const text = `use ${secret.slice(0, 5)}\u200b${secret.slice(5)} there`;
    const { kept } = inspectText(text, { ...options, kept: matcher });
    expect(kept).toMatchObject([{ start: 4, end: 5 + secret.length }]);
  });
});
