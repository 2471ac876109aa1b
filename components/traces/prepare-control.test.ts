import { describe, expect, it } from 'vitest';
import {
  controlMarks,
  foldControlState,
  type TracedAction,
  type TracedStop,
} from './prepare-control.ts';

const action = (fields: Partial<TracedAction> = {}): TracedAction => ({
  id: 'act_1',
  agentId: 'agt_1',
  agent: 'billing-bot',
  environment: 'production',
  sessionId: 's-1',
  tool: 'send_money',
  decision: 'hold',
  decidedAtUs: 100,
  resolved: null,
  permits: [],
  outcome: null,
  ...fields,
});
const whole = action({
  resolved: { state: 'approved', atUs: 200 },
  permits: [{ issuedAtUs: 200, expiresAtUs: 500, redeemedAtUs: 300 }],
  outcome: { status: 'succeeded', atUs: 400 },
});
const stop = (fields: Partial<TracedStop> = {}): TracedStop => ({
  id: 'stp_1',
  scope: { kind: 'agent', id: 'agt_1', label: 'billing-bot' },
  placedBy: 'ada@x.test',
  placedAtUs: 250,
  acknowledgedAtUs: 260,
  liftedAtUs: 600,
  ...fields,
});

describe('foldControlState', () => {
  it.each([
    [99, null, null],
    [100, 'held', 'none'],
    [199, 'held', 'none'],
    [200, 'approved', 'live'],
    [300, 'redeemed', 'redeemed'],
    [400, 'succeeded', 'redeemed'],
  ])('at %i the action is %j with a permit %j', (atUs, state, permit) => {
    const [one] = foldControlState([whole], [], atUs).actions;
    expect(one?.state ?? null).toBe(state);
    expect(one?.permit ?? null).toBe(permit);
  });

  it.each([
    [249, false, null],
    [250, true, true],
    [259, true, true],
    [260, true, false],
    [599, true, false],
    [600, false, null],
  ])('at %i the stop is in force: %j, draining: %j', (atUs, isInForce, isDraining) => {
    const { stops } = foldControlState([], [stop()], atUs);
    expect(stops).toHaveLength(isInForce ? 1 : 0);
    expect(stops[0]?.isDraining ?? null).toBe(isDraining);
  });

  it('never calls a stop confirmed that was not acknowledged', () => {
    const open = stop({ acknowledgedAtUs: null, liftedAtUs: null });
    expect(foldControlState([], [open], 1e9).stops).toMatchObject([{ isDraining: true }]);
  });

  const unredeemed = action({
    decision: 'allow',
    permits: [{ issuedAtUs: 200, expiresAtUs: 500, redeemedAtUs: null }],
  });
  it.each([
    ['a stop of its agent', stop(), 250, 'halted'],
    ['the same after the lift', stop(), 700, 'halted'],
    ['before the stop', stop(), 249, 'live'],
    [
      'a stop of everything',
      stop({ scope: { kind: 'tenant', id: '', label: 't' } }),
      250,
      'halted',
    ],
    ['its tool', stop({ scope: { kind: 'tool', id: 'send_money', label: '' } }), 250, 'halted'],
    ['its session', stop({ scope: { kind: 'session', id: 's-1', label: '' } }), 250, 'halted'],
    [
      'its environment',
      stop({ scope: { kind: 'environment', id: 'production', label: '' } }),
      250,
      'halted',
    ],
    ['another agent', stop({ scope: { kind: 'agent', id: 'agt_2', label: '' } }), 250, 'live'],
    ['another tool', stop({ scope: { kind: 'tool', id: 'read', label: '' } }), 250, 'live'],
    ['a stop before it was issued', stop({ placedAtUs: 150, liftedAtUs: 180 }), 250, 'live'],
    ['nothing, past its expiry', stop({ placedAtUs: 900 }), 500, 'expired'],
  ] as const)('a permit under %s', (_, placed, atUs, permit) => {
    expect(foldControlState([unredeemed], [placed], atUs).actions[0]?.permit).toBe(permit);
  });
});

describe('a second permit', () => {
  const renewed = action({
    permits: [
      { issuedAtUs: 200, expiresAtUs: 500, redeemedAtUs: null },
      { issuedAtUs: 700, expiresAtUs: 900, redeemedAtUs: 800 },
    ],
  });
  it.each([
    [260, 'halted'],
    [650, 'halted'],
    [700, 'live'],
    [800, 'redeemed'],
  ])('after a stop and its lift, at %i: %s', (atUs, permit) => {
    expect(foldControlState([renewed], [stop()], atUs).actions[0]?.permit).toBe(permit);
  });
});

describe('controlMarks', () => {
  const span = { startUs: 0, endUs: 350 };
  it('tells everything in its order', () => {
    expect(controlMarks([whole], [stop()], span).map((mark) => mark.label)).toEqual([
      'held send_money',
      'approved send_money',
      'permit for send_money',
      'stop of agent billing-bot requested',
      'stop of agent billing-bot confirmed',
      'redeemed send_money',
      'send_money succeeded',
      'stop of agent billing-bot lifted',
    ]);
  });
  it('leaves out stops of another time', () => {
    const late = stop({ placedAtUs: 1e9, acknowledgedAtUs: 1e9, liftedAtUs: null });
    const early = stop({ placedAtUs: -10, acknowledgedAtUs: -5, liftedAtUs: -1 });
    expect(controlMarks([], [late, early], span)).toEqual([]);
  });
});
