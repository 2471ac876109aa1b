import type { TransactionSql } from 'postgres';
import { TypeID } from 'typeid-js';
import { idPrefixes } from '#db/enums.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { Json } from './contract.ts';
import type { EventHeader } from './fold-traces.ts';
import type { Position } from './position.ts';
import { tailOrder, tailRange } from './tail-range.ts';
import { titleOfMessage } from './title-of-message.ts';

type HeaderRow = Omit<EventHeader, 'at' | 'title' | 'traceId'> &
  Position & { readonly traceId: string; readonly body: string | null };

/**
 * The next events of one tenant after `since` without their payloads, oldest first, below the
 * horizon. Bodies are read of people's messages only, for the title. A sixth of the cost of the
 * whole tail, which the assembler does not need.
 */
export async function readHeaders(
  tx: TransactionSql,
  tenantId: TenantId,
  since: Position,
  limit: number,
): Promise<EventHeader[]> {
  const rows = await tx.unsafe<HeaderRow[]>(
    headerStatement,
    [uuidOf(tenantId), since.incarnation, since.xid, since.seq, limit],
    { prepare: true },
  );
  return rows.map(headerOf);
}

const micros = (column: string): string => `(extract(epoch from ${column}) * 1000000)::float8`;

const headerStatement = `
select e.incarnation, e.xid::text, e.seq::float8, e.revision, e.trace_id::text as "traceId",
  e.span_id as "spanId", e.parent_span_id as "parentSpanId", e.session_id as "sessionId",
  e.conversation_id as "conversationId", e.agent_id::text as "agentId",
  e.agent_slug as "agentSlug", e.agent_explicit as "agentExplicit",
  e.instance_id as "instanceId", e.user_id as "user", e.kind, e.phase, e.name, e.status, e.trust,
  ${micros('e.started_at')} as "startedAtUs", ${micros('e.ended_at')} as "endedAtUs",
  ${micros('e.received_at')} as "receivedAtUs",
  coalesce(jsonb_array_length(e.findings), 0) as findings, e.body_bytes as "bodyBytes",
  case when e.kind = 'user_message' and e.name is distinct from 'system' then (
    select b.body from event_bodies b
    where b.tenant_id = e.tenant_id and b.received_on = e.received_on and b.seq = e.seq
  ) end as body
from ${tailRange}
${tailOrder}`;

function headerOf(row: HeaderRow): EventHeader {
  const { incarnation, xid, seq, body, ...rest } = row;
  return {
    ...rest,
    at: { incarnation, xid, seq },
    traceId: row.traceId.replaceAll('-', ''),
    agentId: agentIdOf(row.agentId),
    title:
      body === null ? null : titleOfMessage((JSON.parse(body) as { input?: Json }).input ?? null),
  };
}

const agentIds = new Map<string, string>();

/** TypeID of an agent's uuid; a handful of agents fill the log, so it is remembered. */
export function agentIdOf(uuid: string): string {
  const known = agentIds.get(uuid);
  if (known !== undefined) return known;
  if (agentIds.size >= 10_000) agentIds.clear();
  const made = TypeID.fromUUID(idPrefixes.agent, uuid).toString();
  agentIds.set(uuid, made);
  return made;
}
