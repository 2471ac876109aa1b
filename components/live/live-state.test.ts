import { describe, expect, it } from 'vitest';
import { deriveLiveState, type LiveStatus, type StreamFacts } from './live-state.ts';

const now = 1_000_000;

describe('deriveLiveState', () => {
  it.each<[StreamFacts['phase'], number | null, LiveStatus, number]>([
    ['opening', null, 'connecting', 0],
    ['open', null, 'connecting', 0],
    ['broken', null, 'lost', 0],
    ['closed', null, 'asleep', 0],
    ['closed', 1_000, 'asleep', 1_000],
    ['open', 0, 'live', 0],
    ['open', 4_999, 'live', 4_999],
    ['open', 5_000, 'behind', 5_000],
    ['open', 29_999, 'behind', 29_999],
    ['open', 30_000, 'lost', 30_000],
    ['opening', 100, 'live', 100],
    ['broken', 100, 'behind', 100],
    ['broken', 30_000, 'lost', 30_000],
    ['open', -50, 'live', 0],
  ])('%s, silent for %j ms, is %s', (phase, silentMs, status, told) => {
    const heardAtMs = silentMs === null ? null : now - silentMs;
    expect(deriveLiveState({ phase, heardAtMs }, now)).toEqual({ status, silentMs: told });
  });
});
