import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { type EnforcementFacts, enforcementClass } from './enforcement-class.ts';

const facts = (change: Partial<EnforcementFacts> = {}): EnforcementFacts => ({
  asked: 0,
  redeemedByEnforcer: 0,
  redeemedByAgent: 0,
  governedCalls: 0,
  bypassedCalls: 0,
  instances: 0,
  connectedInstances: 0,
  ...change,
});
const connected = { instances: 3, connectedInstances: 3 } as const;

describe('enforcementClass', () => {
  it.each<[string, Partial<EnforcementFacts>, string, number | null]>([
    ['telemetry only', { instances: 2 }, 'observed', null],
    ['asks', { asked: 5 }, 'asks', limits.permitSeconds],
    [
      'asks, one of three instances away',
      { asked: 5, instances: 3, connectedInstances: 2 },
      'asks',
      120,
    ],
    ['connected', { asked: 5, ...connected }, 'connected', limits.livenessLeaseMs / 1000],
    ['connected, never asked', connected, 'connected', 30],
    ['every redeem by an enforcer', { asked: 5, redeemedByEnforcer: 4 }, 'gated', 0],
    ['one redeem of its own', { asked: 5, redeemedByEnforcer: 4, redeemedByAgent: 1 }, 'asks', 120],
    [
      'gated, then one call past the enforcer',
      { asked: 5, redeemedByEnforcer: 4, governedCalls: 5, bypassedCalls: 1 },
      'observed',
      null,
    ],
    [
      'connected, then a bypass',
      { ...connected, governedCalls: 1, bypassedCalls: 1 },
      'observed',
      null,
    ],
  ])('%s', (_, change, name, boundSeconds) => {
    const verdict = enforcementClass(facts(change));
    expect(verdict).toMatchObject({ class: name, boundSeconds });
    expect(verdict.evidence.length).toBeGreaterThan(1);
  });
});
