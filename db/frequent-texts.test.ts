import { expect, it } from 'vitest';
import { createFrequency } from './frequent-texts.ts';

it('keeps what comes again and again, and nothing that comes once', () => {
  const isFrequent = createFrequency();
  const answers = Array.from({ length: 10 }, () => isFrequent('select a from t where id = $1'));
  expect(answers.slice(0, 7)).not.toContain(true);
  expect(answers.slice(7)).not.toContain(false);
  const once = Array.from({ length: 10_000 }, (_, n) => isFrequent(`select ${n} from t`));
  expect(once).not.toContain(true);
  expect(isFrequent('select a from t where id = $1')).toBe(true);
});

it('keeps no more than the server is to hold', () => {
  const isFrequent = createFrequency();
  const often = (text: string) => Array.from({ length: 8 }, () => isFrequent(text)).at(-1);
  const kept = Array.from({ length: 500 }, (_, n) => often(`select b${n} from t`));
  expect(kept.filter(Boolean)).toHaveLength(400);
});
