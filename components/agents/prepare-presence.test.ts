import { describe, expect, it } from 'vitest';
import { type Presence, presenceOf } from './prepare-presence.ts';

const nowMs = Date.parse('2026-11-22T08:00:00Z');

describe('presenceOf', () => {
  it.each<[string | null, Presence]>([
    [null, 'never'],
    ['2026-11-22T08:00:00Z', 'reporting'],
    ['2026-11-22T08:00:05Z', 'reporting'],
    ['2026-11-22T07:55:00.001Z', 'reporting'],
    ['2026-11-22T07:55:00Z', 'quiet'],
    ['2026-11-21T08:00:00.001Z', 'quiet'],
    ['2026-11-21T08:00:00Z', 'silent'],
    ['2020-01-01T00:00:00Z', 'silent'],
  ])('last seen %s is %s', (lastSeenAt, presence) => {
    expect(presenceOf(lastSeenAt, nowMs)).toBe(presence);
  });
});
