import { describe, expect, it } from 'vitest';
import { workSentence } from './resumption-words.ts';

const none = { allowed: 0, held: 0, denied: 0, alerts: 0, graveAlerts: 0 };

describe('workSentence', () => {
  it.each([
    [{}, 'Asked for nothing. No alert.'],
    [{ allowed: 1 }, 'Asked 1 time: 1 allowed, 0 held, 0 denied. No alert.'],
    [
      { allowed: 1200, held: 1, alerts: 1 },
      'Asked 1,201 times: 1,200 allowed, 1 held, 0 denied. 1 alert, none of high severity or worse.',
    ],
    [
      { denied: 2, alerts: 3, graveAlerts: 2 },
      'Asked 2 times: 0 allowed, 0 held, 2 denied. 3 alerts, 2 of high severity or worse.',
    ],
  ])('%o', (work, sentence) => {
    expect(workSentence({ ...none, ...work })).toBe(sentence);
  });
});
