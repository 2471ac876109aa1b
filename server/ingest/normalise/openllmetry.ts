import { isArray } from '#server/ingest/clean-text.ts';
import { listOf, memberOf } from '#server/ingest/normalise/attribute-reader.ts';
import { fromChatMessages } from '#server/ingest/normalise/messages.ts';
import { unwrapToolMessage } from '#server/ingest/normalise/unwrap-langchain.ts';
import type { AttributeReader, Content } from '#server/ingest/normalise/attribute-reader.ts';
import type {
  DialectFields,
  DialectReader,
  SpanView,
} from '#server/ingest/normalise/dialect-fields.ts';
import type { EventKind } from '#server/telemetry/contract.ts';

/** OpenLLMetry (Traceloop): entities around GenAI attributes; older versions flatten the messages. */
export const openllmetry: DialectReader = {
  dialect: 'openllmetry',
  isSpoken: (attributes) =>
    attributes.hasNamespace('traceloop') ||
    attributes.has('llm.request.type') ||
    attributes.has('gen_ai.prompt.0.role') ||
    attributes.has('gen_ai.completion.0.role') ||
    attributes.has('gen_ai.prompt.0.content'),
  read: readOpenLlmetry,
};

const kindBySpanKind: Readonly<Record<string, EventKind>> = {
  workflow: 'lifecycle',
  task: 'lifecycle',
  agent: 'lifecycle',
  tool: 'tool_call',
};
const kindByRequestType: Readonly<Record<string, EventKind>> = {
  chat: 'llm_call',
  completion: 'llm_call',
  embedding: 'retrieval',
  rerank: 'retrieval',
};

function readOpenLlmetry(span: SpanView): DialectFields {
  const { attributes } = span;
  const spanKind = attributes.text('traceloop.span.kind') ?? '';
  const requestType = attributes.text('llm.request.type') ?? '';
  const isTool = spanKind === 'tool' || attributes.text('gen_ai.operation.name') === 'execute_tool';
  const entity = attributes.text('traceloop.entity.name');
  const result = isTool ? toolResult(attributes) : undefined;
  return {
    kind: own(kindByRequestType, requestType) ?? own(kindBySpanKind, spanKind),
    // A LangChain tool is reported by its class; the message that it answers with knows its name.
    name: isTool ? (result?.name ?? entity) : undefined,
    // Only an agent's entity names an agent: workflows and tasks carry function and class names.
    agent: spanKind === 'agent' ? entity : undefined,
    conversationId: attributes.text('traceloop.association.properties.session_id'),
    sessionId: attributes.text('traceloop.association.properties.session_id'),
    user: attributes.text('traceloop.association.properties.user_id'),
    callId: result?.callId,
    usage: { totalTokens: attributes.count('llm.usage.total_tokens') },
    input: flattened(attributes, 'gen_ai.prompt.') ?? entityInput(attributes),
    output:
      result?.output ??
      flattened(attributes, 'gen_ai.completion.') ??
      attributes.content('maybe', 'traceloop.entity.output'),
  };
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function flattened(attributes: AttributeReader, prefix: string): Content | undefined {
  const nested = attributes.nested(prefix);
  return nested && { value: fromChatMessages(nested.value, attributes), keys: nested.keys };
}

/**
 * `{"args":["<json>"]}` is a call's only argument, itself JSON; any other input is kept whole. The
 * wrapper is dropped only when there is nothing else in it.
 */
function entityInput(attributes: AttributeReader): Content | undefined {
  const told = attributes.content('maybe', 'traceloop.entity.input');
  if (told === undefined) return undefined;
  const args = memberOf(told.value, 'args');
  const [only] = listOf(args);
  const isWrapper = isArray(args) && args.length === 1 && only !== undefined;
  const hasKwargs = Object.keys(memberOf(told.value, 'kwargs') ?? {}).length > 0;
  if (!isWrapper || hasKwargs) return told;
  return { value: attributes.parse(only, 'maybe'), keys: [] };
}

function toolResult(
  attributes: AttributeReader,
): { output: Content; callId: string | undefined; name: string | undefined } | undefined {
  const told = attributes.content('maybe', 'traceloop.entity.output');
  const message = told === undefined ? null : unwrapToolMessage(told.value, attributes);
  if (message === null) return undefined;
  const output = { value: message.content, keys: [] };
  return { output, callId: message.callId, name: message.name };
}
