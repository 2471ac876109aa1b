import { describe, expect, it } from 'vitest';
import type { Rule } from '#server/detection/contract.ts';
import { findRules } from './prepare-rule-search.ts';

const ruleOf = (name: string, title: string, labels: string[] = []) =>
  ({ name, title, labels }) as unknown as Rule;
const rules = [
  ruleOf('write-burst', 'A hundred writes in a second', ['ASI08']),
  ruleOf('wires', 'Someone wires money', ['ASI02', 'LLM03:2026']),
];

describe('looking for rules', () => {
  it.each([
    ['', ['write-burst', 'wires']],
    ['  ', ['write-burst', 'wires']],
    ['wires', ['wires']],
    ['MONEY someone', ['wires']],
    ['wri', ['write-burst']],
    ['asi02', ['wires']],
    ['burst', ['write-burst']],
    ['money burst', []],
  ])('%j', (words, names) => {
    expect(findRules(rules, words).map((rule) => rule.name)).toEqual(names);
  });
});
