import { describe, expect, it } from 'vitest';
import { stopScopeKinds } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';
import {
  cutLevel,
  nameScope,
  offeredLevels,
  phaseOf,
  phaseRefusal,
  scopeWords,
  stopReasons,
  wordsOfLevel,
} from './stop-words.ts';

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000).toISOString();
const nowMs = Date.parse(at(0));

describe('phaseOf', () => {
  it.each([
    ['before the drain is over', 'draining', null, null, 'draining'],
    ['acknowledged', 'active', at(-5), null, 'standing'],
    ['active in name but not acknowledged', 'active', null, null, 'draining'],
    ['a lift ahead', 'active', at(-5), at(60), 'lifting'],
    ['a lift ahead of a drain', 'draining', null, at(60), 'draining'],
    ['said to be lifted, but only later', 'lifted', at(-5), at(60), 'lifting'],
    ['the lift has come', 'active', at(-5), at(0), 'lifted'],
    ['lifted', 'lifted', at(-5), at(-1), 'lifted'],
  ] as const)('%s', (_, state, acknowledgedAt, liftedAt, phase) => {
    expect(phaseOf({ state, acknowledgedAt, liftedAt }, nowMs)).toBe(phase);
  });
});

describe('phaseRefusal', () => {
  it.each([
    ['draining', true],
    ['standing', false],
    ['lifting', false],
    ['lifted', false],
  ] as const)('%s: %s', (phase, isRefused) => {
    expect(phaseRefusal(phase) !== null).toBe(isRefused);
  });
});

describe('the words', () => {
  it('name every kind of scope', () => {
    expect(Object.keys(scopeWords).toSorted()).toEqual([...stopScopeKinds].toSorted());
    expect(nameScope({ kind: 'tenant', id: '', label: 'demo' })).toBe('whole tenant');
    expect(nameScope({ kind: 'agent', id: 'agt_1', label: 'billing-bot' })).toBe(
      'agent billing-bot',
    );
  });
  it('say of every level what it cannot do', () => {
    for (const level of [1, 2, 3, 4]) expect(wordsOfLevel(level).cannot).not.toBe('');
    expect(offeredLevels.map((level) => wordsOfLevel(level).word)).toEqual([
      'Pause new',
      'Stop running',
      'Isolate',
      'Quarantine',
    ]);
    expect(cutLevel).toBe(limits.cutLevel);
  });
  it('give reasons that the server takes', () => {
    for (const reason of stopReasons) {
      expect(reason.length).toBeLessThanOrEqual(limits.stopReasonCharsMax);
    }
  });
});
