import { sql } from 'drizzle-orm';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';

// no-audit: that a stream is open, or carried a stop, is an observation and no change somebody made.

/** What of a stream is written down. */
export interface SeenStream {
  readonly agentId: string;
  readonly instanceId: string;
}

const arrayOf = (values: readonly string[]) => sql.param([...values]);

/** Notes that these streams are open now, in one statement. @throws AppError `forbidden` */
export async function noteStreams(ctx: Ctx, streams: readonly SeenStream[]): Promise<void> {
  requirePermission(ctx, 'control.follow');
  if (streams.length === 0) return;
  await withTransaction(ctx, (tx) =>
    tx.execute(sql`
      insert into instance_beats (tenant_id, agent_id, instance_id, stream_seen_at)
      select distinct ${uuidOf(ctx.tenantId)}::uuid, s.agent_id, s.instance_id, clock_timestamp()
      from unnest(${arrayOf(streams.map((one) => uuidOf(one.agentId)))}::uuid[],
        ${arrayOf(streams.map((one) => one.instanceId))}::text[]) as s(agent_id, instance_id)
      order by s.agent_id, s.instance_id
      on conflict (tenant_id, agent_id, instance_id) do update
        set stream_seen_at = excluded.stream_seen_at`),
  );
}

/** Notes that a stop was written to these streams; an answer that came before is kept. */
export async function noteDeliveries(
  ctx: Ctx,
  stopId: string,
  streams: readonly SeenStream[],
): Promise<void> {
  requirePermission(ctx, 'control.follow');
  await withTransaction(ctx, (tx) =>
    tx.execute(sql`
      insert into stop_receipts (tenant_id, stop_id, agent_id, instance_id, state, delivered_at)
      select distinct ${uuidOf(ctx.tenantId)}::uuid, ${uuidOf(stopId)}::uuid, s.agent_id, s.instance_id,
        'delivered', clock_timestamp()
      from unnest(${arrayOf(streams.map((one) => uuidOf(one.agentId)))}::uuid[],
        ${arrayOf(streams.map((one) => one.instanceId))}::text[]) as s(agent_id, instance_id)
      order by s.agent_id, s.instance_id
      on conflict (tenant_id, stop_id, agent_id, instance_id) do update
        set delivered_at = coalesce(stop_receipts.delivered_at, excluded.delivered_at)`),
  );
}

/** Which of these keys are revoked, expired, or of a disabled agent. @throws AppError `forbidden` */
export async function readEndedKeys(ctx: Ctx, keyIds: readonly string[]): Promise<Set<string>> {
  requirePermission(ctx, 'control.follow');
  if (keyIds.length === 0) return new Set();
  const rows = await withRead(ctx, (tx) =>
    tx.execute<{ id: string }>(sql`
      select k.id from api_keys k
        join agents a on a.tenant_id = k.tenant_id and a.id = k.agent_id
      where k.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and k.id = any(${arrayOf(keyIds.map(uuidOf))}::uuid[])
        and (k.revoked_at is not null or k.expires_at <= now() or a.state = 'disabled')`),
  );
  return new Set(rows.map((row) => idOf('key', row.id)));
}
