import { memberOf } from '#server/ingest/normalise/attribute-reader.ts';
import { kindOfOperation } from '#server/ingest/normalise/otel-genai.ts';
import type { AttributeReader } from '#server/ingest/normalise/attribute-reader.ts';
import type {
  DialectFields,
  DialectReader,
  SpanView,
} from '#server/ingest/normalise/dialect-fields.ts';
import type { EventKind, JsonObject } from '#server/telemetry/contract.ts';

/**
 * What no AI dialect says but others do: OTel's general conventions (session, user, databases), and
 * the marks of Langfuse, LangSmith, Google ADK and Pydantic AI. Asked last.
 */
export const plain: DialectReader = {
  dialect: 'otlp_plain',
  isSpoken: () => true,
  read: readPlain,
};

const kindByMark: Readonly<Record<string, EventKind>> = {
  generation: 'llm_call',
  llm: 'llm_call',
  tool: 'tool_call',
  retriever: 'retrieval',
  embedding: 'retrieval',
  guardrail: 'decision',
  agent: 'lifecycle',
  chain: 'lifecycle',
  span: 'lifecycle',
  event: 'lifecycle',
};

function readPlain(span: SpanView): DialectFields {
  const { attributes } = span;
  const database = databaseOf(attributes);
  const kind = kindOf(attributes) ?? (database === undefined ? undefined : 'data_access');
  const session = attributes.text(
    'session.id',
    'langfuse.session.id',
    'thread.id',
    'langsmith.metadata.thread_id',
    'langsmith.metadata.session_id',
    'gcp.vertex.agent.session_id',
  );
  const tokens = attributes.parse(attributes.get('langfuse.observation.usage_details'), 'maybe');
  return {
    kind,
    name: kind === 'tool_call' ? attributes.text('tool_name') : undefined,
    agent: attributes.text('agent_name'),
    conversationId: session,
    sessionId: session,
    user: attributes.text('enduser.id', 'user.id', 'langfuse.user.id'),
    callId: attributes.text('tool_use_id'),
    modelAsked: attributes.text('langfuse.observation.model.name', 'model_name'),
    usage: { inputTokens: countOf(tokens, 'input'), outputTokens: countOf(tokens, 'output') },
    input: attributes.content(
      'maybe',
      'langfuse.observation.input',
      'gcp.vertex.agent.tool_call_args',
      'tool_arguments',
      'gcp.vertex.agent.llm_request',
      'db.query.text',
      'db.statement',
      'input',
    ),
    output: attributes.content(
      'maybe',
      'langfuse.observation.output',
      'gcp.vertex.agent.tool_response',
      'tool_response',
      'gcp.vertex.agent.llm_response',
      'output',
    ),
    data: database,
    origin: attributes.text('url.full', 'http.url')?.slice(0, 1024),
  };
}

function kindOf(attributes: AttributeReader): EventKind | undefined {
  const mark = attributes.text('langfuse.observation.type', 'langsmith.span.kind')?.toLowerCase();
  if (mark === undefined) return undefined;
  return Object.hasOwn(kindByMark, mark) ? kindByMark[mark] : kindOfOperation(mark);
}

/** The database, schema and table of a client span (OTel database conventions, old and new). */
function databaseOf(attributes: AttributeReader): JsonObject | undefined {
  const system = attributes.text('db.system.name', 'db.system');
  if (system === undefined) return undefined;
  const place = [
    attributes.text('db.namespace', 'db.name'),
    attributes.text('db.collection.name', 'db.sql.table', 'db.mongodb.collection'),
  ].filter((part) => part !== undefined);
  const rows = attributes.count('db.response.returned_rows');
  const resource = [system, ...place].join('/').slice(0, 1024);
  return rows === undefined ? { resource } : { resource, rows };
}

function countOf(tokens: Parameters<typeof memberOf>[0], key: string): number | undefined {
  const value = memberOf(tokens, key);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
