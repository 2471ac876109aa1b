import { describe, expect, it } from 'vitest';
import { mergeLiveItems } from './merge-live-items.ts';

const list = (text: string) => Array.from(text);
const keyOf = (item: string) => item.toLowerCase();

/** Letters are items, their case is their content, their order is the list. */
describe('mergeLiveItems, held', () => {
  it.each([
    ['nothing changed', 'cba', 'cba', 'cba', 0, false],
    ['nothing drawn yet', '', 'cba', 'cba', 0, false],
    ['one came in above', 'cba', 'dcba', 'cba', 1, false],
    ['several came in above', 'cba', 'fedcba', 'cba', 3, false],
    ['a row changed in place', 'cba', 'cBa', 'cBa', 0, false],
    ['a row moved up by a change', 'cba', 'Acb', 'cbA', 0, false],
    ['a row left the list', 'cba', 'ca', 'cba', 0, false],
    ['the first row left', 'cba', 'ba', 'cba', 0, false],
    ['older ones were loaded', 'dc', 'dcba', 'dcba', 0, false],
    ['above and older at once', 'dc', 'edcba', 'dcba', 1, false],
    ['more came in than was loaded', 'ba', 'zyx', 'ba', 3, true],
    ['everything left', 'ba', '', 'ba', 0, false],
  ])('%s', (_, drawn, fresh, items, newCount, hasGap) => {
    expect(mergeLiveItems(list(drawn), list(fresh), keyOf, true)).toEqual({
      items: list(items),
      newCount,
      hasGap,
    });
  });
});

describe('mergeLiveItems, held by who puts rows away', () => {
  it.each([
    ['it goes when the list knows of it', 'cba', 'ba', 'c', 'ba', 0],
    ['it stays while the list still has it', 'cba', 'cba', 'c', 'cba', 0],
    ['one that left by somebody else stays', 'cba', 'ca', 'a', 'cba', 0],
    ['all of them', 'cba', '', 'cba', '', 0],
    ['beside one that came in above', 'cba', 'dba', 'c', 'ba', 1],
  ])('%s', (_, drawn, fresh, letGo, items, newCount) => {
    const merged = mergeLiveItems(list(drawn), list(fresh), keyOf, true, new Set(letGo));
    expect(merged).toMatchObject({ items: list(items), newCount });
  });
});

describe('mergeLiveItems, released', () => {
  it('draws what is there now', () => {
    expect(mergeLiveItems(list('cba'), list('edc'), keyOf, false)).toEqual({
      items: list('edc'),
      newCount: 0,
      hasGap: false,
    });
  });
});
