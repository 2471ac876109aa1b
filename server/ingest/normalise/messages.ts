import { isArray, isObject } from '#server/ingest/clean-text.ts';
import { listOf, memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import type { AttributeReader, Content } from '#server/ingest/normalise/attribute-reader.ts';
import type { Json, JsonObject } from '#server/telemetry/contract.ts';

/**
 * Every dialect's messages become those of OTel's GenAI conventions, so that screens, rules and the
 * guard read one shape: `[{ role, parts: [{ type: 'text', content } | { type: 'tool_call', id, name,
 * arguments } | { type: 'tool_call_response', id, response } | …], … }]`. Members that have no place
 * there stay beside it under their own names.
 */

/** System instructions come first, as a message of their own. */
export function withSystem(
  system: Content | undefined,
  messages: Content | undefined,
): Content | undefined {
  if (system === undefined) return messages;
  const parts = isArray(system.value) ? system.value : [textPart(system.value)];
  const first: Json = { role: 'system', parts };
  if (messages === undefined) return { value: [first], keys: system.keys };
  const rest = isArray(messages.value) ? messages.value : [messages.value];
  return { value: [first, ...rest], keys: [...system.keys, ...messages.keys] };
}

/** OpenInference's flattened `message` objects, nested again. */
export function fromOpenInference(content: Content, reader: AttributeReader): Content {
  const messages = listOf(content.value).map((entry) => {
    const message = memberOf(entry, 'message');
    return isObject(message) ? openInferenceMessage(message, reader) : entry;
  });
  return { value: messages, keys: content.keys };
}

function openInferenceMessage(message: JsonObject, reader: AttributeReader): Json {
  const { role, content, contents, tool_calls: calls, tool_call_id: callId, ...rest } = message;
  const texts = [
    ...(content === undefined || content === '' ? [] : [content]),
    ...listOf(contents).map((entry) => openInferencePart(memberOf(entry, 'message_content'))),
  ];
  const isAnswer = role === 'tool' && callId !== undefined;
  const parts = isAnswer
    ? [toolResponsePart(callId, contentValue(texts))]
    : texts.map((text) => (typeof text === 'string' ? textPart(text) : text));
  const toolCalls = listOf(calls).map((entry) => {
    const call = memberOf(entry, 'tool_call');
    const fn = memberOf(call, 'function');
    const args = reader.parse(memberOf(fn, 'arguments'), 'json');
    return toolCallPart(memberOf(call, 'id'), memberOf(fn, 'name'), args);
  });
  return { role: role ?? null, parts: [...parts, ...toolCalls], ...rest };
}

function openInferencePart(part: Json): Json {
  if (textOf(part, 'type') !== 'text' || !isObject(part)) return part;
  return textOf(part, 'text') ?? '';
}

/** One text stays text; several values stay a list. */
function contentValue(values: readonly Json[]): Json {
  return values.length === 1 ? (values[0] ?? null) : values;
}

/**
 * Messages with `content` as a string or a list of typed parts: the Vercel AI SDK's
 * (`tool-call`, `tool-result`), Anthropic's (`tool_use`, `tool_result`), the chat-completions form
 * (`tool_calls` beside the content) and old GenAI message events. Messages that already have `parts` stay as they are.
 */
export function fromChatMessages(value: Json, reader: AttributeReader): Json {
  return isArray(value) ? value.map((message) => chatMessage(message, reader)) : value;
}

function chatMessage(message: Json, reader: AttributeReader): Json {
  if (!isObject(message) || message['parts'] !== undefined) return message;
  const { role, content, tool_calls: calls, tool_call_id: callId, ...rest } = message;
  if (role === undefined) return message;
  const contents = isArray(content)
    ? content
    : content === undefined || content === ''
      ? []
      : [content];
  const isAnswer = role === 'tool' && callId !== undefined;
  const parts = isAnswer
    ? [toolResponsePart(callId, content ?? null)]
    : contents.filter((part) => part !== null).map((part) => chatPart(part));
  const toolCalls = listOf(calls).map((call) => {
    const fn = memberOf(call, 'function');
    const args = memberOf(fn, 'arguments') ?? memberOf(call, 'arguments') ?? memberOf(call, 'args');
    const name = memberOf(fn, 'name') ?? memberOf(call, 'name');
    return toolCallPart(memberOf(call, 'id'), name, reader.parse(args, 'json'));
  });
  return { role, parts: [...parts, ...toolCalls], ...rest };
}

function chatPart(part: Json): Json {
  if (typeof part === 'string') return textPart(part);
  if (!isObject(part)) return textPart(part);
  const { type, text, toolCallId, toolName, input, args, output, result, ...rest } = part;
  switch (type) {
    case 'text':
    case 'reasoning':
      return { type, content: text ?? null, ...rest };
    case 'tool-call':
      return { ...toolCallPart(toolCallId, toolName, input ?? args ?? null), ...rest };
    case 'tool-result': {
      const response = toolResponsePart(toolCallId, unwrapResult(output ?? result ?? null));
      return { ...response, name: toolName ?? null, ...rest };
    }
    case 'tool_use': {
      const { id, name, ...others } = rest;
      return { ...toolCallPart(id, name, input ?? null), ...others };
    }
    case 'tool_result': {
      const { tool_use_id: id, content, ...others } = rest;
      return { ...toolResponsePart(id, content ?? null), ...others };
    }
    default:
      return part;
  }
}

/** The AI SDK wraps a result as `{ type: 'json' | 'text', value }`. */
function unwrapResult(output: Json): Json {
  const type = textOf(output, 'type');
  if (isObject(output) && (type === 'json' || type === 'text') && 'value' in output) {
    return output['value'] ?? null;
  }
  return output;
}

export function textPart(content: Json): JsonObject {
  return { type: 'text', content };
}

export function toolCallPart(id: Json | undefined, name: Json | undefined, args: Json): JsonObject {
  return { type: 'tool_call', id: id ?? null, name: name ?? null, arguments: args };
}

function toolResponsePart(id: Json | undefined, response: Json): JsonObject {
  return { type: 'tool_call_response', id: id ?? null, response };
}
