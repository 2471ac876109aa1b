import { describe, expect, it } from 'vitest';
import type { RuleCheck, RuleDetail } from '#server/detection/contract.ts';
import { prepareWorkbench, type WorkbenchState } from './prepare-workbench.ts';

const good: RuleCheck = {
  problems: [],
  advice: [],
  rule: {
    name: 'mine',
    title: 'Mine',
    severity: 'high',
    kind: 'detection',
    labels: [],
    response: null,
  },
  tests: [],
  missing: [],
  unknownFields: [],
  reach: null,
};
const bad: RuleCheck = { ...good, rule: null };
const proposal: NonNullable<RuleDetail['proposal']> = {
  version: 2,
  state: 'draft',
  source: 'new',
  author: 'a@example.com',
  isOwn: false,
  editedAt: '2026-11-22T08:00:00Z',
  shadowSince: null,
  refusal: null,
  isAlone: false,
};
const ruleOf = (change: Partial<RuleDetail>) =>
  ({ state: 'enabled', source: 'old', proposal: null, ...change }) as RuleDetail;
const usual: WorkbenchState = {
  writeRefusal: null,
  rule: ruleOf({ proposal }),
  text: 'new',
  check: good,
  isCurrent: true,
};
const open = { save: 'It is saved.', backtest: null, shadow: null, approve: null };

describe('what stands in the way of a step', () => {
  it.each<[string, Partial<WorkbenchState>, Partial<typeof open> | Record<string, string | null>]>([
    ['nothing for a saved text that is complete', {}, open],
    [
      'saving, for a changed one',
      { text: 'newer' },
      {
        save: null,
        backtest: null,
        shadow: 'Save the text first.',
        approve: 'Save the text first.',
      },
    ],
    [
      'everything, while it does not compile',
      { text: 'newer', check: bad },
      { save: 'The text does not compile yet.', backtest: 'The text does not compile yet.' },
    ],
    [
      'everything, while it is being read',
      { isCurrent: false },
      { backtest: 'The text is being read.', approve: 'The text is being read.' },
    ],
    [
      'what lacks, for the approval alone',
      { check: { ...good, missing: ['It needs 3 tests.'] } },
      { shadow: null, approve: 'It needs 3 tests.' },
    ],
    [
      'who may approve',
      { rule: ruleOf({ proposal: { ...proposal, refusal: 'You wrote this text.' } }) },
      { shadow: null, approve: 'You wrote this text.' },
    ],
    [
      'that it runs already',
      { rule: ruleOf({}), text: 'old' },
      { shadow: 'This text runs already.', approve: 'This text runs already.' },
    ],
    ['nothing to save a first text', { rule: null, text: 'first' }, { save: null, backtest: null }],
    [
      'who may write',
      { writeRefusal: 'Only analysts.' },
      { save: 'Only analysts.', backtest: 'Only analysts.', shadow: 'Only analysts.' },
    ],
  ])('is %s', (_name, change, expected) => {
    expect(prepareWorkbench({ ...usual, ...change })).toMatchObject(expected);
  });
});
