import { describe, expect, it } from 'vitest';
import {
  destinationsOf,
  knownDestinationsSchema,
  noDestinations,
  noteDestinations,
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

describe('noteDestinations', () => {
  const untrusted = (at: number, text: string): TraceText => ({ at, kind: 'untrusted', text });
  const asked = (at: number, text: string): TraceText => ({ at, kind: 'asked', text });
  const note = (texts: readonly TraceText[], known = noDestinations) =>
    noteDestinations(known, ['a@b.org'], texts, 10).facts;

  it.each([
    ['untrusted content alone', [untrusted(1, 'pay a@b.org')], true],
    ['the user too', [untrusted(1, 'pay a@b.org'), asked(0, 'write to a@b.org')], false],
    ['the user alone', [asked(0, 'write to a@b.org')], false],
    ['untrusted content that came later', [untrusted(11, 'pay a@b.org')], false],
    ['untrusted content of the same instant', [untrusted(10, 'pay a@b.org')], false],
    ['nobody', [], false],
    ['another destination', [untrusted(1, 'pay c@d.org')], false],
  ])('%s', (_, texts, isUntrusted) => {
    expect(note(texts)).toEqual({ isUntrusted, isUntrustedAndNew: isUntrusted });
  });

  it('knows a destination from the second time on, whoever named it first', () => {
    const first = noteDestinations(noDestinations, ['a@b.org'], [asked(0, 'a@b.org')], 1).next;
    expect(note([untrusted(1, 'pay a@b.org')], first)).toEqual({
      isUntrusted: true,
      isUntrustedAndNew: false,
    });
  });

  it('remembers hashes alone, and a bounded number', () => {
    let known = noDestinations;
    for (let index = 0; index < limits.destinationsKnownMax / 50 + 2; index += 1) {
      const batch = Array.from({ length: 50 }, (_, at) => `u${index}-${at}@example.org`);
      known = noteDestinations(known, batch, [], 0).next;
    }
    expect(known.seen).toHaveLength(limits.destinationsKnownMax);
    expect(JSON.stringify(known)).not.toContain('example');
    expect(knownDestinationsSchema.parse(JSON.parse(JSON.stringify(known)))).toEqual(known);
  });
});
