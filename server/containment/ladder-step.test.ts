import { describe, expect, it } from 'vitest';
import { type InstanceFacts, ladderStep } from './ladder-step.ts';

const placed = 1_000_000;
const receipt = (
  state: NonNullable<InstanceFacts['receipt']>['state'],
  change: Partial<NonNullable<InstanceFacts['receipt']>> = {},
): InstanceFacts['receipt'] => ({
  state,
  inFlight: null,
  deliveredAtMs: placed + 50,
  acknowledgedAtMs: state === 'delivered' ? null : placed + 100,
  ...change,
});
const facts = (change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  receipt: null,
  capabilities: [],
  reachedAtMs: null,
  lastStartedAtMs: null,
  lastSeenAtMs: placed - 500,
  exportIntervalMs: null,
  openCalls: 0,
  owing: 0,
  isComplete: true,
  listening: { fromMs: placed - 3_600_000, untilMs: Infinity },
  cut: null,
  ...change,
});
const listening = (fromMs: number, untilMs = Infinity): Partial<InstanceFacts> => ({
  listening: { fromMs: placed + fromMs, untilMs: placed + untilMs },
});

/** Two instances whose link broke a second after the stop; the second had said that it holds a lease. */
const lost: Partial<InstanceFacts> = { reachedAtMs: placed + 1000 };
const lostAlive: Partial<InstanceFacts> = { ...lost, capabilities: ['control', 'liveness'] };

describe('ladderStep', () => {
  it.each<[string, Partial<InstanceFacts>, number, string]>([
    ['just placed, telemetry only', {}, 1000, 'requested'],
    ['connected, on its way', { reachedAtMs: placed }, 1000, 'requested'],
    ['delivered', { receipt: receipt('delivered'), reachedAtMs: placed }, 1000, 'delivered'],
    ['acknowledged, never green', { receipt: receipt('acknowledged') }, 1000, 'acknowledged'],
    [
      'acknowledged with nothing in flight is not yet quiet',
      { receipt: receipt('acknowledged', { inFlight: 0 }) },
      1000,
      'acknowledged',
    ],
    ['stopped, nothing in flight', { receipt: receipt('stopped', { inFlight: 0 }) }, 1000, 'quiet'],
    [
      'stopped, two in flight',
      { receipt: receipt('stopped', { inFlight: 2 }) },
      1000,
      'acknowledged',
    ],
    ['stopped, in flight unsaid', { receipt: receipt('stopped') }, 1000, 'acknowledged'],
    ['refused', { receipt: receipt('refused') }, 1000, 'refused'],
    ['not capable', { receipt: receipt('not_capable') }, 1000, 'not_capable'],
    ['refused, then silent', { receipt: receipt('refused') }, 11_000, 'quiet'],
    ['silent for ten seconds', {}, 10_000, 'quiet'],
    ['silent, one millisecond short', {}, 9_999, 'requested'],
    ['silent, but exports only each 30 s', { exportIntervalMs: 30_000 }, 59_000, 'requested'],
    ['silent for two exports', { exportIntervalMs: 30_000 }, 60_000, 'quiet'],
    ['silent, but more happened than is looked at', { isComplete: false }, 60_000, 'requested'],
    [
      'silent since its last work, within the skew',
      { lastStartedAtMs: placed + 1500 },
      11_500,
      'quiet',
    ],
    [
      'away since long before',
      { reachedAtMs: placed - 60_000, isComplete: false },
      9000,
      'unreachable',
    ],
    [
      'away since long before, and silent, since nobody hears it',
      { reachedAtMs: placed - 60_000 },
      900_000,
      'unreachable',
    ],
    [
      'away since long before, when it had said that it halts itself then',
      { reachedAtMs: placed - 60_000, capabilities: ['liveness'] },
      10_000,
      'quiet',
    ],
    ['silent where no web listened', { listening: null }, 900_000, 'requested'],
    ['silent since a web listens again', listening(3000), 12_999, 'requested'],
    ['silent for ten seconds since a web listens again', listening(3000), 13_000, 'quiet'],
    ['silent, but no web was heard of since', listening(-60_000, 9999), 60_000, 'requested'],
    [
      'silent for twice its lease, while no web listened either',
      { ...lostAlive, listening: null },
      61_001,
      'quiet',
    ],
    [
      'stopped by its own word, while no web listened after it',
      { receipt: receipt('stopped', { inFlight: 0 }), listening: null },
      1000,
      'quiet',
    ],
    ['reached and silent', { reachedAtMs: placed + 10_000 }, 12_000, 'quiet'],
    ['its link lost as the stop came, within the lease', lost, 29_000, 'requested'],
    ['its link lost as the stop came', lost, 31_001, 'unreachable'],
    ['its link lost for an hour', lost, 3_600_000, 'unreachable'],
    [
      'its link lost after it had acknowledged',
      { ...lost, receipt: receipt('acknowledged', { inFlight: 2 }) },
      3_600_000,
      'acknowledged',
    ],
    ['its link lost, within the lease that halts it', lostAlive, 31_000, 'requested'],
    ['its link lost, heard of us later perhaps', lostAlive, 61_000, 'unreachable'],
    ['its link lost for twice the lease', lostAlive, 61_001, 'quiet'],
    ['the same with a call running', { ...lostAlive, openCalls: 1 }, 90_000, 'unreachable'],
    [
      'the same with too much to look at',
      { ...lostAlive, isComplete: false },
      90_000,
      'unreachable',
    ],
  ])('%s', (_, change, afterMs, step) => {
    expect(ladderStep(facts(change), placed, placed + afterMs).step).toBe(step);
  });

  it('says of an answer whose giver is lost since how old it is', () => {
    const answered = facts({ ...lost, receipt: receipt('acknowledged', { inFlight: 2 }) });
    expect(ladderStep(answered, placed, placed + 61_000).evidence).toContain(
      'Not reached for 60 s',
    );
  });

  it.each<[string, Partial<InstanceFacts>]>([
    ['work that began after it', { lastStartedAtMs: placed + 5000 }],
    ['a redeemed permit without outcome', { owing: 1 }],
    ['a call that has not ended', { openCalls: 1 }],
  ])('believes no claim and no silence against %s', (_, change) => {
    for (const claim of [null, receipt('stopped', { inFlight: 0 })]) {
      const verdict = ladderStep(facts({ ...change, receipt: claim }), placed, placed + 900_000);
      expect(verdict.step).not.toBe('quiet');
      expect(verdict.evidence).toMatch(/\d/);
    }
  });
});

