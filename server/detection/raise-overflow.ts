import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { alertChanges, alerts } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { alertIdOf, alertWindowStart } from '#server/detection/alert-id.ts';
import type { AlertExplanation } from '#server/detection/raise-alert.ts';
import type { PackSource } from '#server/detection/rule-pack.ts';
import type { CorrelationRule } from '#server/detection/sigma/compiled-rule.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Says that a correlation watches more groups than are remembered, so that the oldest were
 * forgotten: from here on it may miss something, and whoever floods it with groups may want that.
 * One alert an hour (our clock); `count` is the number of groups. @throws AppError `forbidden`
 */
export async function raiseOverflow(
  tx: Tx,
  ctx: Ctx,
  source: PackSource,
  rule: CorrelationRule,
  overflow: { readonly groups: number; readonly now: number },
): Promise<void> {
  requirePermission(ctx, 'alerts.raise');
  const windowStart = alertWindowStart([], 0, overflow.now);
  const group = ['overflow'];
  const id = alertIdOf({
    ruleId: source.ruleId,
    ruleVersion: source.version,
    ruleKey: rule.key,
    group,
    windowStart,
    generation: 0,
  });
  const at = new Date(overflow.now).toISOString();
  const opened = await tx
    .insert(alerts)
    .values({
      tenantId: ctx.tenantId,
      id,
      ruleId: source.ruleId,
      ruleVersion: source.version,
      groupKey: JSON.stringify(group),
      severity: 'medium',
      state: 'open',
      title: `Too many groups to watch: ${rule.title}`,
      explanation: explain(rule, windowStart),
      traceIds: [],
      labels: labelsOf(rule.tags),
      firstAt: at,
      lastAt: at,
      count: overflow.groups,
    })
    .onConflictDoUpdate({
      target: [alerts.tenantId, alerts.id],
      set: { count: sql`${alerts.count} + ${overflow.groups}`, lastAt: at, updatedAt: sql`now()` },
    })
    .returning({ count: alerts.count });
  const isNew = opened[0]?.count === overflow.groups;
  await tx.insert(alertChanges).values({
    tenantId: ctx.tenantId,
    incarnation: sql`(select incarnation from log_incarnation)`,
    alertId: id,
    change: isNew ? 'opened' : 'updated',
  });
  if (!isNew) return;
  await writeAudit(tx, ctx, {
    action: 'alert.opened',
    subject: { type: 'alert', id },
    risk: 'medium',
    cause: source.ruleId,
    detail: { title: rule.title, overflow: overflow.groups },
  });
}

function explain(rule: CorrelationRule, windowStart: number): AlertExplanation {
  return {
    ruleKey: rule.key,
    description:
      `This rule keeps a window for each group and remembers ${limits.ruleGroupsMax} of them. ` +
      'More were open at a time, so the oldest were forgotten and a match may be missing. ' +
      'Narrow its group-by, or look for who makes so many groups.',
    falsePositives: ['A tenant that has grown beyond what the rule was written for'],
    group: [{ field: 'overflow', value: rule.key }],
    windowStart,
    generation: 0,
    traces: [],
    lateEventIds: [],
    actionIds: [],
  };
}
