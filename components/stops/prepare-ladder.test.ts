import { describe, expect, it } from 'vitest';
import { ladderSteps } from '#server/containment/contract.ts';
import { countInstances, isAllQuiet, ladderSentence } from './prepare-ladder.ts';

const none = {
  unconfirmed: 0,
  requested: 0,
  delivered: 0,
  acknowledged: 0,
  quiet: 0,
  cut: 0,
  unreachable: 0,
  refused: 0,
  not_capable: 0,
};

describe('ladderSentence', () => {
  it.each([
    [{ quiet: 17, unconfirmed: 2, unreachable: 1 }, '17 of 20 quiet, 1 unreachable, 2 unconfirmed'],
    [{ quiet: 3 }, '3 of 3 quiet'],
    [{ quiet: 1, cut: 2 }, '1 of 3 quiet, 2 with credentials cut'],
    [{ acknowledged: 2 }, '0 of 2 quiet, 2 acknowledged'],
    [{ refused: 1, delivered: 1 }, '0 of 2 quiet, 1 refused, 1 told'],
    [{}, 'no instance known'],
  ])('%j', (counts, sentence) => {
    expect(ladderSentence({ ...none, ...counts })).toBe(sentence);
  });

  it('says when it was not counted', () => {
    expect(ladderSentence(null)).toBe('not counted here');
    expect(isAllQuiet(null)).toBe(false);
  });

  it('leaves out no step', () => {
    for (const step of ladderSteps) {
      expect(countInstances({ ...none, [step]: 3 }), step).toBe(3);
      expect(ladderSentence({ ...none, [step]: 3 }), step).toContain('3 ');
    }
  });
});

describe('isAllQuiet', () => {
  it.each([
    [{ quiet: 2 }, true],
    [{ cut: 2 }, true],
    [{ quiet: 1, cut: 1 }, true],
    [{ cut: 1, unreachable: 1 }, false],
    [{ quiet: 2, acknowledged: 1 }, false],
    [{ acknowledged: 2 }, false],
    [{}, false],
  ])('%j: %j', (counts, isQuiet) => {
    expect(isAllQuiet({ ...none, ...counts })).toBe(isQuiet);
  });
});
