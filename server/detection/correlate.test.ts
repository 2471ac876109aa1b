import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import {
  advanceWindow,
  closeWindow,
  isWindowOver,
  type WindowMatch,
} from '#server/detection/correlate.ts';
import {
  compileCorrelation,
  type CorrelationPlan,
} from '#server/detection/sigma/compile-correlation.ts';
import {
  correlationDocumentSchema,
  type CorrelationDocument,
} from '#server/detection/sigma/rule-documents.ts';
import { decodeWindow, encodeWindow, type WindowState } from '#server/detection/window-state.ts';

const now = Date.UTC(2026, 0, 1);
const t0 = Date.UTC(2026, 0, 1, 8);

function plan(
  type: string,
  condition: object | undefined,
  timespan = '10s',
  rules = ['a'],
): CorrelationPlan {
  const { correlation }: CorrelationDocument = correlationDocumentSchema.parse({
    title: 't',
    correlation: { type, rules, 'group-by': [], timespan, ...(condition ? { condition } : {}) },
  });
  return compileCorrelation(
    correlation,
    rules.map((name) => [name]),
  );
}

function match(second: number, id: string, input = 0, values: (string | number)[] = []) {
  return { at: t0 + second * 1000, eventId: id, input, values, carried: {} } satisfies WindowMatch;
}

interface Outcome {
  readonly fired: string[];
  readonly evidence: string[];
  readonly late: string[];
}

/** Feeds matches in the order given, through the stored form each time, then lets time pass. */
function run(correlation: CorrelationPlan, matches: readonly WindowMatch[]): Outcome {
  let state: WindowState | null = null;
  const fired: string[] = [];
  const evidence: string[] = [];
  const late: string[] = [];
  for (const item of matches) {
    const step = advanceWindow(correlation, state, item, now);
    state = decodeWindow(JSON.parse(JSON.stringify(encodeWindow(step.state))));
    expect(state).toEqual(step.state);
    fired.push(...step.fired.map((entry) => entry.eventId));
    for (const entry of step.evidence) (entry.isLate ? late : evidence).push(entry.eventId);
  }
  const closed = state && closeWindow(correlation, state, now + limits.allowedLatenessMs);
  fired.push(...(closed?.fired ?? []).map((entry) => entry.eventId));
  evidence.push(...(closed?.evidence ?? []).map((entry) => entry.eventId));
  return { fired: fired.toSorted(), evidence: evidence.toSorted(), late };
}

/** Events named after their second: 's03'. */
function at(...seconds: readonly number[]): WindowMatch[] {
  return seconds.map((second) => match(second, `s${String(second).padStart(2, '0')}`));
}

