import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** Under this name we speak of an agent of which nothing was heard; it proves nothing of it. */
export const ownInstance = 'signalbox';

/**
 * The instance of an agent that was heard of last, within `limits.instanceMemoryMs`; null where none
 * was. `-` where telemetry names none.
 */
export async function findInstance(tx: Tx, ctx: Ctx, agentId: string): Promise<string | null> {
  const [row] = await tx.execute<{ instance_id: string }>(sql`
    select instance_id from (
      select instance_id, last_seen_at as at from agent_instances
        where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and agent_id = ${uuidOf(agentId)}::uuid
      union all select instance_id, greatest(beat_at, stream_seen_at) from instance_beats
        where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and agent_id = ${uuidOf(agentId)}::uuid) heard
    where instance_id <> ${ownInstance} and at > now() - make_interval(secs => ${limits.instanceMemoryMs / 1000})
    order by at desc limit 1`);
  return row?.instance_id ?? null;
}
