import { describe, expect, it } from 'vitest';
import { type ActionFacts, actionState, mayIssueAgain } from './action-state.ts';
import { actionStates, nextSteps } from './contract.ts';

const nowMs = 10_000;
const noStops = { isHalted: false, lastEpoch: 0 };
const livePermit = { epoch: 5, expiresAtMs: nowMs + 1 };
const deadPermit = { epoch: 5, expiresAtMs: nowMs };

const allowed = (change: Partial<ActionFacts> = {}): ActionFacts => ({
  decision: 'allow',
  approval: null,
  useByMs: null,
  isCancelled: false,
  isSuperseded: false,
  isVoid: false,
  permit: livePermit,
  redeemedAtMs: null,
  outcomeDueMs: null,
  outcome: null,
  stops: noStops,
  ...change,
});
const held = (change: Partial<ActionFacts> = {}): ActionFacts =>
  allowed({ decision: 'hold', approval: 'pending', permit: null, ...change });
const approved = (change: Partial<ActionFacts> = {}): ActionFacts =>
  held({ approval: 'approved', useByMs: nowMs + 1, permit: livePermit, ...change });
const redeemed = { redeemedAtMs: 9000, outcomeDueMs: nowMs + 1 } as const;
const halted = { isHalted: true, lastEpoch: 6 };
const lifted = { isHalted: false, lastEpoch: 6 };
const stoppedBefore = { isHalted: false, lastEpoch: 5 };

