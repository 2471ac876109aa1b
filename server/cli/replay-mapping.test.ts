import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#server/kernel/hash.ts';
import { wireEventSchema } from '#server/telemetry/contract.ts';
import { mapRecordedTrace, recordedTraceSchema, replayBase } from './replay-mapping.ts';

const base = Date.parse(replayBase);
const map = (trace: object, line = 0) =>
  mapRecordedTrace(recordedTraceSchema.parse({ source: 's', id: 'i', ...trace }), line, base);
const idOf = (message: number, call: number) =>
  `rp-${sha256Hex(`s\u001fi\u001f${message}\u001f${call}`).slice(0, 32)}`;

describe('mapRecordedTrace', () => {
  it('maps every role, and pairs a call with its answer', () => {
    const events = map(
      {
        model: 'gpt',
        labels: { suite: 'Banking', injection_task_id: 'injection_task_4' },
        injected: true,
        attack_succeeded: true,
        user_task: 'secret',
        messages: [
          { role: 'system', content: 'Be good.' },
          { role: 'user', content: 'Pay.' },
          {
            role: 'assistant',
            content: 'Paying',
            tool_calls: [{ name: 'send', args: { to: 'x' } }],
          },
          { role: 'tool', tool_name: 'send', content: 'done', injected: true },
        ],
      },
      2,
    );
    const traceId = sha256Hex('s\u001fi').slice(0, 32);
    const common = { traceId, sessionId: `rp-${traceId}`, agent: 's/banking', status: 'ok' };
    expect(events).toMatchObject([
      {
        ...common,
        id: idOf(0, -1),
        kind: 'user_message',
        name: 'system',
        input: 'Be good.',
        startedAt: '2026-01-01T00:20:00.000Z',
        endedAt: '2026-01-01T00:20:00.900Z',
      },
      { ...common, id: idOf(1, -1), kind: 'user_message', name: null, input: 'Pay.' },
      { ...common, id: idOf(2, -1), kind: 'llm_call', model: 'gpt', output: 'Paying' },
      {
        ...common,
        id: idOf(2, 0),
        kind: 'tool_call',
        name: 'send',
        input: { to: 'x' },
        output: 'done',
        source: { trust: 'untrusted' },
        startedAt: '2026-01-01T00:20:02.000Z',
      },
    ]);
    expect(events[3]?.parentSpanId).toBe(events[2]?.spanId);
    expect(JSON.stringify(events)).not.toMatch(/inject|attack|secret|task/);
  });

  it('gives an answer to the oldest unanswered call of its name', () => {
    const call = (n: number) => ({ name: 'f', args: { n } });
    const events = map({
      messages: [
        { role: 'assistant', content: '', tool_calls: [call(1), { name: 'g', args: {} }, call(2)] },
        { role: 'tool', tool_name: 'f', content: 'first' },
        { role: 'assistant', content: '', tool_calls: [call(3)] },
        { role: 'tool', tool_name: 'f', content: 'second' },
        { role: 'tool', tool_name: 'f', content: 'third' },
        { role: 'tool', tool_name: 'f', content: 'nobody asked' },
      ],
    });
    const calls = events.filter((event) => event.kind === 'tool_call');
    expect(calls.map((event) => [event.id, event.input, event.output])).toEqual([
      [idOf(0, 0), { n: 1 }, 'first'],
      [idOf(0, 1), {}, null],
      [idOf(0, 2), { n: 2 }, 'second'],
      [idOf(2, 0), { n: 3 }, 'third'],
      [idOf(5, -1), null, 'nobody asked'],
    ]);
    expect(calls.map((event) => event.attributes)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      { orphan: true },
    ]);
    // A call that nobody answered has no output, and so nothing untrusted.
    expect(calls[1]?.source).toBeUndefined();
  });

  it('does not let an answer come before its call', () => {
    const events = map({
      messages: [
        { role: 'tool', tool_name: 'f', content: 'early' },
        { role: 'assistant', content: '', tool_calls: [{ name: 'f', args: null }] },
      ],
    });
    expect(events.map((event) => event.output)).toEqual(['early', '', null]);
  });

  it.each([
    [null, 'ok'],
    ['', 'ok'],
    ['ValueError: no', 'error'],
  ])('reads error %j as %s', (error, status) => {
    const events = map({
      messages: [
        { role: 'assistant', content: '', tool_calls: [{ name: 'f', args: {} }] },
        { role: 'tool', tool_name: 'f', content: '', error },
      ],
    });
    expect(events.map((event) => event.status)).toEqual(['ok', status]);
  });

  it.each([
    [{}, 's'],
    [{ labels: null }, 's'],
    [{ labels: { suite: 'E Commerce' } }, 's/e-commerce'],
  ])('names the agent of %j %s', (extra, agent) => {
    expect(map({ ...extra, messages: [{ role: 'user', content: 'x' }] })[0]?.agent).toBe(agent);
  });

  it('refuses a line of another shape', () => {
    expect(recordedTraceSchema.safeParse({ source: 's', id: 'i' }).success).toBe(false);
    const odd = { source: 's', id: 'i', messages: [{ role: 'robot', content: 'x' }] };
    expect(recordedTraceSchema.safeParse(odd).success).toBe(false);
  });
});

const folder = process.env['SIGNALBOX_TESTDATA'];

describe.skipIf(folder === undefined)('recorded files', () => {
  it.each([
    ['agentdojo', 12_541],
    ['agentdyn', 17_456],
    ['asb', 10_472],
    ['swe-agent', 268],
    ['tau-bench-airline', 1_834],
  ])('%s becomes %d events, each valid and with an id of its own', async (name, count) => {
    const lines = createInterface({
      input: createReadStream(join(folder ?? '', 'traces', `${name}.jsonl`)),
      crlfDelay: Infinity,
    });
    const ids = new Set<string>();
    let line = 0;
    for await (const text of lines) {
      const events = mapRecordedTrace(recordedTraceSchema.parse(JSON.parse(text)), line, base);
      for (const event of events) {
        ids.add(event.id);
        expect(wireEventSchema.safeParse(event).success).toBe(true);
      }
      line += 1;
    }
    expect(ids.size).toBe(count);
  });
});