describe('event_count', () => {
  const three = plan('event_count', { gte: 3 });

  it.each([
    ['too few', at(0, 1), [], []],
    ['enough', at(0, 1, 2), ['s02'], ['s00', 's01', 's02']],
    ['more than enough', at(0, 1, 2, 3), ['s02', 's03'], ['s00', 's01', 's02', 's03']],
    ['spread out', at(0, 5, 10), [], []],
    ['just inside the half-open window', at(0, 5, 9), ['s09'], ['s00', 's05', 's09']],
    ['sliding, not tumbling', at(0, 8, 11, 12), ['s12'], ['s08', 's11', 's12']],
    [
      'two bursts',
      at(0, 1, 2, 50, 51, 52),
      ['s02', 's52'],
      ['s00', 's01', 's02', 's50', 's51', 's52'],
    ],
  ])('%s', (_, matches, fired, evidence) => {
    expect(run(three, matches)).toEqual({ fired, evidence, late: [] });
  });

  it('counts an event once, also when it is delivered again', () => {
    expect(run(three, [...at(0, 1), ...at(0, 1)]).fired).toEqual([]);
  });

  it('counts an event once that two of its rules match', () => {
    const two = plan('event_count', { gte: 2 }, '10s', ['a', 'b']);
    expect(run(two, [match(0, 'x', 0), match(0, 'x', 1)]).fired).toEqual([]);
    expect(run(two, [match(0, 'x', 0), match(0, 'y', 1)]).fired).toEqual(['x', 'y']);
  });

  it('fires when an event between two others comes last', () => {
    expect(run(three, at(0, 2, 1))).toMatchObject({ fired: ['s02'] });
  });

  it('fires at the third event, not before', () => {
    const steps: number[] = [];
    let state: WindowState | null = null;
    for (const item of at(0, 1, 2)) {
      const step = advanceWindow(three, state, item, now);
      state = step.state;
      steps.push(step.evidence.length);
    }
    expect(steps).toEqual([0, 0, 3]);
  });

  it('judges an event alone that comes later than allowed', () => {
    const one = plan('event_count', { gte: 1 });
    const minutes = (count: number) => count * 60;
    const latest = match(minutes(20), 'latest');
    expect(run(one, [latest, match(minutes(10), 'in time')])).toEqual({
      fired: ['in time', 'latest'],
      evidence: ['in time', 'latest'],
      late: [],
    });
    expect(run(one, [latest, match(minutes(10) - 1, 'too late')])).toEqual({
      fired: ['latest', 'too late'],
      evidence: ['latest'],
      late: ['too late'],
    });
    const two = [match(minutes(20), 'l'), match(minutes(9), 'x'), match(minutes(9), 'y')];
    expect(run(plan('event_count', { gte: 2 }), two).fired).toEqual([]);
  });

  it('remembers a bounded number of events and still counts a burst', () => {
    let state: WindowState | null = null;
    let evidence = 0;
    for (let index = 0; index < 5000; index += 1) {
      const item = { ...match(0, `e${index}`), at: t0 + index };
      const step = advanceWindow(three, state, item, now);
      state = step.state;
      evidence += step.evidence.length;
    }
    expect(state?.entries).toHaveLength(three.entriesMax);
    expect(evidence).toBe(5000);
  });
});

describe('conditions that only a closed window can answer', () => {
  it.each([
    ['lt', plan('event_count', { lt: 2 }), at(0, 1, 30), ['s00', 's30']],
    ['eq', plan('event_count', { eq: 2 }), at(0, 1, 2, 30, 31), ['s01', 's31']],
    ['neq', plan('event_count', { neq: 1 }), at(0, 1, 30), ['s01']],
    ['a range', plan('event_count', { gt: 1, lte: 2 }), at(0, 1, 2), ['s01']],
  ])('%s', (_, correlation, matches, fired) => {
    expect(run(correlation, matches).fired).toEqual(fired);
  });

  it('waits for the watermark, and fires when it passes', () => {
    const correlation = plan('event_count', { eq: 1 });
    const first = advanceWindow(correlation, null, match(0, 'a'), now);
    expect(first.fired).toEqual([]);
    expect(closeWindow(correlation, first.state, now + 1000)).toBeNull();
    const later = advanceWindow(correlation, first.state, match(601, 'b'), now);
    expect(later.fired.map((entry) => entry.eventId)).toEqual(['a']);
  });

  it('closes a quiet group once', () => {
    const correlation = plan('event_count', { eq: 1 });
    const { state } = advanceWindow(correlation, null, match(0, 'a'), now);
    const closed = closeWindow(correlation, state, now + limits.allowedLatenessMs);
    expect(closed?.fired.map((entry) => entry.eventId)).toEqual(['a']);
    const again = closed && closeWindow(correlation, closed.state, now + limits.allowedLatenessMs);
    expect(again).toBeNull();
  });
});

