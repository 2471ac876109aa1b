import { describe, expect, it } from 'vitest';
import { exploreGate, type GateKind } from '#server/testing/gate-model.ts';

describe('every order of steps at the gate', () => {
  it('grants and redeems nothing after an acknowledgement, revives nothing, and hangs nobody', () => {
    const told = exploreGate('sound');
    expect(told.faults).toEqual([]);
    expect(told.stuck).toBe(0);
    expect(told.reached).toEqual({ redeemed: true, refused: true, 'granted before a stop': true });
    expect(told.states).toBeGreaterThan(500);
  });

  it.each<[GateKind, string]>([
    ['no lock', 'decide: granted after the acknowledgement'],
    ['row lock', 'decide: granted after the acknowledgement'],
    ['repeatable read', 'decide: granted after the acknowledgement'],
    ['cached epoch', 'redeemed after the acknowledgement'],
    ['stop in memory', 'decide again: granted after the acknowledgement'],
    ['redeem without epoch', 'redeemed after the lift on a permit from before the stop'],
    ['no drain', 'decide: granted after the acknowledgement'],
  ])('finds what a gate with %s would let through', (kind, fault) => {
    expect(exploreGate(kind).faults).toContain(fault);
  });
});
