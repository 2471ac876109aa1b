import { describe, expect, it } from 'vitest';
import { coversWork, spanFor, type StopSpan } from './stopped-work.ts';

const tree: StopSpan = {
  kind: 'tree',
  scopeId: 'agt_root',
  placedAtMs: 1_000,
  liftedAtMs: 5_000,
  members: new Map([
    ['agt_root', 0],
    ['agt_child', 500],
    ['agt_late', 3_000],
    ['agt_after', 6_000],
  ]),
};

describe('the stop of a tree', () => {
  it.each([
    ['agt_root', 1_000],
    ['agt_child', 1_000],
    ['agt_late', 3_000],
    ['agt_after', null],
    ['agt_beside', null],
  ])('bears on %s from %s', (agentId, fromMs) => {
    const span = spanFor(tree, agentId);
    expect(span?.placedAtMs ?? null).toBe(fromMs);
    const work = { agentId, environment: null, sessionId: null, tool: null };
    expect(span !== null && coversWork(span, work)).toBe(fromMs !== null);
  });
});
