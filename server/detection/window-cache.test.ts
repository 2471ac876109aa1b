import { describe, expect, it } from 'vitest';
import { WindowCache } from '#server/detection/window-cache.ts';
import { ownWindow, type OwnWindow } from '#server/detection/window-state.ts';

const state = (latestAt: number): OwnWindow => ({
  entries: [],
  latestAt,
  closedBefore: 0,
  touchedAt: 0,
});

const layout = new Map();
const written = (cache: WindowCache) =>
  cache
    .attempt()
    .changes()
    .map(({ scope, group, state: left }) => ({ scope, group, latestAt: left.latestAt }));

describe('WindowCache', () => {
  it('notes what an attempt lacked, once, and has it the next time', () => {
    const cache = new WindowCache();
    const first = cache.attempt();
    expect(first.open('s', 'a').state).toBeNull();
    first.open('s', 'a');
    first.open('s', 'b');
    expect(first.missing()).toEqual([
      { scope: 's', group: 'a' },
      { scope: 's', group: 'b' },
    ]);
    cache.load(first.missing(), [{ scope: 's', group: 'a', state: state(1), layout }]);
    const second = cache.attempt();
    expect([second.open('s', 'a').state, second.open('s', 'b').state]).toEqual([state(1), null]);
    expect(second.missing()).toEqual([]);
  });

  it('shows an attempt its own writes and forgets those of the one before', () => {
    const cache = new WindowCache();
    cache.attempt().open('s', 'a').state = state(1);
    const attempt = cache.attempt();
    expect(attempt.open('s', 'a').state).toBeNull();
    attempt.open('s', 'a').state = state(2);
    expect(attempt.open('s', 'a').state).toEqual(state(2));
    expect(attempt.changes()).toMatchObject([{ scope: 's', group: 'a', state: state(2) }]);
  });

  it('lets an attempt work in copies', () => {
    const entry = {
      at: 1,
      eventId: 'e',
      input: 0,
      isFired: false,
      isUsed: false,
      values: [],
      carried: {},
    };
    const cache = new WindowCache();
    const place = { scope: 's', group: 'a' };
    cache.load([place], [{ ...place, state: { ...state(1), entries: [entry] }, layout }]);
    cache.attempt().open('s', 'a').state?.entries.push(entry);
    expect(cache.attempt().open('s', 'a').state?.entries).toEqual([entry]);
    cache.change('s', 'b', { ...state(1), entries: [entry] });
    cache.attempt().open('s', 'b').state?.entries.push(entry);
    expect(cache.attempt().open('s', 'b').state?.entries).toEqual([entry]);
  });

  it('starts every attempt from what was changed before, until that is kept', () => {
    const cache = new WindowCache();
    cache.change('s', 'a', state(7));
    expect(cache.attempt().open('s', 'a').state).toEqual(state(7));
    expect(written(cache)).toEqual([{ scope: 's', group: 'a', latestAt: 7 }]);
    cache.keep(cache.attempt().changes());
    expect(written(cache)).toEqual([]);
    expect(cache.attempt().open('s', 'a').state).toEqual(state(7));
  });

  it('counts the windows and entries that it holds', () => {
    const entry = {
      at: 1,
      eventId: 'e',
      input: 0,
      isFired: false,
      isUsed: false,
      values: [],
      carried: {},
    };
    const cache = new WindowCache();
    const attempt = cache.attempt();
    const grown = ownWindow(state(1));
    grown.entries.push(entry, { ...entry, eventId: 'f' });
    attempt.open('s', 'a').state = grown;
    cache.keep(attempt.changes());
    cache.load([{ scope: 's', group: 'gone' }], []);
    expect([cache.groups, cache.entries]).toEqual([2, 2]);
    const next = cache.attempt();
    next.open('s', 'a').state = state(2);
    cache.keep(next.changes());
    expect([cache.groups, cache.entries]).toEqual([2, 0]);
  });
});
