import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertGenAISpanAttributesToOpenInferenceSpanAttributes } from '@arizeai/openinference-genai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '#server/telemetry/contract.ts';
import { jsonSchema } from '#server/telemetry/contract.ts';
import { normaliseSpan } from './normalise-span.ts';

/** Recorded by others: framework integrations as Langfuse exports them, and OpenInference's fixtures. */
const folder = process.env['SIGNALBOX_TESTDATA'];
const read = (path: string): unknown =>
  JSON.parse(readFileSync(join(folder ?? '', 'otel', path), 'utf8'));

const attributesSchema = z.record(z.string(), jsonSchema);
const draftOf = (name: string, attributes: JsonObject, resource: JsonObject = {}) =>
  normaliseSpan(
    {
      resource,
      scope: { name: '', version: '' },
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      parentSpanId: null,
      name,
      kind: 1,
      startedAt: '2026-11-22T08:00:00.000000Z',
      endedAt: null,
      attributes,
      events: [],
      links: [],
      statusCode: 0,
      statusMessage: '',
      flags: new Set(),
    },
    0,
  ).draft;

/** Some exports hold an object, others its text. */
function parseText(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

const observationsSchema = z.object({
  observations: z.array(
    z.object({
      name: z.string(),
      metadata: z.preprocess(
        parseText,
        z
          .looseObject({ attributes: z.preprocess(parseText, attributesSchema.optional()) })
          .nullable(),
      ),
    }),
  ),
});

/** kind, name, agent, model of every observation that carries its span's attributes, sorted. */
function summaryOf(file: string): string[] {
  const { observations } = observationsSchema.parse(read(`langfuse/${file}.trace.json`));
  return observations
    .flatMap(({ name, metadata }) => {
      const attributes = metadata?.attributes;
      if (attributes === undefined) return [];
      const draft = draftOf(name, attributes);
      return [[draft.kind, draft.name, draft.agent ?? '-', draft.model ?? '-'].join(' | ')];
    })
    .sort();
}

describe.skipIf(folder === undefined)('recorded spans', () => {
  it.each([
    [
      'agno-2025-06-11',
      [
        'lifecycle | Agent.run | - | -',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini',
        'tool_call | duckduckgo_search | - | -',
      ],
    ],
    [
      'openai-agents-2025-09-30',
      [
        'lifecycle | Agent workflow | - | -',
        'lifecycle | Hello world | hello-world | -',
        'llm_call | gpt-4.1-2025-04-14 | - | gpt-4.1-2025-04-14',
        'llm_call | gpt-4.1-2025-04-14 | - | gpt-4.1-2025-04-14',
        'tool_call | get_weather | - | -',
      ],
    ],
    [
      'google-adk-2025-08-28',
      [
        'lifecycle | agent_run [hello_agent] | - | -',
        'lifecycle | invocation [hello_app] | - | -',
        'llm_call | gemini-2.0-flash | - | gemini-2.0-flash',
        'llm_call | gemini-2.0-flash | - | gemini-2.0-flash',
        'tool_call | say_hello | - | -',
      ],
    ],
    [
      'claude-agent-2025-12-22',
      [
        'lifecycle | claude.conversation | - | -',
        'llm_call | claude-sonnet-4-5-20250929 | - | claude-sonnet-4-5-20250929',
        'llm_call | claude-sonnet-4-5-20250929 | - | claude-sonnet-4-5-20250929',
        'llm_call | claude-sonnet-4-5-20250929 | - | claude-sonnet-4-5-20250929',
        'llm_call | claude-sonnet-4-5-20250929 | - | claude-sonnet-4-5-20250929',
        'tool_call | mcp__weather__get_weather | - | -',
        'tool_call | mcp__weather__get_weather | - | -',
      ],
    ],
    [
      'pydantic-ai-tools-2025-12-04',
      [
        'lifecycle | evaluator_agent run | evaluator_agent | gpt-4o-mini',
        'lifecycle | joke_agent run | joke_agent | gpt-4o-mini',
        'lifecycle | joke_agent run | joke_agent | gpt-4o-mini',
        'lifecycle | running 3 tools | - | -',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini-2024-07-18',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini-2024-07-18',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini-2024-07-18',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini-2024-07-18',
        'tool_call | get_dad_joke_suggestion | - | -',
        'tool_call | get_one_liner_suggestion | - | -',
        'tool_call | get_pun_suggestion | - | -',
      ],
    ],
    [
      'crewai-2025-07-11',
      [
        'lifecycle | Crew Created | - | -',
        'lifecycle | Crew.kickoff | - | -',
        'lifecycle | Task Created | - | -',
        'lifecycle | Task._execute_core | - | -',
        'llm_call | gpt-4o-mini | - | gpt-4o-mini',
      ],
    ],
    ['llamaindex-2025-06-05', ['llm_call | gpt-4o | - | gpt-4o']],
    ['pydantic-ai-with-gemini-2025-12-24', ['llm_call | gemini-2.5-flash | - | gemini-2.5-flash']],
  ])('of %s', (file, expected) => {
    expect(summaryOf(file)).toEqual(expected);
  });

  it('give a tool’s arguments and result', () => {
    const { observations } = observationsSchema.parse(
      read('langfuse/openai-agents-2025-09-30.trace.json'),
    );
    const tool = observations.find((one) => one.name === 'get_weather');
    const draft = draftOf('get_weather', tool?.metadata?.attributes ?? {});
    expect(draft.body).toMatchObject({
      input: { city: 'Tokyo' },
      source: { trust: 'untrusted' },
    });
    expect(typeof draft.body.output).toBe('string');
  });

  it('keep every attribute, in the body or beside it', () => {
    for (const file of ['agno-2025-06-11', 'openai-agents-2025-09-30', 'crewai-2025-07-11']) {
      const { observations } = observationsSchema.parse(read(`langfuse/${file}.trace.json`));
      for (const { name, metadata } of observations) {
        const attributes = metadata?.attributes ?? {};
        const { body } = draftOf(name, attributes);
        const kept = JSON.stringify([body.input, body.output]);
        for (const [key, value] of Object.entries(attributes)) {
          if (Object.hasOwn(body.attributes, key)) continue;
          expect(leavesOf(value).filter((text) => !kept.includes(text))).toEqual([]);
        }
      }
    }
  });
});

/** Longer words of every text in a value: what must be found again wherever it went. */
function leavesOf(value: Json): string[] {
  const parsed = typeof value === 'string' ? value : JSON.stringify(value);
  return parsed.match(/[a-z]{6,}/gi) ?? [];
}

describe.skipIf(folder === undefined)('OpenInference’s own converter as oracle', () => {
  const convert = convertGenAISpanAttributesToOpenInferenceSpanAttributes;

  it.each(['otel_genai_client_span_tool_calls', 'otel_genai_tool_execution_span'])(
    'agrees on %s',
    (file) => {
      const genai = attributesSchema.parse(read(`openinference/${file}.json`));
      const ours = draftOf('a span', genai);
      // The converter takes span attributes, which these are once parsed.
      const converted = convert(genai as Parameters<typeof convert>[0]);
      const theirs = draftOf('a span', attributesSchema.parse(converted));
      expect(theirs.kind).toBe(ours.kind);
      expect(theirs.model).toBe(ours.model);
      expect(theirs.callId).toBe(ours.callId);
      expect(theirs.body.usage).toMatchObject(ours.body.usage ?? {});
      if (ours.kind === 'llm_call') {
        expect(theirs.body.input).toEqual(ours.body.input);
        expect(plainMessages(theirs.body.output)).toEqual(plainMessages(ours.body.output));
      } else {
        expect(theirs.name).toBe(ours.name);
      }
    },
  );

  it('agrees on the fixture that it ships beside the GenAI one', () => {
    const genai = attributesSchema.parse(
      read('openinference/otel_genai_client_span_tool_calls.json'),
    );
    const shipped = attributesSchema.parse(
      read('openinference/openinference_client_span_tool_calls.json'),
    );
    const ours = draftOf('a span', genai);
    const theirs = draftOf('a span', shipped);
    expect(theirs.body.input).toEqual(ours.body.input);
    expect(plainMessages(theirs.body.output)).toEqual(plainMessages(ours.body.output));
    expect(theirs.body.usage).toMatchObject(ours.body.usage ?? {});
  });

  it('reads the deprecated names too', () => {
    const old = attributesSchema.parse(
      read('openinference/otel_genai_deprecated_client_span_tool_calls.json'),
    );
    const current = attributesSchema.parse(
      read('openinference/otel_genai_client_span_tool_calls.json'),
    );
    expect(draftOf('a span', old).body.input).toEqual(draftOf('a span', current).body.input);
  });
});

/** OpenInference has no finish reason: left out of the comparison. */
function plainMessages(value: Json): Json {
  const messages = z.array(z.looseObject({ role: z.string(), parts: jsonSchema })).parse(value);
  return messages.map(({ role, parts }) => ({ role, parts }));
}
