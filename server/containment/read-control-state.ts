import { and, eq, inArray, sql } from 'drizzle-orm';
import { stops } from '#db/schema/gate.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { isInTree } from '#server/gate/tree-members.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { agentSubject } from './agent-subject.ts';
import { readHorizon, stopData } from './control-frames.ts';

/** What an agent's stream begins with. */
export interface ControlState {
  readonly state: {
    readonly epoch: number;
    readonly halted: boolean;
    readonly stops: readonly Readonly<Record<string, unknown>>[];
    readonly leaseMs: number;
  };
  readonly environment: string | null;
  /** Everything below it is contained. */
  readonly horizon: string;
  /** Of the stops that it tells. */
  readonly stopIds: readonly string[];
}

/**
 * The stops that stand for the agent of the context's key, at this moment; those of sessions and tools
 * are told too and halt only what they name. @throws AppError `forbidden`
 */
export async function readControlState(ctx: Ctx): Promise<ControlState> {
  requirePermission(ctx, 'control.follow');
  return withRead(ctx, async (tx) => {
    const subject = await agentSubject(tx, ctx);
    const { epoch, standing } = await readCoverage(tx, ctx, subject);
    const { position } = await readHorizon(tx);
    const standingRows = await tx
      .select()
      .from(stops)
      .where(
        and(
          eq(stops.tenantId, ctx.tenantId),
          inArray(stops.state, ['draining', 'active']),
          sql`(${stops.liftedAt} is null or ${stops.liftedAt} > clock_timestamp())`,
          sql`not exists (select 1 from stop_resumptions r where r.tenant_id = ${stops.tenantId}
            and r.agent_id = ${uuidOf(subject.agentId)}::uuid and r.stop_id = ${stops.id}
            and r.ended_at is null)`,
          sql`(${stops.scopeKind} in ('tenant', 'session', 'tool')
            or (${stops.scopeKind} = 'agent' and ${stops.scopeId} = ${subject.agentId})
            or (${stops.scopeKind} = 'tree' and ${isInTree({
              tenant: sql`${stops.tenantId}`,
              agent: sql`${uuidOf(subject.agentId)}::uuid`,
              root: sql`${stops.treeRootId}`,
              until: sql`${stops.liftedAt}`,
            })})
            or (${stops.scopeKind} = 'environment' and ${stops.scopeId} = ${subject.environment}))`,
        ),
      )
      .orderBy(stops.placedAt)
      .limit(limits.pageItemsMax);
    return {
      state: {
        epoch,
        halted: standing !== null || isStopFilePresent(),
        stops: standingRows.map(stopData),
        leaseMs: limits.livenessLeaseMs,
      },
      environment: subject.environment,
      horizon: position,
      stopIds: standingRows.map((stop) => stop.id),
    };
  });
}
