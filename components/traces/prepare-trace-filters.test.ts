import { describe, expect, it } from 'vitest';
import { traceFiltersSchema } from '#server/telemetry/traces/contract.ts';
import { hasTraceFilters, toTraceFilters, type TraceUrlFilters } from './prepare-trace-filters.ts';

const none: TraceUrlFilters = {
  q: null,
  agent: null,
  tool: null,
  session: null,
  user: null,
  has: null,
  range: null,
};
const nowMs = Date.parse('2026-11-22T08:00:30Z');
const off = { hasAlerts: false, hasErrors: false, hasUntrusted: false };

describe('toTraceFilters', () => {
  it.each<[string, Partial<TraceUrlFilters>, object]>([
    ['nothing chosen', {}, off],
    ['a search', { q: 'needle' }, { ...off, q: 'needle' }],
    ['an empty search', { q: '' }, off],
    [
      'names',
      { agent: 'a', tool: 't', session: 's', user: 'u' },
      { ...off, agent: 'a', tool: 't', session: 's', user: 'u' },
    ],
    ['alerts', { has: 'alerts' }, { ...off, hasAlerts: true }],
    ['errors', { has: 'errors' }, { ...off, hasErrors: true }],
    ['untrusted', { has: 'untrusted' }, { ...off, hasUntrusted: true }],
    ['the last hour, open-ended', { range: '1h' }, { ...off, from: '2026-11-22T07:01:00.000Z' }],
    [
      'two instants',
      { range: '2026-11-20T00:00:00.000Z_2026-11-21T00:00:00.000Z' },
      { ...off, from: '2026-11-20T00:00:00.000Z', until: '2026-11-21T00:00:00.000Z' },
    ],
    ['a range that is none', { range: 'soon' }, off],
  ])('%s', (_name, url, expected) => {
    const filters = toTraceFilters({ ...none, ...url }, nowMs);
    expect(filters).toEqual(expected);
    expect(traceFiltersSchema.safeParse(filters).success).toBe(true);
  });
});

describe('hasTraceFilters', () => {
  it.each<[Partial<TraceUrlFilters>, boolean]>([
    [{}, false],
    [{ q: '' }, false],
    [{ q: 'x' }, true],
    [{ has: 'errors' }, true],
    [{ range: '1h' }, true],
  ])('%j', (url, expected) => {
    expect(hasTraceFilters({ ...none, ...url })).toBe(expected);
  });
});
