import type { Sql, TransactionSql } from 'postgres';
import { instantFromDriver } from '#db/columns.ts';
import { TypeID } from 'typeid-js';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { idPrefixes } from '#db/enums.ts';
import type {
  Dialect,
  EventBody,
  EventFlag,
  EventKind,
  EventStatus,
  Finding,
  StoredEvent,
} from './contract.ts';
import { encodePosition, type Position } from './position.ts';
import { tailOrder, tailRange } from './tail-range.ts';

/** An event of the tail, with the parts of its position for the reader's cursor. */
export interface TailEvent extends StoredEvent {
  readonly at: Position;
  readonly agentExplicit: boolean;
  /** Day partition that the event and its body lie in. */
  readonly receivedOn: string;
  readonly bodyBytes: number;
}

/**
 * The next events of one tenant after `since`, oldest first, at most `limit`. Reads only below the
 * oldest transaction still running, so what it returns will never be preceded by anything new. Runs
 * in the caller's transaction (worker role, or an application transaction with its tenant set).
 */
export async function readTail(
  tx: Sql | TransactionSql,
  tenantId: TenantId,
  since: Position,
  limit: number,
): Promise<TailEvent[]> {
  const rows = await tx.unsafe<TailRow[]>(
    tailStatement,
    [uuidOf(tenantId), since.incarnation, since.xid, since.seq, limit],
    { prepare: true },
  );
  return rows.map(tailEventOf);
}

/**
 * The same without payloads, which most readers of most events never look at: the bodies come empty
 * but for their trust, and `read-bodies.ts` fetches the few that are wanted. A sixth of the cost.
 */
export async function readTailHeads(
  tx: Sql | TransactionSql,
  tenantId: TenantId,
  since: Position,
  limit: number,
): Promise<TailEvent[]> {
  const rows = await tx.unsafe<TailRow[]>(
    headStatement,
    [uuidOf(tenantId), since.incarnation, since.xid, since.seq, limit],
    { prepare: true },
  );
  return rows.map((row) => {
    const event = tailEventOf(row);
    const source = { trust: row.trust, origin: null };
    return { ...event, body: { ...event.body, source } };
  });
}

const headColumns = `
select e.received_on::text, e.incarnation, e.xid::text, e.seq::float8, e.received_at::text,
  e.event_id, e.revision, e.trace_id::text, e.span_id, e.parent_span_id, e.session_id,
  e.conversation_id, e.agent_id::text, e.agent_slug, e.agent_explicit, e.is_verified,
  e.instance_id, e.user_id, e.kind, e.phase, e.call_id, e.name, e.started_at::text,
  e.ended_at::text, e.status, e.model, e.trust, e.action_id, e.dialect, e.flags,
  e.findings::text, e.body_bytes`;

const tailStatement = `${headColumns}, b.body
from ${tailRange}
left join event_bodies b
  on b.tenant_id = e.tenant_id and b.received_on = e.received_on and b.seq = e.seq
${tailOrder}`;

const headStatement = `${headColumns}, null as body
from ${tailRange}
${tailOrder}`;

interface TailRow {
  readonly received_on: string;
  readonly incarnation: number;
  readonly xid: string;
  readonly seq: number;
  readonly received_at: string;
  readonly event_id: string;
  readonly revision: number;
  readonly trace_id: string;
  readonly span_id: string | null;
  readonly parent_span_id: string | null;
  readonly session_id: string | null;
  readonly conversation_id: string | null;
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly agent_explicit: boolean;
  readonly is_verified: boolean;
  readonly instance_id: string | null;
  readonly user_id: string | null;
  readonly kind: EventKind;
  readonly phase: 'start' | 'end' | null;
  readonly call_id: string | null;
  readonly name: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly status: EventStatus;
  readonly model: string | null;
  readonly trust: 'trusted' | 'untrusted' | 'unknown';
  readonly action_id: string | null;
  readonly dialect: Dialect;
  readonly flags: EventFlag[] | null;
  readonly findings: string | null;
  readonly body_bytes: number;
  readonly body: string | null;
}

/** The body of an event whose payload was erased. */
export const erasedBody: EventBody = {
  input: null,
  output: null,
  error: null,
  usage: null,
  data: null,
  source: { trust: 'unknown', origin: null },
  attributes: {},
};

const agentIds = new Map<string, string>();

/** TypeID text of an agent's uuid; a handful of agents fill the log, so it is remembered. */
function agentIdOf(uuid: string): string {
  const known = agentIds.get(uuid);
  if (known !== undefined) return known;
  if (agentIds.size > 10_000) agentIds.clear();
  const made = TypeID.fromUUID(idPrefixes.agent, uuid).toString();
  agentIds.set(uuid, made);
  return made;
}

function tailEventOf(row: TailRow): TailEvent {
  const at = { incarnation: row.incarnation, xid: row.xid, seq: row.seq };
  return {
    at,
    position: encodePosition(at),
    receivedOn: row.received_on,
    bodyBytes: row.body_bytes,
    id: row.event_id,
    revision: row.revision,
    traceId: row.trace_id.replaceAll('-', ''),
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    sessionId: row.session_id,
    conversationId: row.conversation_id,
    agentId: agentIdOf(row.agent_id),
    agentSlug: row.agent_slug,
    agentExplicit: row.agent_explicit,
    identity: row.is_verified ? 'verified' : 'claimed',
    instanceId: row.instance_id,
    user: row.user_id,
    kind: row.kind,
    phase: row.phase,
    callId: row.call_id,
    name: row.name,
    startedAt: instantFromDriver(row.started_at),
    endedAt: row.ended_at === null ? null : instantFromDriver(row.ended_at),
    receivedAt: instantFromDriver(row.received_at),
    status: row.status,
    model: row.model,
    actionId: row.action_id,
    dialect: row.dialect,
    flags: row.flags ?? [],
    findings: row.findings === null ? [] : (JSON.parse(row.findings) as Finding[]),
    body: row.body === null ? erasedBody : (JSON.parse(row.body) as EventBody),
  };
}
