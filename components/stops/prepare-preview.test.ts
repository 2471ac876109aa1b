import { describe, expect, it } from 'vitest';
import { enforcementClasses } from '#server/containment/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { enforcementOrder, enforcementWords, formatBound } from './enforcement-words.ts';
import { boundSentence, liftSentence, orderClasses } from './prepare-preview.ts';

describe('enforcement words', () => {
  it('know every class, in the order of the server', () => {
    expect(enforcementOrder).toEqual(enforcementClasses);
    expect(Object.keys(enforcementWords)).toEqual([...enforcementClasses]);
  });
  it.each([
    [null, 'cannot be stopped'],
    [0, 'at once'],
    [4.2, 'within 5\u00a0s'],
    [120, 'within 120\u00a0s'],
  ])('a bound of %j: %s', (bound, text) => {
    expect(formatBound(bound)).toBe(text);
  });
});

describe('boundSentence', () => {
  const gated = { class: 'gated' as const, agents: 2, boundSeconds: 0 };
  const asks = { class: 'asks' as const, agents: 1, boundSeconds: 120 };
  const observed = { class: 'observed' as const, agents: 3, boundSeconds: null };
  const empty = { class: 'connected' as const, agents: 0, boundSeconds: 5 };
  it.each([
    [[], 'No agent is in this scope now; later ones are covered too.'],
    [[empty], 'No agent is in this scope now; later ones are covered too.'],
    [[gated], '2 agents held at once, at worst.'],
    [[gated, asks, empty], '3 agents held within 120\u00a0s, at worst.'],
    [[observed], '3 agents cannot be stopped from here.'],
    [[gated, observed], '3 agents cannot be stopped from here; 2 agents held at once, at worst.'],
  ])('%#', (classes, sentence) => {
    expect(boundSentence(classes)).toBe(sentence);
  });
  it('puts the weakest class first and drops empty ones', () => {
    expect(orderClasses([gated, empty, observed, asks]).map((one) => one.class)).toEqual([
      'observed',
      'asks',
      'gated',
    ]);
  });
});

describe('liftSentence', () => {
  it('says how many could, and how many it takes', () => {
    expect(liftSentence({ lifters: 4, liftsNeeded: 2 })).toEqual({
      text: '4 people could lift it; it takes 2 of them.',
      isShort: false,
    });
    expect(liftSentence({ lifters: 1, liftsNeeded: 1 }).text).toBe(
      '1 person could lift it; one is enough.',
    );
  });
  it('warns when it could not be lifted here', () => {
    const { text, isShort } = liftSentence({ lifters: 1, liftsNeeded: 2 });
    expect(isShort).toBe(true);
    expect(text).toMatch(/^1 person could lift it, and it takes 2:/);
    expect(text).toContain(`${limits.liftHostMinutes} minutes`);
    expect(liftSentence({ lifters: 0, liftsNeeded: 1 }).isShort).toBe(true);
  });
});
