import { type Ctx, withRead } from '#server/kernel/context.ts';
import { sql } from 'drizzle-orm';
import { TypeID } from 'typeid-js';
import { instantFromDriver } from '#db/columns.ts';
import { idPrefixes } from '#db/enums.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import type { Tx } from '#db/client.ts';
import { limits } from '#server/kernel/limits.ts';
import type { LiveAlert, LiveBatch, LiveEvent } from './contract.ts';

/** Where a stream stands in the two logs that it follows. */
export interface LiveCursor {
  readonly incarnation: number;
  readonly eventXid: string;
  readonly eventSeq: number;
  readonly alertXid: string;
  readonly alertSeq: number;
}

const part = /^[0-9]{1,20}$/;

/** `1.2345.67.2346.8`; opaque to callers. */
export function encodeLiveCursor(cursor: LiveCursor): string {
  return [
    cursor.incarnation,
    cursor.eventXid,
    cursor.eventSeq,
    cursor.alertXid,
    cursor.alertSeq,
  ].join('.');
}

/** Null for anything that is not one of ours: the stream then starts at the end, with a resync. */
export function decodeLiveCursor(text: string | null | undefined): LiveCursor | null {
  const parts = (text ?? '').split('.');
  const [incarnation, eventXid, eventSeq, alertXid, alertSeq] = parts;
  if (parts.length !== 5 || parts.some((digits) => !part.test(digits))) return null;
  return {
    incarnation: Number(incarnation),
    eventXid: eventXid ?? '0',
    eventSeq: Number(eventSeq),
    alertXid: alertXid ?? '0',
    alertSeq: Number(alertSeq),
  };
}

interface EventRow extends Record<string, unknown> {
  readonly xid: string;
  readonly seq: string;
  readonly event_id: string;
  readonly trace_id: string;
  readonly agent_slug: string;
  readonly kind: string;
  readonly name: string | null;
  readonly status: string;
  readonly received_at: string;
  readonly total: number;
}

interface AlertRow extends Record<string, unknown> {
  readonly xid: string;
  readonly seq: string;
  readonly alert_id: string;
  readonly change: LiveAlert['change'];
  readonly severity: string;
  readonly state: string;
  readonly title: string;
  readonly agent_slug: string | null;
  readonly updated_at: string;
}

interface NowRow extends Record<string, unknown> {
  readonly at: string;
  readonly incarnation: number;
  readonly horizon: string;
  readonly derived: Record<string, string> | null;
}

/**
 * Everything of the context's tenant that became readable since the cursor. Without a cursor it
 * starts at the present end. Reads below the oldest running transaction, like every reader of the
 * log, so a batch is never followed by something older. Only of alerts that were `opened` a moment
 * ago (their ids) it tells at once: the horizon stands still for as long as the oldest transaction
 * runs, and an alert is not to wait for that.
 */
export async function readChanges(
  ctx: Ctx,
  since: LiveCursor | null,
  opened: readonly string[] = [],
): Promise<{ cursor: LiveCursor; batch: LiveBatch }> {
  return withRead(ctx, async (tx) => {
    const tenant = uuidOf(ctx.tenantId);
    const [now] = await tx.execute<NowRow>(sql`
      select now()::text as at, (select incarnation from log_incarnation) as incarnation,
        pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
        (select jsonb_object_agg(consumer, incarnation || '.' || xid::text || '.' || seq)
          from tail_cursors where tenant_id = ${tenant}::uuid) as derived`);
    if (!now) throw new Error('the database told no time');
    const isResync = since !== null && since.incarnation !== now.incarnation;
    const from = since === null || isResync ? endCursor(now) : since;
    const cursor = endCursor(now);
    // The newest are named, the others counted: a flood of events costs a list nothing. The order
    // names the columns of the table: a bare `xid` would be the text that is selected.
    const events = await tx.execute<EventRow>(sql`
      select xid::text, seq::text, event_id, trace_id::text, agent_slug, kind, name, status,
        received_at::text, (count(*) over ())::int as total
      from events e
      where tenant_id = ${tenant}::uuid
        and (incarnation, xid, seq) > (${from.incarnation}::smallint, ${from.eventXid}::xid8, ${from.eventSeq}::bigint)
        and xid < ${now.horizon}::xid8
      order by e.incarnation desc, e.xid desc, e.seq desc limit ${limits.liveEventsPerBatchMax}`);
    const alerts = await tx.execute<AlertRow>(sql`${selectAlertChanges}
      where c.tenant_id = ${tenant}::uuid
        and (c.incarnation, c.xid, c.seq) > (${from.incarnation}::smallint, ${from.alertXid}::xid8, ${from.alertSeq}::bigint)
        and c.xid < ${now.horizon}::xid8
      order by c.incarnation, c.xid, c.seq limit ${limits.liveBacklogItemsMax}`);
    const isCut = isResync || alerts.length >= limits.liveBacklogItemsMax;
    const early = opened.length === 0 ? [] : await readOpened(tx, tenant, now, opened);
    const told = [...alerts, ...early];
    return { cursor, batch: batchOf(cursor, now, events.toReversed(), told, isCut) };
  });
}

