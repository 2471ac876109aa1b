import { describe, expect, it } from 'vitest';
import { argumentShapeOf } from '#server/detection/baseline/argument-shape.ts';
import { limits } from '#server/kernel/limits.ts';

describe('argumentShapeOf', () => {
  it.each([
    [{ to: 'a', amount: 3 }, 'amount:number, to:string'],
    [{ amount: 9, to: 'b' }, 'amount:number, to:string'],
    [{ to: ['a'], isUrgent: false, note: null }, 'isUrgent:boolean, to:list'],
    [{ mail: { to: 'a', parts: { x: 1 } } }, 'mail.parts:object, mail.to:string'],
    [{}, ''],
    [null, 'none'],
    ['rm -rf', 'string'],
    [[1, 2], 'list'],
  ])('%j is %s', (input, shape) => {
    expect(argumentShapeOf(input)).toBe(shape);
  });

  it('is bounded in keys and characters', () => {
    const keys = Array.from({ length: 500 }, (_, index) => [`k${index}`, 1]);
    const shape = argumentShapeOf(Object.fromEntries(keys));
    expect(shape.split(', ').length).toBe(limits.shapeKeysMax);
    const long = argumentShapeOf({ ['k'.repeat(5000)]: 1 });
    expect(long.length).toBe(limits.shapeCharsMax + 1);
  });
});
