import { describe, expect, it } from 'vitest';
import {
  destinationName,
  destinationsOf,
  isNamedByUntrusted,
  type TraceText,
} from '#server/detection/destinations.ts';
import { limits } from '#server/kernel/limits.ts';

describe('destinationsOf', () => {
  it.each([
    [{ to: ['Ann@Example.org', 'x'] }, ['ann@example.org']],
    [
      { to: '[EMAIL:9f3a61c0]', body: 'see [PHONE:0011aabb]' },
      ['[email:9f3a61c0]', '[phone:0011aabb]'],
    ],
    [{ recipient: 'US133000000121212121212' }, ['us133000000121212121212']],
    [{ url: 'https://www.Evil.example/path?q=1' }, ['evil.example']],
    [{ text: 'go to www.evil.example now' }, ['evil.example']],
    [{ to: 'a@b.org', cc: 'a@b.org' }, ['a@b.org']],
    [{ amount: 100, note: 'Rent for May', name: '[SECRET:aa]' }, []],
    [null, []],
  ])('%j', (input, found) => {
    expect(destinationsOf(input)).toEqual(found);
  });

  it('takes a bounded number', () => {
    const many = Array.from({ length: 500 }, (_, index) => `u${index}@example.org`);
    expect(destinationsOf(many)).toHaveLength(limits.destinationsPerCallMax);
  });
});

describe('isNamedByUntrusted', () => {
  const untrusted = (at: number, text: string): TraceText => ({ at, kind: 'untrusted', text });
  const asked = (at: number, text: string): TraceText => ({ at, kind: 'asked', text });

  it.each([
    ['untrusted content alone', [untrusted(1, 'pay a@b.org')], true],
    ['the user too', [untrusted(1, 'pay a@b.org'), asked(0, 'write to a@b.org')], false],
    ['the user, but only afterwards', [untrusted(1, 'pay a@b.org'), asked(11, 'a@b.org')], true],
    ['the user alone', [asked(0, 'write to a@b.org')], false],
    ['untrusted content that came later', [untrusted(11, 'pay a@b.org')], false],
    ['untrusted content of the same instant', [untrusted(10, 'pay a@b.org')], false],
    ['nobody', [], false],
    ['another destination', [untrusted(1, 'pay c@d.org')], false],
  ])('%s', (_, texts, expected) => {
    expect(isNamedByUntrusted(['a@b.org'], texts, 10)).toBe(expected);
  });

  it('takes one destination of several for enough', () => {
    const texts = [untrusted(1, 'x@y.org'), asked(0, 'a@b.org')];
    expect(isNamedByUntrusted(['a@b.org', 'x@y.org'], texts, 10)).toBe(true);
  });
});

describe('destinationName', () => {
  it('does not tell the address', () => {
    expect(destinationName('a@b.org')).toMatch(/^[0-9a-f]{12}$/);
    expect(destinationName('a@b.org')).not.toBe(destinationName('a@b.com'));
  });
});
