import { AttributeReader, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import { buildDraft } from '#server/ingest/normalise/build-draft.ts';
import { mergeFields } from '#server/ingest/normalise/dialect-fields.ts';
import { openinference } from '#server/ingest/normalise/openinference.ts';
import { openllmetry } from '#server/ingest/normalise/openllmetry.ts';
import { otelGenai } from '#server/ingest/normalise/otel-genai.ts';
import { plain } from '#server/ingest/normalise/plain.ts';
import { vercelAi } from '#server/ingest/normalise/vercel-ai.ts';
import { otlpStatus } from '#server/ingest/otlp-model.ts';
import type { DialectFields } from '#server/ingest/normalise/dialect-fields.ts';
import type { NormalisedEvent } from '#server/ingest/contract.ts';
import type { OtlpScope, OtlpSpan, OtlpSpanEvent } from '#server/ingest/otlp-model.ts';
import type { Dialect, EventStatus, Json, JsonObject } from '#server/telemetry/contract.ts';

/** Left wins, field by field: a span may speak several dialects at once. */
const dialects = [otelGenai, openinference, openllmetry, vercelAi, plain] as const;

/** Whose mark is the most telling: OpenLLMetry and the AI SDK also write `gen_ai.*`. */
const labelOrder = ['openllmetry', 'openinference', 'vercel_ai', 'otel_genai'] as const;

/**
 * A span as an event, whatever dialect it speaks; pure. Its id is `<traceId>:<spanId>`. What no
 * dialect knows is a `lifecycle` event with its attributes untouched.
 */
export function normaliseSpan(span: OtlpSpan, index: number): NormalisedEvent {
  const reader = new AttributeReader(span.attributes, new Set(span.flags));
  const view = { name: span.name, events: span.events, attributes: reader };
  const spoken = dialects.filter((dialect) => dialect.isSpoken(reader));
  const fields = mergeFields(spoken.map((dialect) => dialect.read(view)));
  const kind = fields.kind ?? 'lifecycle';
  const facts = {
    id: `${span.traceId}:${span.spanId}`,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    kind,
    phase: null,
    name: nameOfSpan(span, fields),
    startedAt: span.startedAt,
    endedAt: span.endedAt,
    status: statusOf(span.statusCode),
    error: errorOf(span, reader),
    resource: span.resource,
    dialect: labelOf(spoken.map((dialect) => dialect.dialect)),
    otel: otelFacts(span),
  };
  return { ...buildDraft(facts, fields, reader), index };
}

function labelOf(spoken: readonly Dialect[]): Dialect {
  return labelOrder.find((dialect) => spoken.includes(dialect)) ?? 'otlp_plain';
}

/** The tool for a tool call, the model for a model call, else what the span calls itself. */
function nameOfSpan(span: OtlpSpan, fields: DialectFields): string {
  switch (fields.kind) {
    case 'tool_call':
      return fields.name ?? span.name.replace(/^execute_tool /, '');
    case 'llm_call':
      return fields.modelAsked ?? fields.modelAnswered ?? span.name;
    default:
      return fields.name ?? span.name;
  }
}

function statusOf(code: number): EventStatus {
  if (code === otlpStatus.error) return 'error';
  return code === otlpStatus.ok ? 'ok' : 'unset';
}

/** `{ type, message, stacktrace }` as far as they are told; null for a span that tells of no error. */
function errorOf(span: OtlpSpan, reader: AttributeReader): Json {
  const exception = span.events.findLast((event) => event.name === 'exception')?.attributes;
  const error = {
    type: textOf(exception, 'exception.type') ?? reader.text('error.type'),
    message:
      textOf(exception, 'exception.message') ??
      (span.statusMessage || reader.text('error.message')),
    stacktrace: textOf(exception, 'exception.stacktrace'),
  };
  const told = Object.entries(error).filter(([, value]) => value !== undefined && value !== '');
  const isError = span.statusCode === otlpStatus.error || exception !== undefined;
  if (!isError && reader.text('error.type') === undefined) return null;
  return Object.fromEntries(told) as JsonObject;
}

const spanKinds: Readonly<Record<number, string>> = {
  1: 'internal',
  2: 'server',
  3: 'client',
  4: 'producer',
  5: 'consumer',
};

/** What a span says beside its attributes; empty members are left out. */
function otelFacts(span: OtlpSpan): JsonObject {
  const facts: Record<string, Json> = { name: span.name };
  const kind = spanKinds[span.kind];
  if (kind !== undefined) facts['kind'] = kind;
  addShared(facts, span.scope, span.resource);
  if (span.events.length > 0) facts['events'] = span.events.map(eventFacts);
  if (span.links.length > 0) facts['links'] = span.links.map((link) => ({ ...link }));
  return facts;
}

function eventFacts(event: OtlpSpanEvent): JsonObject {
  return { name: event.name, at: event.at, attributes: event.attributes };
}

/** Adds scope and resource, which spans and records have in common. */
export function addShared(
  facts: Record<string, Json>,
  scope: OtlpScope,
  resource: JsonObject,
): void {
  if (scope.name !== '') facts['scope'] = { ...scope };
  if (Object.keys(resource).length > 0) facts['resource'] = resource;
}