describe('the step of cut credentials', () => {
  const dead = { name: 'files', death: { state: 'dead', says: 'A probe was refused.' } } as const;
  const live = { name: 'mail', death: { state: 'live', says: 'Nobody has revoked it.' } } as const;
  const unproven = {
    name: 'jwt',
    death: { state: 'unverifiable', says: 'It may live until 08:00:01.' },
  } as const;
  const leases = { asked: 2, live: 0, offlineUntil: null };
  const cutAt = '2026-11-22T08:00:00.000000Z';
  const away = { reachedAtMs: placed - 600_000 };

  it.each<[string, Partial<InstanceFacts>, string, RegExp]>([
    [
      'is reached by proof, also by one that nobody reaches',
      { ...away, cut: { cutAt, leases, credentials: [dead] } },
      'cut',
      /2 leases introspected, 0 live\. files: A probe was refused\. Not reached/,
    ],
    [
      'is not reached while a credential lives',
      { ...away, cut: { cutAt: null, leases, credentials: [dead, live] } },
      'unreachable',
      /1 of 2 credentials proven dead.*mail: Nobody has revoked it/,
    ],
    [
      'is not reached by what came after the cut, which is told before all else',
      { ...away, cut: { cutAt, leases, credentials: [unproven, live] } },
      'unreachable',
      /0 of 2 .*mail: Not part of the cut at 2026-11-22 08:00:00 UTC; somebody who may revoke/,
    ],
    [
      'is not reached while one cannot be proven, whose last moment is told',
      { ...away, cut: { cutAt, leases, credentials: [unproven] } },
      'unreachable',
      /jwt: It may live until 08:00:01/,
    ],
    [
      'is not reached while a lease lives',
      {
        ...away,
        cut: { cutAt, leases: { asked: 2, live: 1, offlineUntil: null }, credentials: [dead] },
      },
      'unreachable',
      /1 live/,
    ],
    [
      'is not reached while a JWT of a dead lease is taken by whoever does not ask',
      {
        ...away,
        cut: {
          cutAt,
          leases: { ...leases, offlineUntil: '2026-11-22T08:00:01Z' },
          credentials: [dead],
        },
      },
      'unreachable',
      /0 live\. Whoever checks a JWT without asking here takes one until 2026-11-22 08:00:01 UTC/,
    ],
    [
      'is not reached when not every lease was looked at',
      { ...away, cut: { cutAt, leases: null, credentials: [dead] } },
      'unreachable',
      /more leases than/,
    ],
    [
      'is not reached by an agent that holds nothing here',
      {
        ...away,
        cut: { cutAt, leases: { asked: 0, live: 0, offlineUntil: null }, credentials: [] },
      },
      'unreachable',
      /from elsewhere is not known/,
    ],
    [
      'is not reached against work that began since',
      { ...away, lastStartedAtMs: placed + 9000, cut: { cutAt, leases, credentials: [dead] } },
      'unreachable',
      /Work began 9 s after the stop/,
    ],
    [
      'promises no refusal of calls that nobody asks for',
      {},
      'requested',
      /follows no control stream; only what it asks for is refused/,
    ],
    [
      'is not reached while a permit owes its outcome',
      { owing: 1, cut: { cutAt, leases, credentials: [dead] } },
      'requested',
      /1 redeemed permit owes an outcome\./,
    ],
  ])('%s', (_name, change, step, evidence) => {
    const verdict = ladderStep(facts(change), placed, placed + 1000);
    expect(verdict.step).toBe(step);
    expect(verdict.evidence).toMatch(evidence);
  });
});
