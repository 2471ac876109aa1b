import { describe, expect, it } from 'vitest';
import { coversAgent, suggestScope, toScope } from './suggest-scope.ts';

const lookup = {
  agentOfAlert: (id: string) => (id === 'alr_1' ? 'billing-bot' : null),
  agentOfTrace: (id: string) => (id === 'aa' ? 'mail-bot' : null),
};
const suggest = (path: string, query = '') =>
  suggestScope(path, new URLSearchParams(query), lookup);

describe('suggestScope', () => {
  it.each([
    ['/t/demo', '', { kind: 'tenant', id: '' }],
    ['/t/demo/agents', '', { kind: 'tenant', id: '' }],
    ['/t/demo/agents', 'agent=a/b', { kind: 'agent', id: 'a/b' }],
    ['/t/demo/agents', 'agent=', { kind: 'tenant', id: '' }],
    ['/t/demo/alerts', 'alert=alr_1', { kind: 'agent', id: 'billing-bot' }],
    ['/t/demo/alerts', 'alert=alr_2', { kind: 'tenant', id: '' }],
    ['/t/demo/alerts', 'agent=x', { kind: 'agent', id: 'x' }],
    ['/t/demo/rules', 'alert=alr_1', { kind: 'tenant', id: '' }],
    ['/t/demo/traces/aa', '', { kind: 'agent', id: 'mail-bot' }],
    ['/t/demo/traces/bb', '', { kind: 'tenant', id: '' }],
  ])('%s?%s', (path, query, scope) => {
    expect(suggest(path, query)).toEqual(scope);
  });
});

describe('toScope', () => {
  it('is nothing while the name is missing', () => {
    expect(toScope({ kind: 'agent', id: ' ' })).toBeNull();
    expect(toScope({ kind: 'agent', id: ' a ' })).toEqual({ kind: 'agent', id: 'a' });
    expect(toScope({ kind: 'tenant', id: 'whatever' })).toEqual({ kind: 'tenant' });
  });
});

describe('coversAgent', () => {
  const agent = { id: 'agt_1', environment: 'production' };
  it.each([
    ['tenant', '', true],
    ['agent', 'agt_1', true],
    ['agent', 'agt_2', false],
    ['environment', 'production', true],
    ['environment', 'staging', false],
    ['tool', 'agt_1', false],
    ['session', 'agt_1', false],
    ['tree', 'agt_1', true],
    ['tree', 'agt_2', false],
  ] as const)('%s %s: %j', (kind, id, covers) => {
    expect(coversAgent({ kind, id, label: id }, agent)).toBe(covers);
  });

  it('a tree by what it lists', () => {
    const tree = { kind: 'tree', id: 'agt_2', label: 'x', members: ['agt_2', 'agt_1'] } as const;
    expect(coversAgent({ ...tree, members: [...tree.members] }, agent)).toBe(true);
  });
});
