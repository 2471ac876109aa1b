import { limits } from '#server/kernel/limits.ts';
import { setOwn } from '#server/ingest/clean-text.ts';
import { defaultTrust } from '#server/ingest/default-trust.ts';
import { callerIdOf, slugifyAgent } from '#server/ingest/normalise/agent-slug.ts';
import { memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import type { AttributeReader } from '#server/ingest/normalise/attribute-reader.ts';
import type { NormalisedEvent } from '#server/ingest/contract.ts';
import type { DialectFields } from '#server/ingest/normalise/dialect-fields.ts';
import { trustLevels } from '#server/telemetry/contract.ts';
import type {
  Dialect,
  EventDraft,
  EventKind,
  EventStatus,
  Json,
  JsonObject,
} from '#server/telemetry/contract.ts';

/** What is known of an event beside its dialects' fields. */
export interface DraftFacts {
  readonly id: string;
  readonly traceId: string;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly kind: EventKind;
  readonly phase: EventDraft['phase'];
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly status: EventStatus;
  readonly error: Json;
  readonly resource: JsonObject;
  readonly dialect: Dialect;
  /** OTLP's own facts that have no attribute: kept under the attribute `otel`. */
  readonly otel: JsonObject;
}

/**
 * An OTLP item as an event. Attributes that the body holds whole are not kept twice; everything
 * else is, recognised or not, for losing a fact is worse than storing it again.
 */
export function buildDraft(
  facts: DraftFacts,
  fields: DialectFields,
  reader: AttributeReader,
): Omit<NormalisedEvent, 'index'> {
  const { resource } = facts;
  const explicit = fields.agent === undefined ? null : slugifyAgent(fields.agent);
  const output = fields.output?.value ?? null;
  const attributes = keepAttributes(facts, fields, reader);
  const draft: EventDraft = {
    id: facts.id,
    traceId: facts.traceId,
    spanId: facts.spanId,
    parentSpanId: facts.parentSpanId,
    sessionId: idOf(fields.sessionId ?? fields.conversationId),
    conversationId: idOf(fields.conversationId ?? fields.sessionId),
    agent: explicit ?? serviceAgent(resource, reader),
    instanceId: idOf(textOf(resource, 'service.instance.id')),
    user: idOf(fields.user),
    kind: facts.kind,
    phase: facts.phase,
    callId: idOf(fields.callId),
    name: nameOf(facts.name),
    startedAt: facts.startedAt,
    endedAt: facts.endedAt,
    status: facts.status,
    model: nameOf(fields.modelAnswered ?? fields.modelAsked ?? ''),
    body: {
      input: fields.input?.value ?? null,
      output,
      error: facts.error,
      usage: usageOf(facts.kind, fields),
      data: fields.data ?? null,
      source: {
        trust: toldTrust(reader) ?? defaultTrust(facts.kind, output),
        origin: reader.text('signalbox.source.origin')?.slice(0, 1024) ?? fields.origin ?? null,
      },
      attributes,
    },
    actionId: reader.text('signalbox.action.id')?.slice(0, 64) ?? null,
    dialect: facts.dialect,
    // Read last: the readers above add to it.
    flags: [...reader.flags],
  };
  // A span's own name is no agent's; only what the dialect calls the new one.
  const child = facts.kind === 'spawn' ? (fields.name ?? '') : '';
  return { draft, isAgentExplicit: explicit !== null, spawned: slugifyAgent(child) };
}

/** A service is named after the agent in it more often than not; the weakest of all claims. */
function serviceAgent(resource: JsonObject, reader: AttributeReader): string | null {
  const name = reader.text('langfuse.trace.name') ?? textOf(resource, 'service.name');
  return name === undefined ? null : slugifyAgent(name);
}

function idOf(id: string | undefined): string | null {
  return id === undefined ? null : callerIdOf(id);
}

function nameOf(name: string): string | null {
  return name === '' ? null : name.slice(0, limits.nameCharsMax).toWellFormed();
}

/** Only calls have tokens of their own: an agent's span repeats the sum of its calls. */
function usageOf(kind: EventKind, fields: DialectFields): JsonObject | null {
  if (kind !== 'llm_call' && kind !== 'retrieval') return null;
  const usage: Record<string, Json> = {};
  for (const [key, count] of Object.entries(fields.usage ?? {})) {
    if (typeof count === 'number') usage[key] = count;
  }
  return Object.keys(usage).length === 0 ? null : usage;
}

function toldTrust(reader: AttributeReader): (typeof trustLevels)[number] | undefined {
  const told = reader.text('signalbox.source.trust');
  return trustLevels.find((level) => level === told);
}

function keepAttributes(
  facts: DraftFacts,
  fields: DialectFields,
  reader: AttributeReader,
): JsonObject {
  const consumed = new Set([...(fields.input?.keys ?? []), ...(fields.output?.keys ?? [])]);
  const kept = Object.entries(reader.attributes).filter(([key]) => !consumed.has(key));
  const attributes: Record<string, Json> = {};
  // One place is for `otel`; an attribute of that very name would hide it and moves inside.
  const room = limits.attributesMax - 1;
  for (const [key, value] of kept.slice(0, room)) {
    if (key !== 'otel') setOwn(attributes, key, value);
  }
  if (kept.length > room) reader.flags.add('attributes_dropped');
  const own = memberOf(reader.attributes, 'otel');
  const otel = own === null ? facts.otel : { ...facts.otel, attribute: own };
  if (Object.keys(otel).length > 0) attributes['otel'] = otel;
  return attributes;
}
