import { and, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { takeGateAlone } from '#server/kernel/take-gate-alone.ts';
import { noteChange } from '#server/live/note-change.ts';

/**
 * Disables an agent inside the caller's transaction, so that its keys obtain nothing and nothing is
 * made anew of what is then revoked. Whoever issues reads the agent behind the gate, which this takes
 * alone: what began before is over, and what comes after the commit reads it disabled.
 * @returns whether it was active before
 * @throws AppError `forbidden`
 */
export async function lockAgentIn(
  tx: Tx,
  ctx: Ctx,
  id: string,
  cause: { readonly reason: string; readonly containment: string },
): Promise<boolean> {
  requirePermission(ctx, 'containments.finish');
  await takeGateAlone(tx, ctx);
  return setState(tx, ctx, id, { from: 'active', to: 'disabled', action: 'agent.locked', cause });
}

/** Makes a locked agent active again. @throws AppError `forbidden` */
export async function unlockAgentIn(
  tx: Tx,
  ctx: Ctx,
  id: string,
  cause: { readonly reason: string; readonly containment: string },
): Promise<boolean> {
  requirePermission(ctx, 'stops.lift');
  return setState(tx, ctx, id, { from: 'disabled', to: 'active', action: 'agent.unlocked', cause });
}

async function setState(
  tx: Tx,
  ctx: Ctx,
  id: string,
  move: {
    readonly from: 'active' | 'disabled';
    readonly to: 'active' | 'disabled';
    readonly action: 'agent.locked' | 'agent.unlocked';
    readonly cause: { readonly reason: string; readonly containment: string };
  },
): Promise<boolean> {
  const [moved] = await tx
    .update(agents)
    .set({ state: move.to })
    .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.id, id), eq(agents.state, move.from)))
    .returning({ slug: agents.slug });
  if (!moved) return false;
  await writeAudit(tx, ctx, {
    action: move.action,
    subject: { type: 'agent', id },
    cause: move.cause.reason,
    detail: { slug: moved.slug, containment: move.cause.containment },
  });
  // Streams of a disabled agent are ended by every process that holds one.
  await noteChange(tx, ctx, { noun: 'agent', subjectId: id, change: 'changed', agentId: id });
  return true;
}
