import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeTransitions,
  encodeTransitions,
  noteStep,
  noTransitions,
  storedTransitionsSchema,
  type Transitions,
} from '#server/detection/baseline/transitions.ts';
import { limits } from '#server/kernel/limits.ts';

/** Runs traces of calls, each number a tool, and answers the last step. */
function run(state: Transitions, traces: readonly (readonly number[])[], name = 't') {
  let last = null;
  traces.forEach((tools, index) => {
    for (const tool of tools) last = noteStep(state, `${name}${index}`, tool);
  });
  return last as ReturnType<typeof noteStep>;
}

const again = (tools: readonly number[], times: number) =>
  Array.from({ length: times }, () => tools);

describe('noteStep', () => {
  it('says nothing before the agent and the context are known', () => {
    const state = noTransitions();
    expect(run(state, again([0, 1], limits.baselineCallsMin / 2))).toBeNull();
    // The agent is known now, and what follows tool 2 is not.
    run(state, again([0, 1], 50), 'u');
    expect(run(state, [[2, 5]], 'v')).toBeNull();
    expect(run(state, [[0, 5]], 'w')).not.toBeNull();
  });

  it('is surprised by what never followed, with the path and the numbers', () => {
    const state = noTransitions();
    run(state, again([0, 1, 2], 200));
    const usual = run(state, [[0, 1, 2]], 'usual');
    expect(usual?.value).toBeLessThan(0.1);
    expect(usual?.sigma).toBeLessThan(1);
    const odd = run(state, [[0, 1, 0]], 'odd');
    expect(odd).toMatchObject({ path: [0, 1, 0], contexts: 201, seen: 0 });
    expect(odd?.value).toBeGreaterThan(8);
    expect(odd?.sigma).toBeGreaterThan(10);
  });

  it('looks at the two calls before, not only at the last', () => {
    const state = noTransitions();
    // After 1 come 3 and 4 alike; which one is settled by the call before.
    run(state, [...again([0, 1, 3], 100), ...again([2, 1, 4], 100)]);
    const usual = run(state, [[0, 1, 3]], 'usual');
    const crossed = run(state, [[0, 1, 4]], 'crossed');
    expect(usual?.value).toBeLessThan(0.2);
    expect(crossed).toMatchObject({ path: [0, 1, 4], seen: 0 });
    expect(crossed?.value).toBeGreaterThan(6);
  });

  it('knows how traces begin', () => {
    const state = noTransitions();
    run(state, again([0, 1, 2], 200));
    const odd = run(state, [[2]], 'odd');
    expect(odd).toMatchObject({ path: [-1, 2], seen: 0 });
    expect(odd?.value).toBeGreaterThan(8);
  });

  it('keeps traces that run at a time apart', () => {
    const state = noTransitions();
    run(state, again([0, 1, 2], 200));
    const steps = [0, 1, 2].flatMap((tool) =>
      ['a', 'b'].map((name) => noteStep(state, name, tool)),
    );
    for (const step of steps) expect(step?.value).toBeLessThan(0.2);
  });

  it('is not surprised by one of many ways that all occur', () => {
    const state = noTransitions();
    for (let index = 0; index < 600; index += 1) run(state, [[0, 1 + (index % 6)]], `t${index}`);
    expect(run(state, [[0, 4]], 'next')?.sigma).toBeLessThan(2);
  });

  it('gets used to a new way', () => {
    const state = noTransitions();
    run(state, again([0, 1, 2], 200));
    const first = run(state, [[0, 1, 0]], 'first');
    const tenth = run(state, again([0, 1, 0], 10), 'more');
    expect(tenth?.value).toBeLessThan((first?.value ?? 0) / 1.5);
    expect(tenth?.seen).toBe(10);
  });

  it('forgets, and stays small, whatever happens', () => {
    const state = noTransitions();
    const tool = (index: number) => (index * index * 7919) % 61;
    for (let index = 0; index < 30_000; index += 1) noteStep(state, `t${index % 90}`, tool(index));
    expect(state.any.total).toBeLessThanOrEqual(limits.baselineCallsMax + 1);
    expect(state.pairs).toBeLessThanOrEqual(limits.baselinePairsMax);
    expect(state.traces.size).toBe(limits.talliedTracesMax);
    const held = [state.any, ...state.byContext.values()];
    expect(held.reduce((sum, { counts }) => sum + counts.size, 0)).toBe(state.pairs);
    for (const { total, counts } of held) {
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
    }
    expect(JSON.stringify(encodeTransitions(state)).length).toBeLessThan(64 * 1024);
  });

  it('is the same after it was stored', () => {
    const calls = fc.array(fc.tuple(fc.nat(3), fc.nat(5)), { minLength: 200, maxLength: 500 });
    fc.assert(
      fc.property(calls, (items) => {
        const whole = noTransitions();
        let stored = noTransitions();
        items.forEach(([trace, tool], index) => {
          const text = JSON.stringify(encodeTransitions(stored));
          if (index % 7 === 0) {
            stored = decodeTransitions(storedTransitionsSchema.parse(JSON.parse(text)));
          }
          const step = noteStep(whole, `t${trace}`, tool);
          expect(noteStep(stored, `t${trace}`, tool)).toEqual(step);
        });
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
