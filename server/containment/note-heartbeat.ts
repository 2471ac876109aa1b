import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { instanceBeats } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { endAgentLeases } from '#server/credentials/end-agent-leases.ts';
import { agentSubject } from '#server/containment/agent-subject.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { HeartbeatAnswer, heartbeatInput } from './contract.ts';

// no-audit: a sign of life is no change that somebody made.

/**
 * An instance says that it lives, what it can do and what it is doing; it is told whether it is halted.
 * A session that it named before and names no more is over, unless another instance has it: its leases
 * end with it.
 * @throws AppError `forbidden`
 */
export async function noteHeartbeat(
  ctx: Ctx,
  beat: z.output<typeof heartbeatInput>,
): Promise<HeartbeatAnswer> {
  requirePermission(ctx, 'control.follow');
  return withTransaction(ctx, async (tx) => {
    const subject = await agentSubject(tx, ctx);
    const said = {
      capabilities: beat.capabilities,
      inFlight: beat.inFlight,
      sessions: beat.sessions,
      beatAt: sql`clock_timestamp()`,
    };
    const sessionIds = await readEndedSessions(tx, ctx, subject.agentId, beat);
    await endAgentLeases(tx, ctx, { agentId: subject.agentId, sessionIds }, 'session_ended');
    await tx
      .insert(instanceBeats)
      .values({
        tenantId: ctx.tenantId,
        agentId: subject.agentId,
        instanceId: beat.instanceId,
        ...said,
      })
      .onConflictDoUpdate({
        target: [instanceBeats.tenantId, instanceBeats.agentId, instanceBeats.instanceId],
        set: said,
      });
    const { epoch, standing } = await readCoverage(tx, ctx, subject);
    const halted = standing !== null || isStopFilePresent();
    return { epoch, halted, leaseMs: limits.livenessLeaseMs };
  });
}

/** Sessions of the instance's last word that are in neither this one nor another living instance's. */
async function readEndedSessions(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
  beat: z.output<typeof heartbeatInput>,
): Promise<string[]> {
  const rows = await tx.execute<{ session: string }>(sql`
    select distinct s.session from instance_beats b cross join lateral unnest(b.sessions) s(session)
    where b.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and b.agent_id = ${uuidOf(agentId)}::uuid
      and b.instance_id = ${beat.instanceId}
      and s.session <> all (${sql.param(beat.sessions)}::text[])
      and not exists (select 1 from instance_beats o
        where o.tenant_id = b.tenant_id and o.agent_id = b.agent_id
          and o.instance_id <> b.instance_id and s.session = any (o.sessions)
          and o.beat_at > clock_timestamp()
            - make_interval(secs => ${limits.livenessLeaseMs / 1000}))`);
  return rows.map((row) => row.session);
}
