import { isArray, isObject } from '#server/ingest/clean-text.ts';
import { listOf, memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import { fromChatMessages, textPart, toolCallPart } from '#server/ingest/normalise/messages.ts';
import type { AttributeReader, Content } from '#server/ingest/normalise/attribute-reader.ts';
import type {
  DialectFields,
  DialectReader,
  SpanView,
} from '#server/ingest/normalise/dialect-fields.ts';
import type { EventKind, Json } from '#server/telemetry/contract.ts';

/** The Vercel AI SDK's own `ai.*` attributes: versions up to 6, and `LegacyOpenTelemetry` of 7. */
export const vercelAi: DialectReader = {
  dialect: 'vercel_ai',
  isSpoken: (attributes) => attributes.hasNamespace('ai'),
  read: readVercelAi,
};

function readVercelAi(span: SpanView): DialectFields {
  const { attributes } = span;
  const kind = kindOf(attributes.text('ai.operationId') ?? '');
  const session = attributes.text('ai.telemetry.metadata.sessionId');
  return {
    kind,
    name: attributes.text('ai.toolCall.name'),
    agent: attributes.text('ai.telemetry.metadata.agentId', 'ai.telemetry.functionId'),
    conversationId: session,
    sessionId: session,
    user: attributes.text('ai.telemetry.metadata.userId'),
    callId: attributes.text('ai.toolCall.id'),
    modelAsked: attributes.text('ai.model.id'),
    modelAnswered: attributes.text('ai.response.model'),
    usage: {
      inputTokens: attributes.count('ai.usage.inputTokens', 'ai.usage.promptTokens'),
      outputTokens: attributes.count('ai.usage.outputTokens', 'ai.usage.completionTokens'),
      totalTokens: attributes.count('ai.usage.totalTokens'),
      cachedInputTokens: attributes.count('ai.usage.cachedInputTokens'),
      cacheCreationInputTokens: attributes.count('ai.usage.inputTokenDetails.cacheWriteTokens'),
      reasoningTokens: attributes.count('ai.usage.reasoningTokens'),
    },
    input:
      kind === 'tool_call' ? attributes.content('json', 'ai.toolCall.args') : prompt(attributes),
    output:
      kind === 'tool_call'
        ? attributes.content('json', 'ai.toolCall.result')
        : response(attributes),
  };
}

/** The outer span of a function (`ai.generateText`) frames the model calls (`….doGenerate`) in it. */
function kindOf(operation: string): EventKind | undefined {
  if (operation === 'ai.toolCall') return 'tool_call';
  if (/\.do(Generate|Stream)$/.test(operation)) return 'llm_call';
  if (/\.do(Embed|Rerank)$/.test(operation)) return 'retrieval';
  return operation === '' ? undefined : 'lifecycle';
}

function prompt(attributes: AttributeReader): Content | undefined {
  const messages = attributes.content('json', 'ai.prompt.messages');
  if (messages !== undefined) {
    return { ...messages, value: fromChatMessages(messages.value, attributes) };
  }
  const outer = attributes.content('json', 'ai.prompt');
  if (outer === undefined) {
    return attributes.content('json', 'ai.value') ?? attributes.content('maybe', 'ai.values');
  }
  return { keys: outer.keys, value: outerPrompt(outer.value, attributes) };
}

/** `{ system, prompt }` or `{ system, messages }`; any other member keeps the whole as it is. */
function outerPrompt(value: Json, attributes: AttributeReader): Json {
  if (!isObject(value)) return value;
  const { system, prompt: text, messages, ...rest } = value;
  if (Object.keys(rest).length > 0) return value;
  const asked: Json[] = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    ...(isArray(messages) ? messages : []),
    ...(typeof text === 'string' ? [{ role: 'user', content: text }] : listOf(text)),
  ];
  return fromChatMessages(asked, attributes);
}

function response(attributes: AttributeReader): Content | undefined {
  const text = attributes.text('ai.response.text');
  const reasoning = attributes.text('ai.response.reasoning');
  const object = attributes.content('json', 'ai.response.object');
  const calls = attributes.content('json', 'ai.response.toolCalls');
  if (calls !== undefined && !isArray(calls.value)) return calls;
  const parts: Json[] = [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning', content: reasoning }]),
    ...(text === undefined ? [] : [textPart(text)]),
    ...(object === undefined ? [] : [{ type: 'object', content: object.value }]),
    ...listOf(calls?.value).map((call) => callPart(call)),
  ];
  if (parts.length === 0) return undefined;
  const finishReason = attributes.text('ai.response.finishReason');
  const message = { role: 'assistant', parts, finish_reason: finishReason ?? null };
  const keys = ['ai.response.text', 'ai.response.reasoning', ...(object?.keys ?? [])];
  return { value: [message], keys: [...keys, ...(calls?.keys ?? [])] };
}

function callPart(call: Json): Json {
  if (textOf(call, 'toolName') === undefined || !isObject(call)) return call;
  const { toolCallId, toolName, input, args, ...rest } = call;
  return {
    ...toolCallPart(toolCallId, toolName, input ?? args ?? memberOf(call, 'input')),
    ...rest,
  };
}
