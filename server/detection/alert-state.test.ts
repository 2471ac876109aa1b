import { describe, expect, it } from 'vitest';
import { alertIdOf, alertWindowStart, type AlertKey } from '#server/detection/alert-id.ts';
import { addEvidence, mayMove, type AlertLife } from '#server/detection/alert-state.ts';
import { alertIdSchema, alertStates } from '#server/detection/contract.ts';
import { limits } from '#server/kernel/limits.ts';

const open: AlertLife = {
  state: 'open',
  count: 2,
  firstAt: 100,
  lastAt: 200,
  traces: [{ id: 'a', at: 100 }],
  verdict: null,
};

describe('addEvidence', () => {
  it('opens an alert', () => {
    const evidence = [
      { at: 300, traceId: 'b' },
      { at: 100, traceId: 'a' },
    ];
    expect(addEvidence(null, evidence)).toEqual({
      emit: 'opened',
      next: {
        state: 'open',
        count: 2,
        firstAt: 100,
        lastAt: 300,
        traces: [
          { id: 'a', at: 100 },
          { id: 'b', at: 300 },
        ],
        verdict: null,
      },
    });
  });

  it('grows an open alert, backwards too', () => {
    expect(addEvidence(open, [{ at: 50, traceId: 'z' }])).toEqual({
      emit: 'updated',
      next: {
        ...open,
        count: 3,
        firstAt: 50,
        traces: [
          { id: 'z', at: 50 },
          { id: 'a', at: 100 },
        ],
      },
    });
  });

  it('keeps an acknowledged alert acknowledged', () => {
    const step = addEvidence({ ...open, state: 'acknowledged' }, [{ at: 300, traceId: 'a' }]);
    expect(step).toMatchObject({ emit: 'updated', next: { state: 'acknowledged', count: 3 } });
  });

  it('opens a new alert after a resolved one, and takes nothing over', () => {
    const step = addEvidence({ ...open, state: 'resolved', verdict: 'benign' }, [
      { at: 300, traceId: 'b' },
    ]);
    expect(step).toEqual({
      emit: 'opened',
      next: {
        state: 'open',
        count: 1,
        firstAt: 300,
        lastAt: 300,
        traces: [{ id: 'b', at: 300 }],
        verdict: null,
      },
    });
  });

  it('keeps the earliest traces when there are too many, whatever their order', () => {
    const evidence = Array.from({ length: 50 }, (_, at) => ({ at, traceId: `t${at}` }));
    const forwards = addEvidence(null, evidence).next;
    const backwards = addEvidence(null, evidence.toReversed()).next;
    expect(forwards).toEqual(backwards);
    expect(forwards.traces).toHaveLength(limits.alertTracesMax);
    expect(forwards.count).toBe(50);
  });

  it('refuses to open an alert over nothing', () => {
    expect(() => addEvidence(null, [])).toThrow(RangeError);
  });
});

describe('mayMove', () => {
  const legal = ['open acknowledged', 'open resolved', 'acknowledged resolved'];

  it.each(alertStates.flatMap((from) => alertStates.map((to) => [from, to] as const)))(
    '%s to %s',
    (from, to) => {
      expect(mayMove(from, to)).toBe(legal.includes(`${from} ${to}`));
    },
  );
});

describe('alertIdOf', () => {
  const key: AlertKey = {
    ruleId: 'rul_1',
    ruleVersion: 1,
    ruleKey: 'k',
    group: ['a', 'b'],
    windowStart: Date.UTC(2026, 10, 22, 8),
    generation: 0,
  };

  it('is a TypeID that sorts by the window, and always the same', () => {
    const id = alertIdOf(key);
    expect(alertIdSchema.safeParse(id).success).toBe(true);
    expect(alertIdOf({ ...key, group: ['a', 'b'] })).toBe(id);
    const later = alertIdOf({ ...key, windowStart: key.windowStart + 3_600_000 });
    expect(later > id).toBe(true);
  });

  it.each([
    { ruleId: 'rul_2' },
    { ruleVersion: 2 },
    { ruleKey: 'l' },
    { group: ['a,b'] },
    { group: ['b', 'a'] },
    { windowStart: 0 },
    { generation: 1 },
  ])('differs by %j', (other) => {
    expect(alertIdOf({ ...key, ...other })).not.toBe(alertIdOf(key));
  });
});

describe('alertWindowStart', () => {
  const hour = 3_600_000;

  it.each([
    ['a trace is its own window', ['agent.slug', 'trace.id'], 1000, 5 * hour + 7, 0],
    ['an hour otherwise', ['agent.slug'], 1000, 5 * hour + 7, 5 * hour],
    ['the timespan when it is longer', ['agent.slug'], 4 * hour, 5 * hour + 7, 4 * hour],
    ['before 1970 too', ['agent.slug'], 1000, -1, -hour],
  ])('%s', (_, groupBy, timespanMs, at, start) => {
    expect(alertWindowStart(groupBy, timespanMs, at)).toBe(start);
  });
});
