import { describe, expect, it } from 'vitest';
import { openPointsSentence } from './recovery-words.ts';

const check = (point: 'cause_known' | 'rule_added', isDone: boolean) => ({
  point,
  isDone,
  by: null,
  at: null,
});

describe('openPointsSentence', () => {
  it('names what is missing, and nothing else', () => {
    expect(openPointsSentence([check('cause_known', false), check('rule_added', true)])).toBe(
      'Nobody has said so far: the cause is known.',
    );
    expect(openPointsSentence([check('cause_known', false), check('rule_added', false)])).toBe(
      'Nobody has said so far: the cause is known; a rule would find it again.',
    );
    expect(openPointsSentence([check('cause_known', true)])).toBeNull();
  });
});