const selectAlertChanges = sql`
  select c.xid::text, c.seq::text, c.alert_id::text, c.change, a.severity, a.state, a.title,
    a.agent_slug, a.updated_at::text
  from alert_changes c join alerts a on a.tenant_id = c.tenant_id and a.id = c.alert_id`;

/** Changes that opened these alerts, as far as they do not lie below the horizon already. */
async function readOpened(
  tx: Tx,
  tenant: string,
  now: NowRow,
  ids: readonly string[],
): Promise<AlertRow[]> {
  const uuids = ids.filter((id) => isId('alert', id)).map((id) => uuidOf(id));
  const rows = await tx.execute<AlertRow>(sql`${selectAlertChanges}
    where c.tenant_id = ${tenant}::uuid and c.alert_id = any (${`{${uuids.join(',')}}`}::uuid[])
      and c.change = 'opened' and c.incarnation = ${now.incarnation}
      and c.xid >= ${now.horizon}::xid8
    order by c.xid, c.seq limit ${limits.liveEventsPerBatchMax}`);
  return [...rows];
}

/** The present end: nothing below the horizon is told again. */
function endCursor(now: NowRow): LiveCursor {
  const before = (BigInt(now.horizon) - 1n).toString();
  const last = Number.MAX_SAFE_INTEGER;
  return {
    incarnation: now.incarnation,
    eventXid: before,
    eventSeq: last,
    alertXid: before,
    alertSeq: last,
  };
}

function batchOf(
  cursor: LiveCursor,
  now: NowRow,
  events: readonly EventRow[],
  alerts: readonly AlertRow[],
  isResync: boolean,
): LiveBatch {
  return {
    id: encodeLiveCursor(cursor),
    at: instantFromDriver(now.at),
    events: events.map((row) => liveEventOf(cursor.incarnation, row)),
    eventsSkipped: (events[0]?.total ?? 0) - events.length,
    alerts: alerts.map((row) => ({
      position: positionText(cursor.incarnation, row),
      id: TypeID.fromUUID(idPrefixes.alert, row.alert_id).toString(),
      change: row.change,
      severity: row.severity,
      state: row.state,
      title: row.title,
      agent: row.agent_slug,
      updatedAt: instantFromDriver(row.updated_at),
    })),
    control: [],
    derived: now.derived ?? {},
    isResync,
  };
}

function liveEventOf(incarnation: number, row: EventRow): LiveEvent {
  return {
    position: positionText(incarnation, row),
    traceId: row.trace_id.replaceAll('-', ''),
    eventId: row.event_id,
    agent: row.agent_slug,
    kind: row.kind,
    name: row.name,
    status: row.status,
    receivedAt: instantFromDriver(row.received_at),
  };
}

/** The same text as telemetry's positions, which lie above this module: `1-2s-9f`. */
function positionText(incarnation: number, row: { xid: string; seq: string }): string {
  return [incarnation, row.xid, row.seq].map((digits) => BigInt(digits).toString(36)).join('-');
}

/** What of a batch lies behind a cursor; the rest was told by an earlier batch. */
export function trimBatch(batch: LiveBatch, told: LiveCursor): LiveBatch {
  const events = batch.events.filter((event) =>
    isBehind(event.position, told.incarnation, told.eventXid, told.eventSeq),
  );
  const alerts = batch.alerts.filter((alert) =>
    isBehind(alert.position, told.incarnation, told.alertXid, told.alertSeq),
  );
  return { ...batch, events, alerts };
}

function isBehind(position: string, incarnation: number, xid: string, seq: number): boolean {
  const [life, transaction, row] = position.split('-').map((text) => Number.parseInt(text, 36));
  if (life !== incarnation) return true;
  // Transaction ids stay far below 2^53, so doubles compare them exactly.
  const at = transaction ?? 0;
  return at > Number(xid) || (at === Number(xid) && (row ?? 0) > seq);
}
