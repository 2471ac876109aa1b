import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { containments } from '#db/schema/containment.ts';
import { alerts } from '#db/schema/detection.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { actorMay, requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { carryOut } from './carry-out.ts';
import type { ContainAnswer, ContainInput } from './contract.ts';

/**
 * Contains an agent: stops it, locks it, holds evidence and cuts its credentials, each step on its own
 * and again by a worker where this process dies. A second press keeps the first author, takes on what
 * waited for a person, and does again what no longer holds.
 *
 * Cutting cannot be undone, so it waits for somebody who may revoke unless this actor may.
 * @throws AppError `forbidden`, `not_found`
 */
export async function containAgent(ctx: Ctx, input: ContainInput): Promise<ContainAnswer> {
  requirePermission(ctx, 'containments.begin');
  const begun = await withTransaction(ctx, (tx) => begin(tx, ctx, input));
  await carryOut(ctx, begun.id);
  return begun;
}

/** The row and its audit row, inside the caller's transaction; nothing is done to the agent yet. */
async function begin(tx: Tx, ctx: Ctx, input: ContainInput): Promise<ContainAnswer> {
  const named = isId('agent', input.agent)
    ? eq(agents.id, input.agent)
    : eq(agents.slug, input.agent);
  const [agent] = await tx
    .select({ id: agents.id, slug: agents.slug })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), named));
  if (!agent) throw new AppError('not_found', 'There is no such agent in this tenant.');
  // A rule's order was written with its alert, and must not fail for one that is gone by now.
  if (input.alertId !== null && ctx.actor.type !== 'system')
    await requireAlert(tx, ctx, input.alertId);
  // Two presses at once meet at the index of open ones: the second finds the first's row.
  const made = await insert(tx, ctx, agent, input);
  const id = made ?? (await reopen(tx, ctx, agent.id));
  await writeAudit(tx, ctx, {
    action: made === null ? 'containment.repeated' : 'containment.begun',
    subject: { type: 'containment', id },
    cause: input.reason,
    detail: { agent: agent.slug, alert: input.alertId, isExfiltration: input.isExfiltration },
  });
  return { id, isNew: made !== null };
}

/** What is held as the reason of a containment has to be there. @throws AppError `not_found` */
async function requireAlert(tx: Tx, ctx: Ctx, id: string): Promise<void> {
  const [found] = isId('alert', id)
    ? await tx
        .select({ id: alerts.id })
        .from(alerts)
        .where(and(eq(alerts.tenantId, ctx.tenantId), eq(alerts.id, id)))
    : [];
  if (!found) throw new AppError('not_found', 'There is no such alert in this tenant.');
}

/** Null where one is open already. */
async function insert(
  tx: Tx,
  ctx: Ctx,
  agent: { readonly id: string; readonly slug: string },
  input: ContainInput,
): Promise<string | null> {
  const [made] = await tx
    .insert(containments)
    .values({
      tenantId: ctx.tenantId,
      id: newId('containment'),
      agentId: agent.id,
      agentLabel: agent.slug,
      level: limits.evidenceLevel,
      reason: input.reason,
      isCutFirst: input.isExfiltration,
      alertId: alertOf(input.alertId),
      requestedByType: ctx.actor.type,
      requestedBy: actorIdentity(ctx.actor).label,
      ...confirmation(ctx),
    })
    .onConflictDoNothing({
      target: [containments.tenantId, containments.agentId],
      where: sql`released_at is null and agent_id is not null`,
    })
    .returning({ id: containments.id });
  return made?.id ?? null;
}

/**
 * The open one has its steps but the evidence taken again. The cut only for an actor that may revoke: what
 * somebody confirmed once is not a word for credentials that came since.
 */
async function reopen(tx: Tx, ctx: Ctx, agentId: string): Promise<string> {
  const confirmed = confirmation(ctx);
  const [open] = await tx
    .update(containments)
    .set({
      stopId: null,
      lockedAt: null,
      carriedOutAt: null,
      ...(confirmed === null
        ? {}
        : {
            cutAt: null,
            confirmedBy: sql`coalesce(${containments.confirmedBy}, ${confirmed.confirmedBy})`,
            confirmedAt: sql`coalesce(${containments.confirmedAt}, clock_timestamp())`,
          }),
    })
    .where(
      and(
        eq(containments.tenantId, ctx.tenantId),
        eq(containments.agentId, agentId),
        isNull(containments.releasedAt),
      ),
    )
    .returning({ id: containments.id });
  if (!open) throw new AppError('conflict', 'It was released at this moment; ask again.');
  return open.id;
}

function alertOf(given: string | null): string | null {
  if (given === null || isId('alert', given)) return given;
  throw new AppError('not_found', 'There is no such alert in this tenant.');
}

/** Of an actor that may revoke; null for one that may not. */
export function confirmation(ctx: Ctx) {
  if (!actorMay(ctx.actor, 'credentials.revoke')) return null;
  return { confirmedBy: actorIdentity(ctx.actor).label, confirmedAt: sql`clock_timestamp()` };
}
