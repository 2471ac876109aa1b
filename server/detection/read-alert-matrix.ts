import { and, eq, sql } from 'drizzle-orm';
import { alerts, rules } from '#db/schema/detection.ts';
import { users } from '#db/schema/tenancy.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { AlertFilters, AlertMatrix } from '#server/detection/contract.ts';
import { alertConditions } from '#server/detection/queries.ts';
import { taxonomies } from '#server/detection/taxonomies.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';

/**
 * How many of a list's alerts carry each label of the taxonomies, and how many rules that run watch
 * for it: a label without a rule is unwatched, which is not the same as quiet. @throws AppError
 * `forbidden`
 */
export async function readAlertMatrix(ctx: Ctx, filters: AlertFilters): Promise<AlertMatrix> {
  requirePermission(ctx, 'alerts.read');
  const { alerted, watched } = await withRead(ctx, async (tx) => ({
    alerted: await tx
      .select({
        label: sql<string>`unnest(${alerts.labels})`.as('label'),
        count: sql<number>`count(*)::int`,
      })
      .from(alerts)
      .innerJoin(rules, and(eq(rules.tenantId, alerts.tenantId), eq(rules.id, alerts.ruleId)))
      .leftJoin(users, eq(users.id, alerts.assigneeId))
      .where(and(...alertConditions(ctx, filters)))
      .groupBy(sql`1`),
    watched: await tx
      .select({
        label: sql<string>`unnest(${rules.labels})`.as('label'),
        count: sql<number>`count(*)::int`,
      })
      .from(rules)
      .where(
        // A filter watches for nothing, whatever its tags are.
        and(eq(rules.tenantId, ctx.tenantId), eq(rules.state, 'enabled'), eq(rules.kind, 'rule')),
      )
      .groupBy(sql`1`),
  }));
  const alertsOf = new Map(alerted.map((row) => [row.label, row.count]));
  const rulesOf = new Map(watched.map((row) => [row.label, row.count]));
  return {
    taxonomies: taxonomies.map(({ scheme, version, entries }) => ({
      scheme,
      version,
      cells: Object.entries(entries).map(([label, title]) => ({
        label,
        title,
        alerts: alertsOf.get(label) ?? 0,
        rules: rulesOf.get(label) ?? 0,
      })),
    })),
  };
}