describe('actionState', () => {
  it.each<[string, ActionFacts, string, string | null, string]>([
    ['allowed', allowed(), 'allowed', 'live', 'run'],
    ['allowed, permit over', allowed({ permit: deadPermit }), 'expired', 'expired', 'ask_again'],
    ['allowed, under a stop', allowed({ stops: halted }), 'invalidated', 'halted', 'ask_again'],
    ['allowed, after the lift', allowed({ stops: lifted }), 'invalidated', 'halted', 'ask_again'],
    [
      'allowed, a stop lifted before it',
      allowed({ stops: stoppedBefore }),
      'allowed',
      'live',
      'run',
    ],
    ['allowed without a permit', allowed({ permit: null }), 'expired', null, 'ask_again'],
    ['allowed, no longer', allowed({ isVoid: true }), 'invalidated', 'live', 'ask_again'],
    [
      'allowed, over and void',
      allowed({ permit: deadPermit, isVoid: true }),
      'expired',
      'expired',
      'ask_again',
    ],
    ['denied', allowed({ decision: 'deny', permit: null }), 'denied', null, 'stop'],
    ['held', held(), 'held', null, 'wait'],
    ['held, frozen', held({ approval: 'frozen', stops: halted }), 'frozen', null, 'wait'],
    ['held, denied', held({ approval: 'denied' }), 'denied', null, 'stop'],
    ['held, over', held({ approval: 'expired' }), 'expired', null, 'ask_again'],
    ['held without a request', held({ approval: null }), 'invalidated', null, 'ask_again'],
    ['cancelled', held({ approval: 'cancelled', isCancelled: true }), 'cancelled', null, 'stop'],
    [
      'superseded',
      held({ approval: 'superseded', isSuperseded: true }),
      'superseded',
      null,
      'stop',
    ],
    ['approved', approved(), 'approved', 'live', 'run'],
    ['approved, no longer', approved({ isVoid: true }), 'invalidated', 'live', 'ask_again'],
    ['approved, permit to come', approved({ permit: null }), 'approved', null, 'wait'],
    [
      'approved, permit over, time left',
      approved({ permit: deadPermit }),
      'approved',
      'expired',
      'wait',
    ],
    ['approved, its last permit live', approved({ useByMs: nowMs }), 'approved', 'live', 'run'],
    [
      'approved, all time over',
      approved({ permit: deadPermit, useByMs: nowMs }),
      'expired',
      'expired',
      'ask_again',
    ],
    ['approved, under a stop', approved({ stops: halted }), 'frozen', 'halted', 'wait'],
    ['approved, after the lift', approved({ stops: lifted }), 'approved', 'halted', 'wait'],
    ['approved, then cancelled', approved({ isCancelled: true }), 'cancelled', 'live', 'stop'],
    ['redeemed', approved(redeemed), 'redeemed', 'redeemed', 'stop'],
    [
      'redeemed, then stopped',
      approved({ ...redeemed, stops: halted }),
      'redeemed',
      'redeemed',
      'stop',
    ],
    [
      'redeemed, then cancelled',
      approved({ ...redeemed, isCancelled: true }),
      'redeemed',
      'redeemed',
      'stop',
    ],
    ['executed', approved({ ...redeemed, outcome: 'succeeded' }), 'executed', 'redeemed', 'stop'],
    ['failed', allowed({ ...redeemed, outcome: 'failed' }), 'failed', 'redeemed', 'stop'],
    [
      'outcome overdue',
      allowed({ ...redeemed, outcomeDueMs: nowMs }),
      'outcome_unknown',
      'redeemed',
      'stop',
    ],
    [
      'outcome after all',
      allowed({ ...redeemed, outcomeDueMs: nowMs, outcome: 'succeeded' }),
      'executed',
      'redeemed',
      'stop',
    ],
    [
      'an outcome without a redeem is none',
      allowed({ outcome: 'succeeded' }),
      'allowed',
      'live',
      'run',
    ],
  ])('%s', (_, facts, state, permit, next) => {
    expect(actionState(facts, nowMs)).toEqual({ state, permit, next });
  });

  /** Every combination of the facts. */
  function* combinations(): Generator<ActionFacts> {
    const approvals = [null, 'pending', 'frozen', 'approved', 'denied', 'expired'] as const;
    for (const decision of ['allow', 'hold', 'deny'] as const)
      for (const approval of approvals)
        for (const permit of [null, livePermit, deadPermit])
          for (const stops of [noStops, halted, lifted, stoppedBefore])
            for (const redeemedAtMs of [null, 9000])
              for (const outcome of [null, 'succeeded', 'failed'] as const)
                for (const useByMs of [null, nowMs, nowMs + 1])
                  for (const isCancelled of [false, true])
                    for (const isSuperseded of [false, true])
                      for (const isVoid of [false, true])
                        yield {
                          decision,
                          approval,
                          useByMs,
                          isCancelled,
                          isSuperseded,
                          isVoid,
                          permit,
                          redeemedAtMs,
                          outcomeDueMs: redeemedAtMs === null ? null : nowMs + 1,
                          outcome,
                          stops,
                        };
  }

  it('tells an agent to run only on a live permit that no stop ended, of something granted', () => {
    const running = [...combinations()].filter((facts) => actionState(facts, nowMs).next === 'run');
    const wrong = running.filter(
      (facts) =>
        actionState(facts, nowMs).permit !== 'live' ||
        facts.stops.isHalted ||
        facts.redeemedAtMs !== null ||
        facts.isCancelled ||
        facts.isSuperseded ||
        facts.isVoid ||
        !(
          facts.decision === 'allow' ||
          (facts.decision === 'hold' && facts.approval === 'approved')
        ),
    );
    expect(running.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  it('answers only states and steps of the contract', () => {
    const states = new Set([...combinations()].map((facts) => actionState(facts, nowMs).state));
    expect([...states].filter((state) => !actionStates.includes(state))).toEqual([]);
    const steps = new Set([...combinations()].map((facts) => actionState(facts, nowMs).next));
    expect([...steps].toSorted()).toEqual([...nextSteps].toSorted());
  });

  it('issues again only what was approved, was never redeemed and is under no stop', () => {
    const issuing = [...combinations()].filter((facts) => mayIssueAgain(facts, nowMs));
    const wrong = issuing.filter(
      (facts) =>
        facts.decision !== 'hold' ||
        facts.approval !== 'approved' ||
        facts.redeemedAtMs !== null ||
        facts.stops.isHalted ||
        facts.isCancelled ||
        facts.isSuperseded ||
        actionState(facts, nowMs).permit === 'live',
    );
    expect(issuing.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });
});
