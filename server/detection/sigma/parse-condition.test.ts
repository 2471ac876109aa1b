import { describe, expect, it } from 'vitest';
import { parseCondition, type Condition } from '#server/detection/sigma/parse-condition.ts';
import { RuleFault } from '#server/detection/sigma/rule-fault.ts';

const names = ['sel_a', 'sel_b', 'filter', '_hidden'];

/** A condition as text with every bracket written out. */
function print(condition: Condition): string {
  switch (condition.kind) {
    case 'selection':
      return condition.name;
    case 'not':
      return `!${print(condition.item)}`;
    case 'and':
    case 'or':
      return `(${condition.items.map(print).join(condition.kind === 'and' ? ' & ' : ' | ')})`;
  }
}

const readings: readonly [text: string, reading: string][] = [
  ['sel_a', 'sel_a'],
  ['not sel_a', '!sel_a'],
  ['not not sel_a', 'sel_a'],
  ['sel_a and sel_b', '(sel_a & sel_b)'],
  ['sel_a or sel_b and filter', '(sel_a | (sel_b & filter))'],
  ['(sel_a or sel_b) and filter', '((sel_a | sel_b) & filter)'],
  ['sel_a and not filter or sel_b', '((sel_a & !filter) | sel_b)'],
  ['not (sel_a or sel_b)', '!(sel_a | sel_b)'],
  ['((sel_a))', 'sel_a'],
  ['1 of them', '(sel_a | sel_b | filter)'],
  ['all of them', '(sel_a & sel_b & filter)'],
  ['any of sel_*', '(sel_a | sel_b)'],
  ['1 of sel_*', '(sel_a | sel_b)'],
  ['all of sel_* and not 1 of filter*', '((sel_a & sel_b) & !filter)'],
  ['1 of _hid*', '_hidden'],
  ['1 of *_a', 'sel_a'],
  ['1 of s*_*b', 'sel_b'],
  ['1 of sel_a', 'sel_a'],
  ['SEL_A'.toLowerCase() + ' AND NOT filter', '(sel_a & !filter)'],
];

const faults: readonly [text: string, code: string][] = [
  ['', 'condition_syntax'],
  ['and', 'unknown_selection'],
  ['sel_a and', 'condition_syntax'],
  ['sel_a sel_b', 'condition_syntax'],
  ['(sel_a', 'condition_syntax'],
  ['sel_a)', 'condition_syntax'],
  ['missing', 'unknown_selection'],
  ['1 of missing*', 'unknown_selection'],
  ['2 of sel_*', 'condition_syntax'],
  ['1 of', 'condition_syntax'],
  ['1 of (sel_a)', 'condition_syntax'],
  ['sel_a | count() > 5', 'unsupported'],
  [`${'('.repeat(40)}sel_a${')'.repeat(40)}`, 'too_large'],
  [Array.from({ length: 400 }, () => 'sel_a').join(' or '), 'too_large'],
];

describe('parseCondition', () => {
  it.each(readings)('reads %j', (text, reading) => {
    expect(print(parseCondition(text, names, []))).toBe(reading);
  });

  it.each(faults)('refuses %.40j with %s', (text, code) => {
    expect(() => parseCondition(text, names, ['detection', 'condition'])).toThrow(
      expect.objectContaining({ name: 'RuleFault', code, path: ['detection', 'condition'] }),
    );
    expect(RuleFault).toBeDefined();
  });
});
