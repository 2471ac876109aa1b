import { and, count, desc, eq, max, sql } from 'drizzle-orm';
import type { z } from 'zod';
import { alerts, rules } from '#db/schema/detection.ts';
import { users } from '#db/schema/tenancy.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import {
  type AlertGroup,
  type alertGroupsInputSchema,
  severities,
} from '#server/detection/contract.ts';
import { alertConditions } from '#server/detection/queries.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/** Place of a severity in the scale, 1 for the worst. */
const rank = sql`array_position(array[${sql.join(
  severities.map((severity) => sql`${severity}`),
  sql`, `,
)}]::text[], ${alerts.severity})`;

/**
 * The alerts of a list by the rule or by the agent, the worst and largest groups first, at most
 * `limits.pageItemsMax`. @throws AppError `forbidden`
 */
export async function readAlertGroups(
  ctx: Ctx,
  { by, ...filters }: z.output<typeof alertGroupsInputSchema>,
): Promise<AlertGroup[]> {
  requirePermission(ctx, 'alerts.read');
  const key = by === 'rule' ? rules.slug : alerts.agentSlug;
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        key: sql<string | null>`${key}`,
        title: by === 'rule' ? sql<string>`max(${rules.title})` : sql<null>`null`,
        alerts: count(),
        worst: sql<number>`min(${rank})::int`,
        lastAt: max(alerts.lastAt),
      })
      .from(alerts)
      .innerJoin(rules, and(eq(rules.tenantId, alerts.tenantId), eq(rules.id, alerts.ruleId)))
      .leftJoin(users, eq(users.id, alerts.assigneeId))
      .where(and(...alertConditions(ctx, filters)))
      .groupBy(key)
      .orderBy(sql`min(${rank})`, desc(count()), sql`1`)
      .limit(limits.pageItemsMax),
  );
  return rows.map((row) => ({
    key: row.key,
    title: row.title ?? row.key,
    alerts: row.alerts,
    severity: severities[row.worst - 1] ?? 'informational',
    lastAt: row.lastAt ?? '',
  }));
}
