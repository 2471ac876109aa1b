import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { assignAlertsInputSchema, StepsTaken } from '#server/detection/contract.ts';
import { refuseResolved, takeSteps } from '#server/detection/internal/take-steps.ts';
import { mayTriage } from '#server/detection/list-assignees.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * Says whose alerts these are, or nobody's (`null`). @throws AppError `forbidden`, `not_found`;
 * `unprocessable` for somebody who could not work on them
 */
export async function assignAlerts(
  ctx: Ctx,
  { ids, assigneeId }: z.output<typeof assignAlertsInputSchema>,
): Promise<StepsTaken> {
  requirePermission(ctx, 'alerts.triage');
  return withTransaction(ctx, async (tx) => {
    const email = assigneeId === null ? null : await readAssignee(tx, ctx, assigneeId);
    const taken = await takeSteps(tx, ctx, ids, {
      kind: 'assigned',
      detail: { assignee: email },
      columns: { assigneeId },
      refuse: (row) =>
        row.assigneeId === assigneeId ? 'This alert is theirs already.' : refuseResolved(row),
    });
    for (const id of taken.done) {
      await writeAudit(tx, ctx, {
        action: 'alert.assigned',
        subject: { type: 'alert', id },
        detail: { assignee: email },
      });
    }
    return taken;
  });
}

async function readAssignee(tx: Tx, ctx: Ctx, userId: string): Promise<string> {
  const [person] = await tx
    .select({ email: users.email, roles: memberships.roles, disabledAt: users.disabledAt })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.tenantId, ctx.tenantId), eq(memberships.userId, userId)));
  if (person === undefined || person.disabledAt !== null || !mayTriage(person.roles)) {
    throw new AppError('unprocessable', 'Alerts can be given only to members who may triage them.');
  }
  return person.email;
}
