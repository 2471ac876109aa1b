import { describe, expect, it } from 'vitest';
import { seededRandom } from '#server/demo/fill-template.ts';
import { limits } from '#server/kernel/limits.ts';
import { joinCalls, type RedeemedAction, type ToldCall } from './join-calls.ts';

const call = (eventId: string, change: Partial<ToldCall> = {}): ToldCall => ({
  eventId,
  traceId: 't1',
  spanId: null,
  parentSpanId: null,
  callId: null,
  isVerified: true,
  claimedAction: null,
  endedAtMs: 60_000,
  ...change,
});
const redeem = (actionId: string, change: Partial<RedeemedAction> = {}): RedeemedAction => ({
  actionId,
  traceId: 't1',
  spanId: null,
  idempotencyKey: `key-${actionId}`,
  redeemedAtMs: 1000,
  ...change,
});
const joined = (calls: readonly ToldCall[], redeems: readonly RedeemedAction[]) =>
  Object.fromEntries(joinCalls(calls, redeems));

describe('joinCalls', () => {
  it('takes the action that the call names, whatever its trace', () => {
    const calls = [call('a', { claimedAction: 'r2', traceId: 't9' })];
    expect(joined(calls, [redeem('r1'), redeem('r2')])).toEqual({ a: 'r2' });
  });

  it('gives a call that names a wrong or a used action no other one', () => {
    const calls = [
      call('a', { claimedAction: 'r1' }),
      call('b', { claimedAction: 'r1' }),
      call('c', { claimedAction: 'of-another-agent' }),
    ];
    expect(joined(calls, [redeem('r1'), redeem('r2'), redeem('r3')])).toEqual({ a: 'r1' });
  });

  it('joins by span, by the call id that was the idempotency key, and by trace', () => {
    const redeems = [
      redeem('by-trace'),
      redeem('by-span', { spanId: 's1' }),
      redeem('by-key', { traceId: null, idempotencyKey: 'c-9' }),
    ];
    const calls = [
      call('a', { traceId: 'elsewhere', callId: 'c-9' }),
      call('b', { spanId: 's1' }),
      call('c'),
      call('d', { traceId: 'elsewhere' }),
    ];
    expect(joined(calls, redeems)).toEqual({ a: 'by-key', b: 'by-span', c: 'by-trace' });
  });

  it('counts a redeem for what ended after it, give or take the skew of clocks', () => {
    const at = (endedAtMs: number) => joined([call('a', { endedAtMs })], [redeem('r')]);
    expect(at(1000)).toEqual({ a: 'r' });
    expect(at(1000 - limits.evidenceSkewMs)).toEqual({ a: 'r' });
    expect(at(999 - limits.evidenceSkewMs)).toEqual({});
  });

  it('does not let what another key tells discharge anything', () => {
    const calls = [
      call('told', { isVerified: false, claimedAction: 'r', endedAtMs: 1000 }),
      call('own', { claimedAction: 'r' }),
    ];
    expect(joined(calls, [redeem('r')])).toEqual({ own: 'r' });
  });

  it('prefers who names the action to who happens to be in its trace', () => {
    const calls = [call('a', { endedAtMs: 2000 }), call('b', { claimedAction: 'r1' })];
    expect(joined(calls, [redeem('r1'), redeem('r2')])).toEqual({ a: 'r2', b: 'r1' });
    expect(joined(calls, [redeem('r1')])).toEqual({ b: 'r1' });
  });

  it('answers the same in any order, never joins twice, and never makes a late call cover an early one', () => {
    const random = seededRandom(7);
    const pick = <T>(values: readonly T[]): T => {
      const value = values[Math.floor(random() * values.length)];
      if (value === undefined) throw new Error('nothing to pick from');
      return value;
    };
    for (let round = 0; round < 500; round += 1) {
      const traces = ['t1', 't2'];
      const redeems = Array.from({ length: Math.floor(random() * 6) }, (_, index) =>
        redeem(`r${index}`, { traceId: pick(traces), redeemedAtMs: random() * 60_000 }),
      );
      const calls = Array.from({ length: Math.floor(random() * 7) }, (_, index) =>
        call(`c${index}`, {
          traceId: pick(traces),
          isVerified: random() > 0.1,
          claimedAction: pick([null, null, 'r0', 'r1', 'r5', 'nonsense']),
          endedAtMs: random() * 60_000,
        }),
      );
      const all = joined(calls, redeems);
      expect(joined(calls.toReversed(), redeems.toReversed())).toEqual(all);
      expect(new Set(Object.values(all)).size).toBe(Object.keys(all).length);
      // Without its last arrival: who had no permit then has none now.
      const before = joined(calls.slice(0, -1), redeems);
      for (const { eventId } of calls.slice(0, -1)) {
        if (before[eventId] === undefined) expect(all[eventId]).toBeUndefined();
      }
    }
  });
});
