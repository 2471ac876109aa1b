import type { TransactionSql } from 'postgres';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { EventBody } from './contract.ts';
import type { Position } from './position.ts';
import { erasedBody } from './read-tail.ts';
import type { SearchableEvent } from './search-words.ts';
import { tailOrder, tailRange } from './tail-range.ts';

/** An event as the index of words needs it. */
export interface TextOfEvent extends SearchableEvent {
  readonly at: Position;
  readonly receivedOn: string;
  readonly traceId: string;
}

type TextRow = Omit<TextOfEvent, 'at' | 'body'> & Position & { readonly body: string | null };

/**
 * The next events of one tenant after `since` with their texts alone, oldest first, below the
 * horizon: half of the columns of the whole tail, and none that has to be converted.
 */
export async function readTexts(
  tx: TransactionSql,
  tenantId: TenantId,
  since: Position,
  limit: number,
): Promise<TextOfEvent[]> {
  const rows = await tx.unsafe<TextRow[]>(
    textStatement,
    [uuidOf(tenantId), since.incarnation, since.xid, since.seq, limit],
    { prepare: true },
  );
  return rows.map(({ incarnation, xid, seq, body, ...rest }) => ({
    ...rest,
    at: { incarnation, xid, seq },
    body: body === null ? erasedBody : (JSON.parse(body) as EventBody),
  }));
}

const textStatement = `
select e.incarnation, e.xid::text, e.seq::float8, e.received_on::text as "receivedOn",
  e.trace_id::text as "traceId", e.event_id as id, e.agent_slug as "agentSlug", e.name, e.model,
  e.kind, e.status, e.session_id as "sessionId", e.user_id as user, e.call_id as "callId",
  e.instance_id as "instanceId", b.body
from ${tailRange}
left join event_bodies b
  on b.tenant_id = e.tenant_id and b.received_on = e.received_on and b.seq = e.seq
${tailOrder}`;
