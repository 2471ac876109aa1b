import { describe, expect, it } from 'vitest';
import {
  noTallies,
  noteTally,
  type TraceTallies,
  traceTalliesSchema,
  type TraceTally,
} from '#server/detection/trace-tally.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventBody, Finding, StoredEvent } from '#server/telemetry/contract.ts';
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
    ['the end of a model call that says nothing', storedEvent({ kind: 'llm_call', phase: 'end' })],
    ['a revision of a model call', answer(5, { revision: 1 })],
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

  const system = (content: string) => ({ role: 'system', parts: [{ type: 'text', content }] });
  const user = { role: 'user', parts: [{ type: 'text', content: 'hello' }] };
  const asked = (input: EventBody['input'], model = 'm') =>
    storedEvent({ kind: 'llm_call', model, body: { input } });

  it('tells other instructions than before, each once', () => {
    const events = [
      asked([user]),
      asked([system('be kind'), user]),
      asked([system('be kind')]),
      asked([system('be mean'), user]),
      asked([{ role: 'developer', content: 'be odd' }]),
      asked('be anything'),
    ];
    const { tallies } = run(events);
    expect(tallies.map((tally) => tally?.isPromptNew)).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('tells a third model and each one more', () => {
    const models = ['a', 'b', 'a', 'c', 'b', 'd'];
    const { tallies } = run(models.map((model) => asked([user], model)));
    expect(tallies.map((tally) => tally?.isModelNew)).toEqual([
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('remembers what was found, for the events after it', () => {
    const finding = (type: Finding['type'], path: string, score = 1): Finding => ({
      type,
      detector: 'd',
      path,
      start: 0,
      end: 1,
      score,
      detail: '',
    });
    const untrusted = { source: { trust: 'untrusted', origin: null } } as const;
    const events = [
      call('a', { findings: [finding('secret', '/output/key')] }),
      call('b', { findings: [finding('secret', '/input')] }),
      storedEvent({
        kind: 'retrieval',
        body: untrusted,
        findings: [finding('hidden_text', '/output', 0.7)],
      }),
      storedEvent({ kind: 'retrieval', findings: [finding('hidden_text', '/output')] }),
      storedEvent({
        kind: 'retrieval',
        body: untrusted,
        findings: [finding('hidden_text', '/output', 0.6), finding('pii', '/output')],
      }),
      call('c'),
    ];
    expect(run(events).tallies.map((tally) => tally?.found ?? null)).toEqual([
      [],
      ['secret'],
      ['secret'],
      null,
      null,
      ['secret', 'hidden_text'],
    ]);
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
