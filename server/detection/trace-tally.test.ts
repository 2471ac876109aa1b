import { describe, expect, it } from 'vitest';
import {
  noTallies,
  noteTally,
  type TraceTallies,
  traceTalliesSchema,
  type TraceTally,
} from '#server/detection/trace-tally.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';
import { storedEvent } from '#server/testing/stored-event.ts';

const call = (input: string, more: Partial<StoredEvent> = {}) =>
  storedEvent({ kind: 'tool_call', name: 'search', body: { input }, ...more });
const answer = (tokens: number, more: Partial<StoredEvent> = {}) =>
  storedEvent({
    kind: 'llm_call',
    body: { usage: { inputTokens: tokens, outputTokens: 1 } },
    ...more,
  });

/** The tallies after each event. */
function run(events: readonly StoredEvent[], from: TraceTallies = noTallies) {
  let state = from;
  const tallies: (TraceTally | null)[] = [];
  for (const event of events) {
    const noted = noteTally(state, event);
    state = noted.next;
    tallies.push(noted.tally);
  }
  return { state, tallies };
}

describe('noteTally', () => {
  it('counts the same call in a row, and begins anew with another', () => {
    const events = [call('a'), call('a'), answer(5), call('a'), call('b'), call('a')];
    expect(run(events).tallies.map((tally) => tally?.repeats)).toEqual([1, 2, 2, 3, 1, 1]);
  });

  it('takes another tool with the same arguments for another call', () => {
    expect(run([call('a'), call('a', { name: 'fetch' })]).tallies.at(-1)?.repeats).toBe(1);
  });

  it('counts calls and tokens of a trace', () => {
    const { tallies } = run([answer(100), call('a'), call('b'), answer(50)]);
    expect(tallies.at(-1)).toMatchObject({ calls: 2, tokens: 152 });
  });

  it('keeps traces apart', () => {
    const other = { traceId: 'f'.repeat(32) };
    const { tallies } = run([call('a'), call('a', other), call('a')]);
    expect(tallies.map((tally) => tally?.repeats)).toEqual([1, 1, 2]);
  });

  it.each([
    ['the end of a call', call('a', { phase: 'end' })],
    ['a revision of a call', call('a', { revision: 1 })],
    ['the start of a model call', answer(5, { phase: 'start' })],
    ['a model call that says nothing', storedEvent({ kind: 'llm_call' })],
    ['anything else', storedEvent({ kind: 'agent_message' })],
  ])('does not count %s', (_, event) => {
    expect(noteTally(noTallies, event)).toEqual({ next: noTallies, tally: null });
  });

  it('takes the larger of a total and its parts, and no negative number', () => {
    const odd = (usage: Record<string, number>) =>
      run([storedEvent({ kind: 'llm_call', body: { usage } })]).tallies[0]?.tokens;
    expect(odd({ totalTokens: 9, inputTokens: 2 })).toBe(9);
    expect(odd({ totalTokens: 1, inputTokens: 2, outputTokens: -5 })).toBe(2);
  });

  it('remembers a bounded number of traces, the latest seen', () => {
    const traces = Array.from({ length: limits.talliedTracesMax + 5 }, (_, at) =>
      call('a', { traceId: String(at).padStart(32, '0') }),
    );
    const { state } = run([...traces, traces[5] ?? call('a')]);
    expect(state.traces).toHaveLength(limits.talliedTracesMax);
    expect(state.traces.at(-1)?.repeats).toBe(2);
    expect(traceTalliesSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });
});
