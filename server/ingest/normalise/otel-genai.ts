import { isObject } from '#server/ingest/clean-text.ts';
import { memberOf } from '#server/ingest/normalise/attribute-reader.ts';
import { fromChatMessages, withSystem } from '#server/ingest/normalise/messages.ts';
import type { AttributeReader, Content } from '#server/ingest/normalise/attribute-reader.ts';
import type {
  DialectFields,
  DialectReader,
  SpanView,
} from '#server/ingest/normalise/dialect-fields.ts';
import type { EventKind, Json } from '#server/telemetry/contract.ts';

/**
 * OpenTelemetry's GenAI and MCP conventions (open-telemetry/semantic-conventions-genai, status
 * Development), the names they had before, and `agent_step` of the AI SDK 7.
 */
export const otelGenai: DialectReader = {
  dialect: 'otel_genai',
  isSpoken: (attributes) => attributes.hasNamespace('gen_ai', 'mcp'),
  read: readOtelGenai,
};

const kindByOperation: Readonly<Record<string, EventKind>> = {
  chat: 'llm_call',
  generate_content: 'llm_call',
  text_completion: 'llm_call',
  embeddings: 'retrieval',
  retrieval: 'retrieval',
  execute_tool: 'tool_call',
  invoke_agent: 'lifecycle',
  invoke_workflow: 'lifecycle',
  plan: 'lifecycle',
  agent_step: 'lifecycle',
  create_agent: 'spawn',
  run_guardrail: 'decision',
  search_memory: 'memory_read',
  create_memory: 'memory_write',
  update_memory: 'memory_write',
  upsert_memory: 'memory_write',
  delete_memory: 'memory_write',
  create_memory_store: 'memory_write',
  delete_memory_store: 'memory_write',
};

/** Kind of a `gen_ai.operation.name`; undefined for a word that is not known. */
export function kindOfOperation(operation: string | undefined): EventKind | undefined {
  if (operation === undefined || !Object.hasOwn(kindByOperation, operation)) return undefined;
  return kindByOperation[operation];
}

function readOtelGenai(span: SpanView): DialectFields {
  const { attributes } = span;
  const kind = readKind(attributes);
  return {
    kind,
    name: readName(attributes, kind),
    // Of `create_agent` it is the agent that is made, never the one that makes it.
    agent: kind === 'spawn' ? undefined : attributes.text('gen_ai.agent.name', 'gen_ai.agent.id'),
    conversationId: attributes.text('gen_ai.conversation.id'),
    sessionId: attributes.text('mcp.session.id'),
    callId: attributes.text('gen_ai.tool.call.id'),
    modelAsked: attributes.text('gen_ai.request.model'),
    modelAnswered: attributes.text('gen_ai.response.model'),
    usage: {
      inputTokens: attributes.count('gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'),
      outputTokens: attributes.count(
        'gen_ai.usage.output_tokens',
        'gen_ai.usage.completion_tokens',
      ),
      totalTokens: attributes.count('gen_ai.usage.total_tokens'),
      cachedInputTokens: attributes.count(
        'gen_ai.usage.cache_read.input_tokens',
        'gen_ai.usage.cache_read_input_tokens',
      ),
      cacheCreationInputTokens: attributes.count(
        'gen_ai.usage.cache_creation.input_tokens',
        'gen_ai.usage.cache_creation_input_tokens',
      ),
      reasoningTokens: attributes.count(
        'gen_ai.usage.reasoning.output_tokens',
        'gen_ai.usage.reasoning_tokens',
      ),
    },
    input: readInput(span, kind),
    output: readOutput(span, kind),
    data: readData(attributes),
  };
}

function readKind(attributes: AttributeReader): EventKind | undefined {
  const known = kindOfOperation(attributes.text('gen_ai.operation.name'));
  if (known !== undefined) return known;
  if (attributes.has('gen_ai.guardrail.verdict.type')) return 'decision';
  const method = attributes.text('mcp.method.name');
  if (method === 'tools/call') return 'tool_call';
  if (method === 'resources/read') return 'data_access';
  if (method !== undefined) return 'lifecycle';
  // Some instrumentations name no operation: the call's own attributes tell.
  if (attributes.has('gen_ai.tool.name')) return 'tool_call';
  const isAnswered =
    attributes.has('gen_ai.response.id') || attributes.has('gen_ai.response.model');
  return isAnswered && attributes.has('gen_ai.request.model') ? 'llm_call' : undefined;
}

