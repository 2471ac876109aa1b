import { describe, expect, it } from 'vitest';
import { deletionOrder } from './deletion-order.ts';

const points = (text: string) =>
  text.split(' ').map((pair) => {
    const [child = '', parent = ''] = pair.split('>');
    return { child, parent };
  });

describe('deletionOrder', () => {
  it.each([
    ['a chain', ['a', 'b', 'c'], 'c>b b>a', ['c', 'b', 'a']],
    ['two children', ['p', 'x', 'y'], 'x>p y>p', ['x', 'y', 'p']],
    ['a table that points at itself', ['a', 'b'], 'a>a b>a', ['b', 'a']],
    ['a child that is not to be deleted', ['a'], 'z>a', ['a']],
    ['nothing in common', ['a', 'b'], 'x>y', ['a', 'b']],
  ])('%s', (_name, tables, references, expected) => {
    expect(deletionOrder(tables, points(references))).toEqual(expected);
  });

  it('says so when there is no order', () => {
    expect(() => deletionOrder(['a', 'b'], points('a>b b>a'))).toThrow('circle');
  });
});
