import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOtlpReceiver } from '#server/testing/otlp-receiver.ts';
import type { OtlpReceiver } from '#server/testing/otlp-receiver.ts';
import { runEmitter } from '#server/testing/run-emitter.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';
import { normaliseSpan } from './normalise-span.ts';

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

const eventsOf = () => receiver.spans.map((span, at) => normaliseSpan(span, at));
const draftsOf = () => eventsOf().map((event) => event.draft);
const ofKind = (kind: string) => draftsOf().filter((draft) => draft.kind === kind);

/** Names from the event up to its root. */
function pathOf(event: EventDraft | undefined): (string | null)[] {
  const all = new Map(draftsOf().map((draft) => [draft.spanId, draft]));
  const path: (string | null)[] = [];
  for (let at = event; at !== undefined; at = all.get(at.parentSpanId)) path.push(at.name);
  return path;
}

const question = {
  role: 'user',
  parts: [{ type: 'text', content: 'What is the weather in Paris?' }],
};
const system = { role: 'system', parts: [{ type: 'text', content: 'You are a weather agent.' }] };
const toolCall = {
  type: 'tool_call',
  id: 'call-1',
  name: 'get_weather',
  arguments: { city: 'Paris' },
};
const answer = [
  expect.objectContaining({
    role: 'assistant',
    parts: [{ type: 'text', content: 'It is 21 degrees in Paris.' }],
  }),
];

function expectOneTrace(count: number): void {
  const drafts = draftsOf();
  expect(drafts).toHaveLength(count);
  expect(new Set(drafts.map((draft) => draft.traceId)).size).toBe(1);
  expect(drafts.filter((draft) => draft.parentSpanId === null)).toHaveLength(1);
  expect(drafts.flatMap((draft) => draft.flags)).toEqual([]);
  expect(new Set(drafts.map((draft) => draft.instanceId))).toEqual(new Set(['pod-3']));
  for (const draft of drafts) {
    expect(draft.id).toBe(`${draft.traceId}:${draft.spanId}`);
    expect(Date.parse(draft.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(draft.startedAt));
  }
}

/** The one tool call that every emitter makes. */
function expectToolCall(input: unknown): EventDraft | undefined {
  const [tool, ...others] = ofKind('tool_call');
  expect(others).toEqual([]);
  expect(tool).toMatchObject({
    name: 'get_weather',
    callId: 'call-1',
    body: {
      input,
      output: { city: 'Paris', degrees: 21 },
      source: { trust: 'untrusted' },
      error: null,
    },
  });
  return tool;
}

describe.each(['json', 'protobuf'] as const)('stock exporter, %s', (encoding) => {
  it('brings an AI SDK run in the gen_ai dialect', async () => {
    await runEmitter('gen_ai', { url: receiver.url, encoding });
    expectOneTrace(6);
    expect(pathOf(expectToolCall({ city: 'Paris' }))).toEqual([
      'get_weather',
      'step 1',
      'invoke_agent mock-1',
    ]);
    const [first, second] = ofKind('llm_call');
    expect(first).toMatchObject({
      name: 'mock-1',
      model: 'mock-1-2026',
      dialect: 'otel_genai',
      body: {
        input: [system, question],
        output: [{ role: 'assistant', parts: [toolCall] }],
        usage: { inputTokens: 12, outputTokens: 5, cachedInputTokens: 2 },
      },
    });
    expect(second?.body.output).toEqual(answer);
    expect(pathOf(second)).toEqual(['mock-1', 'step 2', 'invoke_agent mock-1']);
    // Only the outermost span names the agent; the others have the service's name to go by.
    expect(
      eventsOf().map((event) => [event.draft.name, event.draft.agent, event.isAgentExplicit]),
    ).toContainEqual(['invoke_agent mock-1', 'weather-agent', true]);
    expect(ofKind('tool_call')[0]?.agent).toBe('weather-service');
    expect(eventsOf().filter((event) => event.isAgentExplicit)).toHaveLength(1);
    expect(ofKind('lifecycle').map((draft) => draft.body.usage)).toEqual([null, null, null]);
  });

  it('brings an AI SDK run in its own older dialect', async () => {
    await runEmitter('legacy', { url: receiver.url, encoding });
    expectOneTrace(4);
    expect(pathOf(expectToolCall({ city: 'Paris' }))).toEqual([
      'get_weather',
      'mock-1',
      'ai.generateText',
    ]);
    expect(ofKind('llm_call')[0]).toMatchObject({
      name: 'mock-1',
      model: 'mock-1-2026',
      dialect: 'vercel_ai',
      body: {
        input: [system, question],
        output: [{ role: 'assistant', parts: [toolCall], finish_reason: 'tool-calls' }],
        usage: { inputTokens: 12, outputTokens: 5, totalTokens: 17, reasoningTokens: 1 },
      },
    });
    const [, second] = ofKind('llm_call');
    expect(second?.body.input).toEqual([
      system,
      question,
      { role: 'assistant', parts: [toolCall] },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool_call_response',
            id: 'call-1',
            name: 'get_weather',
            response: { city: 'Paris', degrees: 21 },
          },
        ],
      },
    ]);
    expect(second?.body.output).toEqual(answer);
    expect(new Set(eventsOf().map((event) => event.draft.agent))).toEqual(
      new Set(['weather-agent']),
    );
    expect(eventsOf().every((event) => event.isAgentExplicit)).toBe(true);
  });

  it('brings a LangChain run instrumented by OpenInference', async () => {
    await runEmitter('openinference', { url: receiver.url, encoding });
    expectOneTrace(4);
    // The instrumentation itself reports the only argument's value instead of the arguments.
    expect(pathOf(expectToolCall('Paris'))).toEqual(['get_weather', 'weather-agent']);
    expect(ofKind('llm_call')[0]).toMatchObject({
      name: 'fake-1',
      model: 'fake-1',
      status: 'ok',
      dialect: 'openinference',
      body: {
        input: [question],
        output: [{ role: 'assistant', parts: [toolCall] }],
        usage: { inputTokens: 12, outputTokens: 5, totalTokens: 17 },
      },
    });
    expect(ofKind('llm_call')[1]?.body.output).toEqual(answer);
    for (const draft of draftsOf()) {
      expect(draft).toMatchObject({ sessionId: 's-17', user: 'u-42', agent: 'weather-service' });
    }
  });

  it('brings a LangChain run instrumented by OpenLLMetry', async () => {
    await runEmitter('openllmetry', { url: receiver.url, encoding });
    expectOneTrace(5);
    const tool = expectToolCall({ city: 'Paris' });
    expect(pathOf(tool)).toEqual(['get_weather', 'weather-agent.agent']);
    // The class name that the instrumentation gives stays readable.
    expect(tool?.body.attributes).toMatchObject({
      'traceloop.entity.name': 'DynamicStructuredTool',
      'traceloop.entity.output': expect.stringContaining('ToolMessage'),
    });
    expect(ofKind('llm_call')[0]).toMatchObject({
      name: 'fake-1',
      model: 'fake-1',
      body: { input: [question], usage: { inputTokens: 12, outputTokens: 5, totalTokens: 17 } },
    });
    expect(ofKind('llm_call')[1]?.body.output).toEqual(answer);
    const root = draftsOf().find((draft) => draft.parentSpanId === null);
    expect(root).toMatchObject({ agent: 'weather-agent', sessionId: 's-17', user: 'u-42' });
  });
});
