import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Json, JsonObject } from '#server/telemetry/contract.ts';
import { jsonSchema } from '#server/telemetry/contract.ts';
import { normaliseSpan } from './normalise-span.ts';

/**
 * Messages as others read them: what Langfuse made of recorded spans (ChatML beside the export), and
 * what was really sent to a model (OpenLLMetry's cassettes), against what we make of the attributes.
 */
const folder = process.env['SIGNALBOX_TESTDATA'];
const at = (path: string) => join(folder ?? '', 'otel', path);
const readJson = (path: string): unknown => JSON.parse(readFileSync(at(path), 'utf8'));

const bodyOf = (attributes: JsonObject) =>
  normaliseSpan(
    {
      resource: {},
      scope: { name: '', version: '' },
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      parentSpanId: null,
      name: 'a span',
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
  ).draft.body;

const partSchema = z.looseObject({ type: z.string() });
const ourMessages = z.array(z.looseObject({ role: z.string(), parts: z.array(partSchema) }));

/** `role: text`, `role > tool(arguments)`, `role < answer`: what both sides must agree on. */
function linesOfOurs(value: Json): string[] {
  return ourMessages.parse(value).flatMap(({ role, parts }) =>
    parts.map((part) => {
      if (part.type === 'tool_call')
        return `${role} > ${textOf(part['name'])}(${textOf(part['arguments'])})`;
      if (part.type === 'tool_call_response') return `${role}: ${textOf(part['response'])}`;
      return `${role}: ${textOf(part['content'])}`;
    }),
  );
}

const chatMessages = z.array(
  z.looseObject({
    role: z.string().optional(),
    content: jsonSchema.optional(),
    tool_calls: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          arguments: jsonSchema.optional(),
          function: z.looseObject({ name: z.string(), arguments: jsonSchema }).optional(),
        }),
      )
      .nullish(),
  }),
);

function linesOfChat(value: unknown): string[] {
  return chatMessages.parse(value).flatMap(({ role = '?', content, tool_calls: calls }) => {
    const said =
      content === undefined || content === null || content === '' ? [] : [textOf(content)];
    const called = (calls ?? []).map((call) => {
      const args = call.function?.arguments ?? call.arguments;
      return `${role} > ${call.function?.name ?? call.name ?? ''}(${textOf(args)})`;
    });
    return [...said.map((text) => `${role}: ${text}`), ...called];
  });
}

/** JSON text and the value that it holds compare as equal; a list of one text as that text. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return value;
  }
}

const sideSchema = z.object({ success: z.boolean(), data: z.unknown().optional() }).optional();
const chatmlSchema = z.record(z.string(), z.object({ input: sideSchema, output: sideSchema }));
const exportSchema = z.object({
  observations: z.array(z.object({ id: z.string(), metadata: z.unknown() })),
});

function attributesOf(metadata: unknown): JsonObject | null {
  const parsed: unknown = typeof metadata === 'string' ? JSON.parse(metadata) : metadata;
  const attributes = z.looseObject({ attributes: z.unknown() }).safeParse(parsed).data?.attributes;
  const plain: unknown = typeof attributes === 'string' ? JSON.parse(attributes) : attributes;
  return z.record(z.string(), jsonSchema).safeParse(plain).data ?? null;
}

describe.skipIf(folder === undefined)('Langfuse’s reading of recorded spans', () => {
  it.each([
    ['openai-agents-2025-09-30', 4],
    ['crewai-2025-07-11', 1],
  ])('of %s finds nothing that ours lacks', (name, count) => {
    const chatml = chatmlSchema.parse(readJson(`langfuse/${name}.chatml.json`));
    const { observations } = exportSchema.parse(readJson(`langfuse/${name}.trace.json`));
    const compared: string[] = [];
    for (const { id, metadata } of observations) {
      const attributes = attributesOf(metadata);
      if (attributes === null) continue;
      const body = bodyOf(attributes);
      for (const side of ['input', 'output'] as const) {
        const theirs = chatml[id]?.[side];
        if (!theirs?.success || !ourMessages.safeParse(body[side]).success) continue;
        // Langfuse leaves the instructions of OpenAI's agents out; we do not.
        expect(linesOfOurs(body[side])).toEqual(expect.arrayContaining(linesOfChat(theirs.data)));
        compared.push(`${id} ${side}`);
      }
    }
    expect(compared.length).toBeGreaterThanOrEqual(count);
  });
});

const cassetteSchema = z.object({
  interactions: z.array(z.object({ request: z.object({ body: z.unknown() }) })),
});

/** Said in one text: parts of other providers have tables of their own. */
function isPlain(message: z.infer<typeof chatMessages>[number]): boolean {
  return message.content === null || ['string', 'undefined'].includes(typeof message.content);
}

/** As OpenLLMetry flattens a chat request: one attribute a leaf under `gen_ai.prompt.N`. */
function flattenPrompt(messages: z.infer<typeof chatMessages>): JsonObject {
  const attributes: Record<string, Json> = { 'llm.request.type': 'chat' };
  for (const [n, message] of messages.entries()) {
    const { role, content, tool_calls: calls } = message;
    const prefix = `gen_ai.prompt.${n}`;
    attributes[`${prefix}.role`] = role ?? '';
    if (content !== undefined && content !== null) attributes[`${prefix}.content`] = content;
    if (message['tool_call_id'])
      attributes[`${prefix}.tool_call_id`] = textOf(message['tool_call_id']);
    for (const [m, call] of (calls ?? []).entries()) {
      attributes[`${prefix}.tool_calls.${m}.id`] = textOf(call['id']);
      attributes[`${prefix}.tool_calls.${m}.name`] = call.function?.name ?? '';
      attributes[`${prefix}.tool_calls.${m}.arguments`] = call.function?.arguments ?? '';
    }
  }
  return attributes;
}

describe.skipIf(folder === undefined)('recorded model requests, flattened by OpenLLMetry', () => {
  it('come back as what was sent', () => {
    let requests = 0;
    let calls = 0;
    for (const file of readdirSync(at('openllmetry-cassettes'))) {
      const text = readFileSync(at(`openllmetry-cassettes/${file}`), 'utf8');
      for (const { request } of cassetteSchema.parse(parse(text)).interactions) {
        if (typeof request.body !== 'string' || !request.body.startsWith('{')) continue;
        const sent = z.looseObject({ messages: chatMessages }).safeParse(JSON.parse(request.body));
        if (!sent.success || !sent.data.messages.every(isPlain)) continue;
        const lines = linesOfChat(sent.data.messages);
        expect(linesOfOurs(bodyOf(flattenPrompt(sent.data.messages)).input)).toEqual(lines);
        requests += 1;
        calls += lines.filter((line) => line.includes(' > ')).length;
      }
    }
    expect(requests).toBeGreaterThan(20);
    expect(calls).toBeGreaterThan(5);
  });
});
