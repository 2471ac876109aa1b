import { describe, expect, it } from 'vitest';
import { eventKinds } from '#server/telemetry/contract.ts';
import { kindLooks, sumCounts, toKindCounts, toOverviewSpan, toRates } from './prepare-overview.ts';

const now = Date.UTC(2026, 10, 22, 14, 3, 22);
const at = '2026-11-22T14:00:00.000Z';
const iso = (ms: number) => new Date(ms).toISOString();

describe('toOverviewSpan', () => {
  it.each([
    ['15m', '2026-11-22T13:48:00.000Z', 1],
    ['1h', '2026-11-22T13:03:00.000Z', 1],
    ['6h', '2026-11-22T08:00:00.000Z', 5],
    ['24h', '2026-11-21T14:00:00.000Z', 60],
    ['7d', '2026-11-15T14:00:00.000Z', 60],
    ['30d', '2026-10-23T00:00:00.000Z', 1440],
    [null, '2026-11-21T14:00:00.000Z', 60],
    ['nonsense', '2026-11-21T14:00:00.000Z', 60],
  ])('%j begins at %s in steps of %d min', (range, from, stepMinutes) => {
    const span = toOverviewSpan(range, now);
    expect(iso(span.fromMs)).toBe(from);
    expect(iso(span.toMs)).toBe('2026-11-22T14:04:00.000Z');
    expect(span.stepMinutes).toBe(stepMinutes);
  });

  it('keeps a fixed range, whole steps of it', () => {
    const span = toOverviewSpan('2026-11-01T10:30:00.000Z_2026-11-01T12:30:30.000Z', now);
    expect([iso(span.fromMs), iso(span.toMs), span.stepMinutes]).toEqual([
      '2026-11-01T10:30:00.000Z',
      '2026-11-01T12:31:00.000Z',
      5,
    ]);
  });

  it('stays within the points that one answer may hold', () => {
    for (const range of ['2h', '12h', '7d', '366d']) {
      const span = toOverviewSpan(range, now);
      const steps = (span.toMs - span.fromMs) / (span.stepMinutes * 60_000);
      expect(steps).toBeLessThanOrEqual(400);
    }
  });
});

describe('counts', () => {
  const items = [
    { at, kind: 'tool_call', events: 120, errors: 6 },
    { at, kind: 'error', events: 6, errors: 6 },
  ] as const;

  it('become series by kind', () => {
    expect(toKindCounts(items)).toEqual([
      { atMs: Date.parse(at), key: 'tool_call', value: 120 },
      { atMs: Date.parse(at), key: 'error', value: 6 },
    ]);
  });

  const span = { fromMs: 0, toMs: Date.parse(at) + 3_600_000, stepMinutes: 1 as const };

  it('become rates by the length of a step', () => {
    expect(toRates(items.slice(0, 1), span)).toEqual([
      { atMs: Date.parse(at), key: 'events', value: 2 },
      { atMs: Date.parse(at), key: 'errors', value: 0.1 },
    ]);
    const hour = toRates(items.slice(0, 1), { ...span, stepMinutes: 60 });
    expect(hour[0]?.value).toBeCloseTo(120 / 3600);
  });

  it('divide an unfinished step by what has passed of it, at least a minute', () => {
    const rate = (passedMs: number) =>
      toRates(items.slice(0, 1), {
        ...span,
        stepMinutes: 60,
        toMs: Date.parse(at) + passedMs,
      })[0]?.value;
    expect(rate(120_000)).toBe(1);
    expect(rate(10_000)).toBe(2);
  });

  it('add up', () => {
    expect(sumCounts(items)).toEqual({ events: 126, errors: 12 });
    expect(sumCounts([])).toEqual({ events: 0, errors: 0 });
  });
});

describe('kindLooks', () => {
  it('gives every kind a colour of its own', () => {
    const colors = Object.values(kindLooks).map((look) => look.color);
    expect(new Set(colors).size).toBe(colors.length);
  });

  it('names every kind, and what is summed up', () => {
    for (const kind of [...eventKinds, 'other']) {
      expect(kindLooks[kind]?.label).toBe(kind.replaceAll('_', ' '));
      expect(kindLooks[kind]?.color).toMatch(/^var\(--color-series-\d+\)$/);
    }
  });
});
