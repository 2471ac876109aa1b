import { describe, expect, it } from 'vitest';
import { matchScore } from './match-score.ts';

const credentials = ['Credentials', 'broker', 'leases', 'secrets', 'tokens', 'revoke', 'providers'];

describe('matchScore', () => {
  it.each([
    ['cred', credentials],
    ['lease', credentials],
    ['credntials', credentials],
    ['crd', credentials],
    ['who', ['Audit', 'log', 'history', 'who did what']],
    ['drill', ['Drills', 'exercise']],
  ])('%j finds %j', (search, words) => {
    expect(matchScore(search, words)).toBeGreaterThan(0);
  });

  it.each([
    ['dark', credentials],
    ['drill', credentials],
    ['halt', ['Overview', 'home', 'dashboard', 'fleet']],
  ])('%j does not find %j, whose letters it merely shares', (search, words) => {
    expect(matchScore(search, words)).toBe(0);
  });
});
