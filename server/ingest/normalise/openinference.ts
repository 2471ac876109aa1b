import { isArray, isObject } from '#server/ingest/clean-text.ts';
import { memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import { fromOpenInference } from '#server/ingest/normalise/messages.ts';
import {
  toolCallsOfGeneration,
  unwrapToolMessage,
} from '#server/ingest/normalise/unwrap-langchain.ts';
import type { AttributeReader, Content } from '#server/ingest/normalise/attribute-reader.ts';
import type {
  DialectFields,
  DialectReader,
  SpanView,
} from '#server/ingest/normalise/dialect-fields.ts';
import type { EventKind, Json } from '#server/telemetry/contract.ts';

/** OpenInference (Arize): messages flattened into one attribute a leaf. */
export const openinference: DialectReader = {
  dialect: 'openinference',
  isSpoken: (attributes) =>
    attributes.has('openinference.span.kind') || attributes.hasNamespace('input', 'output', 'llm'),
  read: readOpenInference,
};

const kindBySpanKind: Readonly<Record<string, EventKind>> = {
  LLM: 'llm_call',
  TOOL: 'tool_call',
  RETRIEVER: 'retrieval',
  RERANKER: 'retrieval',
  EMBEDDING: 'retrieval',
  AGENT: 'lifecycle',
  CHAIN: 'lifecycle',
  PROMPT: 'lifecycle',
  EVALUATOR: 'lifecycle',
  GUARDRAIL: 'decision',
};

function readOpenInference(span: SpanView): DialectFields {
  const { attributes } = span;
  const spanKind = attributes.text('openinference.span.kind')?.toUpperCase() ?? '';
  const kind = Object.hasOwn(kindBySpanKind, spanKind) ? kindBySpanKind[spanKind] : undefined;
  const result = kind === 'tool_call' ? toolResult(attributes) : undefined;
  return {
    kind,
    name: kind === 'tool_call' ? (attributes.text('tool.name') ?? result?.name) : undefined,
    agent: attributes.text('agent.name', 'graph.node.id'),
    conversationId: attributes.text('session.id'),
    sessionId: attributes.text('session.id'),
    user:
      attributes.text('user.id') ??
      textOf(attributes.parse(attributes.get('metadata'), 'maybe'), 'user_id'),
    callId: attributes.text('tool_call.id', 'message.tool_call_id', 'tool.id') ?? result?.callId,
    modelAsked: attributes.text('llm.request.model_name', 'llm.model_name'),
    modelAnswered: attributes.text('llm.response.model_name'),
    usage: {
      inputTokens: attributes.count('llm.token_count.prompt'),
      outputTokens: attributes.count('llm.token_count.completion'),
      totalTokens: attributes.count('llm.token_count.total'),
      cachedInputTokens: attributes.count('llm.token_count.prompt_details.cache_read'),
      cacheCreationInputTokens: attributes.count('llm.token_count.prompt_details.cache_write'),
      reasoningTokens: attributes.count('llm.token_count.completion_details.reasoning'),
    },
    input: readInput(attributes, kind),
    output: result?.output ?? readOutput(attributes, kind),
  };
}

function readInput(attributes: AttributeReader, kind: EventKind | undefined): Content | undefined {
  if (kind === 'tool_call') {
    const parameters = attributes.content('maybe', 'tool.parameters');
    const isArguments = parameters !== undefined && !isSchema(parameters.value);
    return isArguments ? parameters : (value(attributes, 'input') ?? callArguments(attributes));
  }
  return (
    messages(attributes, 'llm.input_messages.') ??
    attributes.nested('llm.prompts.') ??
    value(attributes, 'input') ??
    attributes.nested('embedding.embeddings.')
  );
}

/** `tool.parameters` holds the arguments or, in some instrumentations, their JSON schema. */
function isSchema(parameters: Json): boolean {
  return memberOf(parameters, 'type') === 'object' && isObject(memberOf(parameters, 'properties'));
}

function callArguments(attributes: AttributeReader): Content | undefined {
  return attributes.content('json', 'tool_call.function.arguments');
}

function readOutput(attributes: AttributeReader, kind: EventKind | undefined): Content | undefined {
  if (kind === 'llm_call') {
    const told = messages(attributes, 'llm.output_messages.');
    if (told !== undefined) return withLangChainCalls(told, attributes);
  }
  return (
    attributes.nested('retrieval.documents.') ??
    attributes.nested('reranker.output_documents.') ??
    value(attributes, 'output')
  );
}

function messages(attributes: AttributeReader, prefix: string): Content | undefined {
  const nested = attributes.nested(prefix);
  return nested && fromOpenInference(nested, attributes);
}

/** `input.value` or `output.value`, parsed when its media type says JSON or it looks like it. */
function value(attributes: AttributeReader, side: 'input' | 'output'): Content | undefined {
  const isJson = attributes.text(`${side}.mime_type`) === 'application/json';
  return attributes.content(isJson ? 'json' : 'maybe', `${side}.value`);
}

/** A tool's output seen through LangChain's envelope; the envelope stays an attribute. */
function toolResult(
  attributes: AttributeReader,
): { output: Content; callId: string | undefined; name: string | undefined } | undefined {
  const told = attributes.content('maybe', 'output.value');
  const message = told === undefined ? null : unwrapToolMessage(told.value, attributes);
  if (message === null) return undefined;
  return {
    output: { value: message.content, keys: [] },
    callId: message.callId,
    name: message.name,
  };
}

/**
 * LangChain's instrumentation flattens an answer's text but not every tool call in it; those are
 * taken from the generation under `output.value`, which stays an attribute.
 */
function withLangChainCalls(told: Content, attributes: AttributeReader): Content {
  const [first, ...rest] = isArray(told.value) ? told.value : [];
  const parts = memberOf(first, 'parts');
  if (!isObject(first) || !isArray(parts)) return told;
  if (parts.some((part) => memberOf(part, 'type') === 'tool_call')) return told;
  const generation = attributes.content('maybe', 'output.value');
  const calls = generation === undefined ? [] : toolCallsOfGeneration(generation.value);
  if (calls.length === 0) return told;
  return { value: [{ ...first, parts: [...parts, ...calls] }, ...rest], keys: told.keys };
}