describe('values', () => {
  const v = (second: number, value: string | number) => match(second, `s${second}`, 0, [value]);

  it.each([
    ['value_count', plan('value_count', { gte: 2, field: 'f' }), [v(0, 'x'), v(1, 'x')], []],
    [
      'value_count hit',
      plan('value_count', { gte: 2, field: 'f' }),
      [v(0, 'x'), v(1, 'y')],
      ['s1'],
    ],
    ['value_sum', plan('value_sum', { gt: 10, field: 'f' }), [v(0, 5), v(1, 5)], []],
    ['value_sum hit', plan('value_sum', { gt: 10, field: 'f' }), [v(0, 5), v(1, 6)], ['s1']],
    [
      'value_sum, refund hides nothing',
      plan('value_sum', { gt: 10, field: 'f' }),
      [v(0, -9), v(1, 11)],
      ['s1'],
    ],
    ['value_sum below', plan('value_sum', { lt: 0, field: 'f' }), [v(0, 5), v(1, -9)], ['s1']],
    ['value_avg', plan('value_avg', { gte: 10, field: 'f' }), [v(0, 5), v(1, 15)], ['s1']],
    ['value_avg misses', plan('value_avg', { gt: 10, field: 'f' }), [v(0, 5), v(1, 15)], []],
    [
      'median',
      plan('value_percentile', { gte: 7, percentile: 50, field: 'f' }),
      [v(0, 1), v(1, 7), v(2, 99)],
      ['s2'],
    ],
    [
      'rare value',
      plan('value_percentile', { lte: 30, field: 'f' }),
      [v(0, 'x'), v(1, 'x'), v(2, 'x'), v(3, 'y')],
      ['s3'],
    ],
    ['common value', plan('value_percentile', { lte: 30, field: 'f' }), [v(0, 'x'), v(1, 'x')], []],
  ])('%s', (_, correlation, matches, fired) => {
    expect(run(correlation, matches).fired).toEqual(fired);
  });
});

describe('temporal', () => {
  const three = plan('temporal', undefined, '10s', ['a', 'b', 'c']);
  const m = (second: number, input: number) => match(second, `${second}-${input}`, input);

  it.each([
    ['all, any order', [m(0, 2), m(1, 0), m(2, 1)], ['2-1']],
    ['one missing', [m(0, 2), m(1, 0), m(2, 0)], []],
    ['too far apart', [m(0, 2), m(1, 0), m(11, 1)], []],
  ])('%s', (_, matches, fired) => {
    expect(run(three, matches).fired).toEqual(fired);
  });

  it('takes a lower count of rules when its condition says so', () => {
    const two = plan('temporal', { gte: 2 }, '10s', ['a', 'b', 'c']);
    expect(run(two, [m(0, 2), m(1, 0)]).fired).toEqual(['1-0']);
  });
});

describe('temporal_ordered', () => {
  const two = plan('temporal_ordered', undefined, '10s', ['a', 'b']);
  const three = plan('temporal_ordered', undefined, '10s', ['a', 'b', 'c']);
  const m = (second: number, input: number) => match(second, `${second}-${input}`, input);

  it.each([
    ['in order', two, [m(0, 0), m(1, 1)], ['1-1'], ['0-0', '1-1']],
    ['in reverse', two, [m(0, 1), m(1, 0)], [], []],
    ['side by side', two, [m(0, 0), m(0, 1)], [], []],
    ['out of reach', two, [m(0, 0), m(10, 1)], [], []],
    ['several causes', two, [m(0, 0), m(1, 0), m(2, 1)], ['2-1'], ['0-0', '1-0', '2-1']],
    ['several effects', two, [m(0, 0), m(1, 1), m(2, 1)], ['1-1', '2-1'], ['0-0', '1-1', '2-1']],
    [
      'an effect before the cause is no evidence',
      two,
      [m(0, 1), m(1, 0), m(2, 1)],
      ['2-1'],
      ['1-0', '2-1'],
    ],
    ['three in order', three, [m(0, 0), m(1, 1), m(2, 2)], ['2-2'], ['0-0', '1-1', '2-2']],
    ['three, middle too early', three, [m(0, 1), m(1, 0), m(2, 2)], [], []],
    [
      'three, a middle too late',
      three,
      [m(0, 0), m(1, 1), m(2, 2), m(3, 1)],
      ['2-2'],
      ['0-0', '1-1', '2-2'],
    ],
    [
      'three, a first too late',
      three,
      [m(0, 0), m(1, 1), m(2, 0), m(3, 2)],
      ['3-2'],
      ['0-0', '1-1', '3-2'],
    ],
    ['three, out of reach', three, [m(0, 0), m(9, 1), m(10, 2)], [], []],
  ])('%s', (_, correlation, matches, fired, evidence) => {
    expect(run(correlation, matches)).toEqual({ fired, evidence, late: [] });
  });
});

