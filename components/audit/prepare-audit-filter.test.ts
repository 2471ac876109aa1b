import { describe, expect, it } from 'vitest';
import { auditActions, auditFilterInput } from '#server/audit/contract.ts';
import { actionWords, actorWords } from './action-words.ts';
import { type AuditUrlFilters, hasAuditFilters, toAuditFilter } from './prepare-audit-filter.ts';

const none: AuditUrlFilters = { actor: null, type: null, action: null, subject: null, range: null };
const nowMs = Date.parse('2026-11-22T12:00:30.000Z');

describe('toAuditFilter', () => {
  it.each<[string, Partial<AuditUrlFilters>, object]>([
    ['nothing', {}, {}],
    ['an actor', { actor: 'ada' }, { actor: 'ada' }],
    ['a kind of actor', { type: 'cli' }, { actorType: 'cli' }],
    ['an action', { action: 'key.created' }, { actions: ['key.created'] }],
    ['a subject', { subject: 'key_1' }, { subject: 'key_1' }],
    ['a relative range', { range: '1h' }, { from: '2026-11-22T11:01:00.000Z' }],
    [
      'an absolute range',
      { range: '2026-11-01T00:00:00.000Z_2026-11-02T00:00:00.000Z' },
      { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' },
    ],
    ['a range that is none', { range: 'soon' }, {}],
  ])('asks for %s', (_what, url, asked) => {
    const filter = toAuditFilter({ ...none, ...url }, nowMs);
    expect(filter).toEqual(asked);
    expect(auditFilterInput.safeParse(filter).success).toBe(true);
    expect(hasAuditFilters({ ...none, ...url })).toBe(Object.keys(url).length > 0);
  });

  it('asks the same question within a minute', () => {
    const url = { ...none, range: '24h' };
    expect(toAuditFilter(url, nowMs + 29_000)).toEqual(toAuditFilter(url, nowMs));
  });
});

describe('the words of the log', () => {
  it('differ for each action and kind of actor, so that none passes for another', () => {
    expect(new Set(Object.values(actionWords)).size).toBe(auditActions.length);
    const words = Object.values(actorWords).map((one) => one.word);
    expect(new Set(words).size).toBe(words.length);
  });
});
