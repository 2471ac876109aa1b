import { describe, expect, it } from 'vitest';
import type { ActionChain } from '#server/actions/contract.ts';
import { chainSteps } from './prepare-chain.ts';

const at = (second: number) => `2026-11-22T08:00:0${second}.000Z`;
const whole: ActionChain = {
  actionId: 'act_1',
  agent: 'payer',
  tool: 'send_money',
  decision: 'hold',
  decidedAt: at(0),
  approvalId: 'apr_1',
  approval: { result: 'approved', at: at(1) },
  permit: { id: 'prm_1', issuedAt: at(2), expiresAt: at(9) },
  redeem: { at: at(3), by: 'enforcer' },
  call: { eventId: 'e', traceId: 't', startedAt: at(4), endedAt: at(5) },
  outcome: { status: 'succeeded', at: at(6), isAsDecided: true },
};
const told = (change: Partial<ActionChain>) =>
  chainSteps({ ...whole, ...change }).map(({ key, at: when, words }) => [key, when, words]);

describe('chainSteps', () => {
  it('tells a whole chain in its order', () => {
    expect(told({})).toEqual([
      ['decision', at(0), 'held for people'],
      ['approval', at(1), 'approved'],
      ['permit', at(2), 'issued'],
      ['redeem', at(3), 'by the enforcer'],
      ['call', at(4), 'joined with its telemetry'],
      ['outcome', at(6), 'succeeded, as decided'],
    ]);
    expect(chainSteps(whole).some(({ isAmiss }) => isAmiss)).toBe(false);
  });

  it.each<[string, Partial<ActionChain>, readonly (readonly [string, string])[]]>([
    [
      'an allowed action asks nobody',
      { decision: 'allow', approvalId: null, approval: null },
      [
        ['decision', 'allowed'],
        ['permit', 'issued'],
        ['redeem', 'by the enforcer'],
        ['call', 'joined with its telemetry'],
        ['outcome', 'succeeded, as decided'],
      ],
    ],
    [
      'a denial ends it',
      { decision: 'deny', approval: null, permit: null, redeem: null, call: null, outcome: null },
      [['decision', 'denied']],
    ],
    [
      'so does a denial by people',
      { approval: { result: 'denied', at: at(1) }, permit: null, redeem: null, call: null },
      [
        ['decision', 'held for people'],
        ['approval', 'denied'],
      ],
    ],
    [
      'an approval that nobody fetched',
      { permit: null, redeem: null, call: null, outcome: null },
      [
        ['decision', 'held for people'],
        ['approval', 'approved'],
        ['permit', 'not fetched'],
        ['redeem', 'not redeemed'],
        ['call', 'none'],
        ['outcome', 'not reported'],
      ],
    ],
    [
      'a redeem of which nothing was told',
      { call: null, outcome: null },
      [
        ['decision', 'held for people'],
        ['approval', 'approved'],
        ['permit', 'issued'],
        ['redeem', 'by the enforcer'],
        ['call', 'no telemetry of it yet'],
        ['outcome', 'not reported'],
      ],
    ],
  ])('%s', (_, change, steps) => {
    expect(chainSteps({ ...whole, ...change }).map(({ key, words }) => [key, words])).toEqual(
      steps,
    );
  });

  it.each<[NonNullable<ActionChain['outcome']>['status'], boolean | null, string, boolean]>([
    ['succeeded', true, 'succeeded, as decided', false],
    ['succeeded', null, 'succeeded; what ran was not told', false],
    ['succeeded', false, 'succeeded, but not what was decided', true],
    ['failed', true, 'failed, as decided', true],
    ['failed', false, 'failed, but not what was decided', true],
  ])('an outcome %s with %s reads %j', (status, isAsDecided, words, isAmiss) => {
    const last = chainSteps({ ...whole, outcome: { status, at: at(6), isAsDecided } }).at(-1);
    expect(last).toMatchObject({ key: 'outcome', words, isAmiss });
  });
});
