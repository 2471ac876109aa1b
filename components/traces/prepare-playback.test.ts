import { describe, expect, it } from 'vitest';
import { makeTraceEvent } from '#server/testing/trace-event-factory.ts';
import { advancePlayback, gapMsMax, momentAt, momentsOf, stepMoment } from './prepare-playback.ts';
import { buildTraceTree } from './prepare-trace-tree.ts';

describe('momentsOf', () => {
  it('are all starts and ends, ascending, each once', () => {
    const { nodes } = buildTraceTree([
      makeTraceEvent({ id: 'a', startedAtUs: 10, endedAtUs: 30 }),
      makeTraceEvent({ id: 'b', startedAtUs: 30, endedAtUs: null }),
      makeTraceEvent({ id: 'c', startedAtUs: 40, endedAtUs: 35 }),
    ]);
    expect(momentsOf(nodes)).toEqual([10, 30, 40]);
    expect(momentsOf([])).toEqual([]);
  });

  it('take in what happened beside the events, each once', () => {
    const { nodes } = buildTraceTree([makeTraceEvent({ startedAtUs: 20, endedAtUs: null })]);
    expect(momentsOf(nodes, [30, 10, 20, 30])).toEqual([10, 20, 30]);
  });
});

describe('stepping', () => {
  const moments = [10, 20, 30];
  it.each<[number, number]>([
    [9, -1],
    [10, 0],
    [15, 0],
    [30, 2],
    [99, 2],
  ])('the moment at %d is number %d', (atUs, index) => {
    expect(momentAt(moments, atUs)).toBe(index);
  });

  it.each<[number, 1 | -1, number | null]>([
    [0, 1, 10],
    [10, 1, 20],
    [15, 1, 20],
    [30, 1, null],
    [30, -1, 20],
    [25, -1, 20],
    [10, -1, null],
    [5, -1, null],
  ])('from %d by %d', (atUs, step, expected) => {
    expect(stepMoment(moments, atUs, step)).toBe(expected);
  });
});

describe('advancePlayback', () => {
  const ms = 1000;
  const moments = [0, 100 * ms, 200 * ms, 60_000 * ms];
  const none = new Set<number>();
  const from = (atUs: number, carriedMs = 0) => ({ atUs, carriedMs });

  it.each<[string, ReturnType<typeof advancePlayback>, ReturnType<typeof advancePlayback>]>([
    [
      'waits until the gap has passed',
      advancePlayback(moments, none, from(0), 60, 1),
      { atUs: 0, carriedMs: 60, isStopped: false },
    ],
    [
      'carries what is left over',
      advancePlayback(moments, none, from(0, 60), 60, 1),
      { atUs: 100 * ms, carriedMs: 20, isStopped: false },
    ],
    [
      'goes over several moments at once',
      advancePlayback(moments, none, from(0), 210, 1),
      { atUs: 200 * ms, carriedMs: 10, isStopped: false },
    ],
    [
      'is faster with speed',
      advancePlayback(moments, none, from(0), 60, 4),
      { atUs: 200 * ms, carriedMs: 10, isStopped: false },
    ],
    [
      'does not wait out a long gap',
      advancePlayback(moments, none, from(200 * ms), gapMsMax, 1),
      { atUs: 60_000 * ms, carriedMs: 0, isStopped: true },
    ],
    [
      'stops at the end',
      advancePlayback(moments, none, from(60_000 * ms), 1, 1),
      { atUs: 60_000 * ms, carriedMs: 0, isStopped: true },
    ],
    [
      'stops at a breakpoint',
      advancePlayback(moments, new Set([100 * ms]), from(0), 10_000, 1),
      { atUs: 100 * ms, carriedMs: 0, isStopped: true },
    ],
    [
      'goes on from a breakpoint',
      advancePlayback(moments, new Set([100 * ms]), from(100 * ms), 150, 1),
      { atUs: 200 * ms, carriedMs: 50, isStopped: false },
    ],
    [
      'has nowhere to go without moments',
      advancePlayback([], none, from(5), 10, 1),
      { atUs: 5, carriedMs: 0, isStopped: true },
    ],
  ])('%s', (_name, got, expected) => {
    expect(got).toEqual(expected);
  });
});
