import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import { instanceBeats } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { agentSubject } from '#server/containment/agent-subject.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { HeartbeatAnswer, heartbeatInput } from './contract.ts';

// no-audit: a sign of life is no change that somebody made.

/**
 * An instance says that it lives, what it can do and what it is doing; it is told whether it is halted.
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
