import { describe, expect, it } from 'vitest';
import { scopesOf } from '#server/detection/baseline/data-scope.ts';
import { limits } from '#server/kernel/limits.ts';

describe('scopesOf', () => {
  it.each([
    [null, []],
    [{}, []],
    [
      { resource: 'accounts/17', classes: ['Financial'] },
      ['class:financial', 'resource:accounts/*'],
    ],
    [{ resource: 'accounts/a9/cards' }, ['resource:accounts/*/cards']],
    [{ resource: 'https://x.example/v2/users?id=7' }, ['resource:https://x.example/*/users?id=*']],
    [{ classes: ['pii', 'pii', ''] }, ['class:pii']],
    [{ resource: 7, classes: 'pii' }, []],
  ])('%j names %j', (data, scopes) => {
    expect(scopesOf(data)).toEqual(scopes);
  });

  it('takes a bounded number', () => {
    const classes = Array.from({ length: 100 }, (_, index) => `c${index}`);
    expect(scopesOf({ classes })).toHaveLength(limits.scopesPerEventMax);
  });
});
