import { describe, expect, it } from 'vitest';
import { wordsOfSubject, wordsOfType } from './event-words.ts';

describe('wordsOfSubject', () => {
  it.each([
    ['an address', '{"format":"email","email":"ada@example.test"}', 'ada@example.test'],
    ['an id', '{"format":"opaque","id":"payer"}', 'payer'],
    ['another issuer’s', '{"format":"iss_sub","iss":"https://x.example","sub":"payer"}', null],
    ['one with more to it', '{"format":"opaque","id":"payer","and":"more"}', null],
    ['an address that is none', '{"format":"email","email":7}', null],
    ['none', 'null', null],
    ['what was cut', '{"format":"opaque","id":"pay…', null],
  ])('%s', (_name, subject, expected) => {
    expect(wordsOfSubject({ subject })).toBe(expected ?? subject);
  });
});

describe('wordsOfType', () => {
  it.each([
    ['https://schemas.openid.net/secevent/caep/event-type/session-revoked', 'Session revoked'],
    ['urn:other', null],
    ['constructor', null],
  ])('%s', (type, expected) => {
    expect(wordsOfType({ type })).toBe(expected);
  });
});
