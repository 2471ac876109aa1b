import { describe, expect, it } from 'vitest';
import { prepareLifts } from './prepare-lifts.ts';

const lift = (by: string, isCounted = true) => ({ by, at: '2026-11-27T01:00:00Z', isCounted });
const of = (lifts: ReturnType<typeof lift>[], liftsNeeded = 2, refusal: string | null = null) =>
  prepareLifts({ lifts, liftsNeeded }, 'ada@x.test', refusal);

describe('prepareLifts', () => {
  it('lets the first of two only ask', () => {
    expect(of([])).toMatchObject({ missing: 2, deed: 'Ask for the lift', disabledReason: null });
  });
  it('lets the second one lift', () => {
    expect(of([lift('bob@x.test')])).toMatchObject({
      asked: 1,
      missing: 1,
      deed: 'Lift the stop',
      disabledReason: null,
    });
  });
  it('keeps the same person from being two', () => {
    const state = of([lift('ada@x.test'), lift('ada@x.test')]);
    expect(state).toMatchObject({ asked: 1, missing: 1 });
    expect(state.disabledReason).toContain('somebody else');
  });
  it('does not count what has lapsed', () => {
    expect(of([lift('bob@x.test', false), lift('ada@x.test', false)])).toMatchObject({
      asked: 0,
      missing: 2,
      disabledReason: null,
    });
  });
  it('tells the refusal before anything else', () => {
    expect(of([lift('ada@x.test')], 2, 'Not yours.').disabledReason).toBe('Not yours.');
  });
  it('takes one where one is enough', () => {
    expect(of([], 1)).toMatchObject({ missing: 1, deed: 'Lift the stop' });
    expect(of([], 1).sentence).toBe(
      'One responder or administrator lifts it. Nobody has asked for it.',
    );
  });
});