describe('temporal_ordered with a bound of its own', () => {
  const most = plan('temporal_ordered', { gte: 2 }, '10s', ['a', 'b', 'c']);
  const exactly = plan('temporal_ordered', { eq: 2 }, '10s', ['a', 'b', 'c']);
  const m = (second: number, input: number) => match(second, `${second}-${input}`, input);

  it.each([
    ['two of three', most, [m(0, 0), m(1, 1)], ['1-1'], ['0-0', '1-1']],
    ['the outer two of three', most, [m(0, 0), m(1, 2)], ['1-2'], ['0-0', '1-2']],
    ['two in reverse', most, [m(0, 2), m(1, 0)], [], []],
    [
      'all three, and what led to two',
      most,
      [m(0, 0), m(1, 1), m(2, 2), m(3, 2)],
      ['1-1', '2-2', '3-2'],
      ['0-0', '1-1', '2-2', '3-2'],
    ],
    ['exactly two is not three', exactly, [m(0, 0), m(1, 1), m(2, 2)], ['1-1'], ['0-0', '1-1']],
  ])('%s', (_, correlation, matches, fired, evidence) => {
    expect(run(correlation, matches)).toEqual({ fired, evidence, late: [] });
  });
});

describe('value_percentile', () => {
  it('takes the rank that the percentile names, whatever its product rounds to', () => {
    const seventh = plan('value_percentile', { lte: 7, field: 'f', percentile: 7 }, '10m');
    const hundred = Array.from({ length: 100 }, (_, at) => match(at, `e${at}`, 0, [at + 1]));
    // Of 1 to 100 the seventh percentile is 7; the last window therefore fires over all of them.
    expect(run(seventh, hundred).fired).toContain('e99');
  });
});

describe('order of arrival', () => {
  const plans: readonly [string, CorrelationPlan][] = [
    ['event_count', plan('event_count', { gte: 3 }, '30s', ['a', 'b', 'c'])],
    ['event_count eq', plan('event_count', { eq: 2 }, '30s', ['a', 'b', 'c'])],
    ['value_count', plan('value_count', { gte: 2, field: 'f' }, '30s', ['a', 'b', 'c'])],
    ['value_sum', plan('value_sum', { gte: 5, field: 'f' }, '30s', ['a', 'b', 'c'])],
    ['value_avg', plan('value_avg', { gte: 2, field: 'f' }, '30s', ['a', 'b', 'c'])],
    ['value_percentile', plan('value_percentile', { lte: 40, field: 'f' }, '30s', ['a', 'b', 'c'])],
    ['temporal', plan('temporal', undefined, '30s', ['a', 'b', 'c'])],
    ['temporal_ordered', plan('temporal_ordered', undefined, '60s', ['a', 'b', 'c'])],
    ['temporal_ordered gte', plan('temporal_ordered', { gte: 2 }, '60s', ['a', 'b', 'c'])],
    ['temporal_ordered eq', plan('temporal_ordered', { eq: 2 }, '60s', ['a', 'b', 'c'])],
  ];
  const matches = fc.uniqueArray(
    fc.record({
      second: fc.integer({ min: 0, max: 599 }),
      input: fc.integer({ min: 0, max: 2 }),
      value: fc.integer({ min: -3, max: 3 }),
    }),
    { selector: ({ second, input }) => `${second}-${input}`, maxLength: 40 },
  );

  it.each(plans)('changes nothing for %s', (_, correlation) => {
    const cases = matches.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(cases, ([list, shuffled]) => {
        const feed = (items: typeof list) =>
          run(
            correlation,
            items.map((item) =>
              match(item.second, `${item.second}-${item.input}`, item.input, [item.value]),
            ),
          );
        const ordered = feed(list.toSorted((a, b) => a.second - b.second));
        expect(feed(shuffled)).toEqual(ordered);
        expect(ordered.late).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('isWindowOver', () => {
  it('keeps a group as long as an event may still join it', () => {
    const correlation = plan('event_count', { gte: 3 });
    const { state } = advanceWindow(correlation, null, match(0, 'a'), now);
    expect(isWindowOver(correlation, state, now + 10_000)).toBe(false);
    expect(isWindowOver(correlation, state, now + 10_001 + 2 * limits.allowedLatenessMs)).toBe(
      true,
    );
  });
});