function readName(attributes: AttributeReader, kind: EventKind | undefined): string | undefined {
  if (kind === 'decision') return attributes.text('gen_ai.guardrail.name', 'gen_ai.guardrail.id');
  if (kind === 'spawn') return attributes.text('gen_ai.agent.name', 'gen_ai.agent.id');
  return kind === 'tool_call'
    ? attributes.text('gen_ai.tool.name', 'gen_ai.serialized.name')
    : undefined;
}

function readInput(span: SpanView, kind: EventKind | undefined): Content | undefined {
  const { attributes } = span;
  switch (kind) {
    case 'tool_call':
      return attributes.content('json', 'gen_ai.tool.call.arguments');
    case 'retrieval':
      return attributes.content('text', 'gen_ai.retrieval.query.text');
    case 'memory_read':
      return attributes.content('text', 'gen_ai.memory.query.text');
    case 'memory_write':
      return attributes.content('maybe', 'gen_ai.memory.records');
    default:
      return (
        withSystem(
          attributes.content('maybe', 'gen_ai.system_instructions'),
          messages(attributes, 'gen_ai.input.messages', 'gen_ai.prompt'),
        ) ?? messageEvents(span, 'input')
      );
  }
}

function readOutput(span: SpanView, kind: EventKind | undefined): Content | undefined {
  const { attributes } = span;
  switch (kind) {
    case 'tool_call':
      return attributes.content('maybe', 'gen_ai.tool.call.result');
    case 'retrieval':
      return attributes.content('maybe', 'gen_ai.retrieval.documents');
    case 'memory_read':
      return attributes.content('maybe', 'gen_ai.memory.records');
    default:
      return (
        messages(attributes, 'gen_ai.output.messages', 'gen_ai.completion') ??
        messageEvents(span, 'output')
      );
  }
}

function messages(attributes: AttributeReader, ...keys: string[]): Content | undefined {
  const content = attributes.content('maybe', ...keys);
  return content && { ...content, value: fromChatMessages(content.value, attributes) };
}

const detailsEvent = 'gen_ai.client.inference.operation.details';

/**
 * Messages that came as span events: one details event, or one event a message as in the
 * conventions before mid 2025 (`gen_ai.user.message`, `gen_ai.choice`).
 */
function messageEvents(span: SpanView, side: 'input' | 'output'): Content | undefined {
  const details = span.events.find((event) => event.name === detailsEvent);
  if (details !== undefined) {
    const reader = span.attributes;
    const told = memberOf(details.attributes, `gen_ai.${side}.messages`);
    if (told !== null)
      return { value: fromChatMessages(reader.parse(told, 'maybe'), reader), keys: [] };
  }
  const found = span.events.flatMap((event): Json[] => {
    const role = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(event.name)?.[1];
    const isChoice = event.name === 'gen_ai.choice';
    if (side === 'input' ? role === undefined : !isChoice) return [];
    return [messageOfEvent(event.attributes, role ?? 'assistant', span.attributes)];
  });
  return found.length === 0 ? undefined : { value: found, keys: [] };
}

function messageOfEvent(event: Json, role: string, reader: AttributeReader): Json {
  const told = reader.parse(memberOf(event, 'message'), 'maybe');
  const base = isObject(told) ? told : isObject(event) ? event : {};
  const calls = reader.parse(memberOf(base, 'tool_calls'), 'maybe');
  const message = { role, ...base, ...(calls === null ? {} : { tool_calls: calls }) };
  return listFirst(fromChatMessages([message], reader));
}

function listFirst(value: Json): Json {
  return Array.isArray(value) ? (value[0] ?? null) : value;
}

/** The store or resource that was touched, where the conventions name one. */
function readData(attributes: AttributeReader): DialectFields['data'] {
  const resource = attributes.text(
    'mcp.resource.uri',
    'gen_ai.data_source.id',
    'gen_ai.memory.store.id',
  );
  return resource === undefined ? undefined : { resource: resource.slice(0, 1024) };
}
