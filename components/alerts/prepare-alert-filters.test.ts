import { describe, expect, it } from 'vitest';
import { alertFiltersSchema } from '#server/detection/contract.ts';
import {
  type AlertUrlFilters,
  hasAlertFilters,
  parseSeverity,
  stateChoices,
  toAlertFilters,
} from './prepare-alert-filters.ts';

const now = Date.UTC(2026, 10, 22, 14, 3, 22);
const none: AlertUrlFilters = {
  state: 'active',
  severity: null,
  rule: null,
  agent: null,
  trace: null,
  assignee: null,
  label: null,
  range: null,
};
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('toAlertFilters', () => {
  it.each<[string, Partial<AlertUrlFilters>, object]>([
    [
      'the usual inbox',
      {},
      { states: ['open', 'acknowledged'], attentions: ['due'], severities: [] },
    ],
    ['all states', { state: 'all' }, { states: [], attentions: [], severities: [] }],
    ['one state', { state: 'resolved' }, { states: ['resolved'], attentions: [], severities: [] }],
    ['the snoozed', { state: 'snoozed' }, { states: [], attentions: ['snoozed'], severities: [] }],
    [
      'the archived',
      { state: 'archived' },
      { states: [], attentions: ['archived'], severities: [] },
    ],
    [
      'everything at once',
      {
        state: 'open',
        severity: 'high',
        rule: 'write-burst',
        agent: 'bot',
        trace,
        assignee: 'me',
        label: 'ASI01',
      },
      {
        states: ['open'],
        attentions: ['due'],
        severities: ['high'],
        rule: 'write-burst',
        agent: 'bot',
        traceId: trace,
        assignee: 'me',
        label: 'ASI01',
      },
    ],
    [
      'a relative range, open towards now',
      { range: '1h' },
      {
        states: ['open', 'acknowledged'],
        attentions: ['due'],
        severities: [],
        from: '2026-11-22T13:04:00.000Z',
      },
    ],
    [
      'a fixed range',
      { range: '2026-11-22T00:00:00.000Z_2026-11-22T12:00:00.000Z' },
      {
        states: ['open', 'acknowledged'],
        attentions: ['due'],
        severities: [],
        from: '2026-11-22T00:00:00.000Z',
        until: '2026-11-22T12:00:00.000Z',
      },
    ],
    [
      'nonsense for a range',
      { range: 'x' },
      { states: ['open', 'acknowledged'], attentions: ['due'], severities: [] },
    ],
  ])('%s', (_, change, filters) => {
    const made = toAlertFilters({ ...none, ...change }, now);
    expect(made).toEqual(filters);
    expect(alertFiltersSchema.safeParse(made).success).toBe(true);
  });

  it('asks the same within a minute', () => {
    const range = { ...none, range: '1h' };
    expect(toAlertFilters(range, now)).toEqual(toAlertFilters(range, now + 30_000));
    expect(toAlertFilters(range, now)).not.toEqual(toAlertFilters(range, now + 60_000));
  });
});

describe('hasAlertFilters', () => {
  it('is false of the usual inbox only', () => {
    expect(hasAlertFilters(none)).toBe(false);
    for (const state of stateChoices.slice(1))
      expect(hasAlertFilters({ ...none, state })).toBe(true);
    expect(hasAlertFilters({ ...none, range: '1h' })).toBe(true);
    expect(hasAlertFilters({ ...none, agent: 'bot' })).toBe(true);
    expect(hasAlertFilters({ ...none, assignee: 'me' })).toBe(true);
    expect(hasAlertFilters({ ...none, label: 'ASI01' })).toBe(true);
  });
});

describe('parseSeverity', () => {
  it.each([
    ['critical', 'critical'],
    ['informational', 'informational'],
    ['info', null],
    ['CRITICAL', null],
    ['', null],
    [null, null],
  ])('%j is %j', (text, severity) => {
    expect(parseSeverity(text)).toBe(severity);
  });
});
