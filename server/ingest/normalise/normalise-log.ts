import { sha256Hex } from '#server/kernel/hash.ts';
import { isObject } from '#server/ingest/clean-text.ts';
import { AttributeReader, memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import { buildDraft } from '#server/ingest/normalise/build-draft.ts';
import { claudeCodeEventName, readClaudeCode } from '#server/ingest/normalise/claude-code.ts';
import { mergeFields } from '#server/ingest/normalise/dialect-fields.ts';
import { fromChatMessages } from '#server/ingest/normalise/messages.ts';
import { otelGenai } from '#server/ingest/normalise/otel-genai.ts';
import { plain } from '#server/ingest/normalise/plain.ts';
import { addShared } from '#server/ingest/normalise/normalise-span.ts';
import type { DialectFields } from '#server/ingest/normalise/dialect-fields.ts';
import type { DraftFacts } from '#server/ingest/normalise/build-draft.ts';
import type { NormalisedEvent } from '#server/ingest/contract.ts';
import type { OtlpLog } from '#server/ingest/otlp-model.ts';
import type {
  Dialect,
  EventKind,
  EventStatus,
  Json,
  JsonObject,
} from '#server/telemetry/contract.ts';

/** SeverityNumber from which a record tells of an error (OTel logs data model: ERROR is 17–20). */
const severityError = 17;

/** What a record turned out to tell. */
interface LogReading {
  readonly fields: DialectFields;
  readonly kind: EventKind;
  readonly phase: 'end' | null;
  readonly name: string;
  readonly status: EventStatus;
  readonly error: Json;
  readonly durationMs: number | null;
  readonly dialect: Dialect;
}

/**
 * A log record as an event; pure. A record has no id of its own: it gets `log-` and 32 digits of the
 * hash of all it says, so that a re-sent record is a duplicate, and two records equal in everything,
 * time included, are one event. Its span is the event's parent.
 */
export function normaliseLog(log: OtlpLog, index: number): NormalisedEvent {
  const reader = new AttributeReader(log.attributes, new Set(log.flags));
  const reading = readLog(log, reader);
  const id = `log-${hashOf(contentOf(log))}`;
  const facts: DraftFacts = {
    id,
    traceId: log.traceId ?? gatheredTraceId(log, reader, id),
    spanId: null,
    parentSpanId: log.spanId,
    kind: reading.kind,
    phase: reading.phase,
    name: reading.name,
    startedAt: earlier(log.at, reading.durationMs ?? 0),
    endedAt: reading.durationMs === null ? null : log.at,
    status: reading.status,
    error: reading.error,
    resource: log.resource,
    dialect: reading.dialect,
    otel: otelFacts(log),
  };
  return { ...buildDraft(facts, reading.fields, reader), index };
}

function readLog(log: OtlpLog, reader: AttributeReader): LogReading {
  const claudeCode = claudeCodeEventName(log.eventName, log.body, reader);
  if (claudeCode !== null) {
    return { ...readClaudeCode(claudeCode, reader), phase: null, dialect: 'claude_code' };
  }
  const name = log.eventName || (reader.text('event.name') ?? '');
  const view = { name, events: [], attributes: reader };
  const spoken = [otelGenai, plain].filter((dialect) => dialect.isSpoken(reader));
  const attributes = mergeFields(spoken.map((dialect) => dialect.read(view)));
  const isGenai = name.startsWith('gen_ai.');
  const fields = isGenai
    ? { ...attributes, ...genaiMessage(name, log.body, reader) }
    : { ...attributes, input: attributes.input ?? { value: log.body, keys: [] } };
  const isError = log.severityNumber >= severityError || name === 'exception';
  return {
    fields,
    kind: (isGenai ? fields.kind : undefined) ?? (isError ? 'error' : 'lifecycle'),
    phase: name === 'gen_ai.tool.message' ? 'end' : null,
    name: name || log.severityText || 'log',
    status: isError ? 'error' : 'unset',
    error: isError ? errorOf(log, reader) : null,
    durationMs: null,
    dialect: isGenai ? 'otel_genai' : 'otlp_plain',
  };
}

/**
 * A GenAI event tells of a message, never of a call: its call has a span of its own and must not be
 * counted twice. `gen_ai.tool.message` is the end of the call whose id it carries.
 */
function genaiMessage(name: string, body: Json, reader: AttributeReader): Partial<DialectFields> {
  const message = messageOf(body, reader);
  switch (name) {
    case 'gen_ai.system.message':
    case 'gen_ai.user.message':
      return { kind: 'user_message', input: { value: message, keys: [] } };
    case 'gen_ai.assistant.message':
    case 'gen_ai.choice':
      return { kind: 'agent_message', output: { value: message, keys: [] } };
    case 'gen_ai.tool.message': {
      const content = reader.parse(memberOf(body, 'content') ?? body, 'maybe');
      const callId = textOf(body, 'id') ?? reader.text('gen_ai.tool.call.id');
      return { kind: 'tool_call', callId, output: { value: content, keys: [] } };
    }
    case 'gen_ai.client.inference.operation.details':
      return { kind: 'agent_message' };
    default:
      return { kind: 'lifecycle' };
  }
}

function messageOf(body: Json, reader: AttributeReader): Json {
  if (!isObject(body)) return body;
  const { message, ...rest } = body;
  const told = isObject(message) ? { ...message, ...rest } : body;
  const converted = fromChatMessages([told], reader);
  return Array.isArray(converted) ? (converted[0] ?? null) : converted;
}

function errorOf(log: OtlpLog, reader: AttributeReader): JsonObject {
  const type = reader.text('exception.type', 'error.type');
  const message =
    reader.text('exception.message') ?? (typeof log.body === 'string' ? log.body : undefined);
  const stacktrace = reader.text('exception.stacktrace');
  return {
    ...(type === undefined ? {} : { type }),
    ...(message === undefined ? {} : { message }),
    ...(stacktrace === undefined ? {} : { stacktrace }),
  };
}

/**
 * Trace of a record that names none: one for all records of a session's prompt, else one for the
 * session, else one for the record alone.
 */
function gatheredTraceId(log: OtlpLog, reader: AttributeReader, id: string): string {
  const session = reader.text('session.id', 'gen_ai.conversation.id');
  if (session === undefined) return hashOf(['record', id]);
  const service = textOf(log.resource, 'service.name') ?? '';
  return hashOf(['session', service, session, reader.text('prompt.id') ?? '']);
}

function contentOf(log: OtlpLog): Json {
  const { resource, traceId, spanId, at, severityNumber, severityText, eventName, body } = log;
  return [
    resource,
    traceId,
    spanId,
    at,
    severityNumber,
    severityText,
    eventName,
    body,
    log.attributes,
  ];
}

/** First 32 hex digits of the SHA-256 of the JSON text; keys stand in the order they came in. */
function hashOf(value: Json): string {
  return sha256Hex(JSON.stringify(value)).slice(0, 32);
}

/** `at` minus a duration, microseconds kept. */
function earlier(at: string, durationMs: number): string {
  if (durationMs === 0) return at;
  const start = new Date(Math.max(0, Date.parse(at) - durationMs)).toISOString();
  return `${start.slice(0, -1)}${at.slice(-4)}`;
}

function otelFacts(log: OtlpLog): JsonObject {
  const facts: Record<string, Json> = {};
  if (log.severityText !== '') facts['severity'] = log.severityText;
  if (log.severityNumber !== 0) facts['severityNumber'] = log.severityNumber;
  if (log.eventName !== '') facts['eventName'] = log.eventName;
  if (log.body !== null) facts['body'] = log.body;
  addShared(facts, log.scope, log.resource);
  return facts;
}
