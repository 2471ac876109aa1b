import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { joinJson, jsonSeparator, plainArray, textArray } from './array-literal.ts';
import { type EncodedEvent, redactionVersion } from './encode-event.ts';

/**
 * One statement for one group of one tenant: ids decide what is new, and only new events and bodies
 * are written. `unnest` under row-level security reached four fifths of COPY where COPY itself is
 * refused. Answers how many were new, the transaction and the highest sequence number.
 *
 * It sets its own tenant and time limit, so that a group is one round trip and not four; `input`
 * reads from `context`, hence no row is checked against a policy before they are set.
 */
export const insertStatement = `
with context as materialized (
  select set_config('app.tenant', $1::uuid::text, true) as tenant,
    set_config('transaction_timeout', '${limits.writeTransactionMs}', true) as bound,
    (select incarnation from log_incarnation)::smallint as incarnation
), input as materialized (
  select u.*, nextval('events_seq') as seq,
    (now() at time zone 'utc')::date as received_on, pg_current_xact_id() as xid,
    context.incarnation
  from context, rows from (
    unnest($2::text[], $3::smallint[], $4::text[], $5::uuid[], $6::text[], $7::text[],
      $8::text[], $9::text[], $10::uuid[], $11::text[], $12::bool[], $13::bool[], $14::text[],
      $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::timestamptz[],
      $21::timestamptz[], $22::text[], $23::text[], $24::text[], $25::text[], $26::text[],
      $27::text[], $28::jsonb[], $29::int[], $30::text[], $31::text[]),
    string_to_table($32::text, '${jsonSeparator}')
  ) as u(id, revision, digest, trace_id, span_id, parent_span_id, session_id, conversation_id,
    agent_id, agent_slug, agent_explicit, is_verified, instance_id, user_id, kind, phase, call_id,
    name, started_at, ended_at, status, model, trust, action_id, dialect, flags, findings,
    body_bytes, salt, commitment, body)
), fresh as (
  insert into event_ids (tenant_id, id, revision, digest, received_on, incarnation, xid, seq)
  select $1::uuid, id, revision, decode(digest, 'hex'), received_on, incarnation, xid, seq
  from input
  on conflict do nothing
  returning seq
), stored as (
  insert into events (tenant_id, received_on, incarnation, xid, seq, received_at, event_id,
    revision, trace_id, span_id, parent_span_id, session_id, conversation_id, agent_id, agent_slug,
    agent_explicit, is_verified, instance_id, user_id, kind, phase, call_id, name, started_at,
    ended_at, status, model, trust, action_id, dialect, flags, findings, body_bytes)
  select $1::uuid, received_on, incarnation, xid, seq, now(), id,
    revision, trace_id, span_id, parent_span_id, session_id, conversation_id, agent_id, agent_slug,
    agent_explicit, is_verified, instance_id, user_id, kind, phase, call_id, name, started_at,
    ended_at, status, model, trust, action_id, dialect, flags::text[], findings, body_bytes
  from input join fresh using (seq)
), bodies as (
  insert into event_bodies (tenant_id, received_on, seq, salt, commitment, redaction, body)
  select $1::uuid, received_on, seq, decode(salt, 'hex'), decode(commitment, 'hex'),
    ${redactionVersion}, body
  from input join fresh using (seq)
)
select count(*)::int as fresh, max(seq)::float8 as seq, pg_current_xact_id()::text as xid,
  (select incarnation from log_incarnation) as incarnation
from fresh`;

/** The parameters of {@link insertStatement}: one array literal per column, the bodies as one text. */
export function insertParameters(
  tenantId: string,
  rows: readonly { readonly encoded: EncodedEvent; readonly revision: number }[],
): string[] {
  const events = rows.map((row) => row.encoded.source.event);
  const sources = rows.map((row) => row.encoded.source);
  const encoded = rows.map((row) => row.encoded);
  const agentUuids = new Map<string, string>();
  const agentUuid = (id: string): string => {
    const known = agentUuids.get(id) ?? uuidOf(id);
    agentUuids.set(id, known);
    return known;
  };
  return [
    uuidOf(tenantId),
    textArray(events.map((e) => e.id)),
    plainArray(rows.map((row) => row.revision)),
    textArray(encoded.map((e) => e.digest)),
    textArray(events.map((e) => e.traceId)),
    textArray(events.map((e) => e.spanId)),
    textArray(events.map((e) => e.parentSpanId)),
    textArray(events.map((e) => e.sessionId)),
    textArray(events.map((e) => e.conversationId)),
    textArray(sources.map((s) => agentUuid(s.agentId))),
    textArray(sources.map((s) => s.agentSlug)),
    plainArray(sources.map((s) => s.agentExplicit)),
    plainArray(sources.map((s) => s.isVerified)),
    textArray(events.map((e) => e.instanceId)),
    textArray(events.map((e) => e.user)),
    textArray(events.map((e) => e.kind)),
    textArray(events.map((e) => e.phase)),
    textArray(events.map((e) => e.callId)),
    textArray(events.map((e) => e.name)),
    textArray(events.map((e) => e.startedAt)),
    textArray(events.map((e) => e.endedAt)),
    textArray(events.map((e) => e.status)),
    textArray(events.map((e) => e.model)),
    textArray(events.map((e) => e.body.source.trust)),
    textArray(events.map((e) => e.actionId)),
    textArray(events.map((e) => e.dialect)),
    textArray(events.map((e) => (e.flags.length === 0 ? null : textArray(e.flags)))),
    textArray(events.map((e) => (e.findings.length === 0 ? null : JSON.stringify(e.findings)))),
    plainArray(encoded.map((e) => e.bodyText.length)),
    textArray(encoded.map((e) => e.salt.toString('hex'))),
    textArray(encoded.map((e) => e.commitment)),
    joinJson(encoded.map((e) => e.bodyText)),
  ];
}
