import { expect, it } from 'vitest';
import { describeSilenced } from './describe-silenced.ts';

it.each([
  [null, /not tried/],
  [{ hits: 3, silenced: 3 }, /none of its own tests/],
  [{ hits: 3, silenced: 1 }, /1 of 3/],
])('%o is said', (tests, sentence) => {
  expect(describeSilenced(tests)).toMatch(sentence);
});

it.each([
  { hits: 3, silenced: 0 },
  { hits: 0, silenced: 0 },
])('%o is nothing to say', (tests) => {
  expect(describeSilenced(tests)).toBeNull();
});
