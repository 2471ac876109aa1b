import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { alertChanges, alerts } from '#db/schema/detection.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { alertIdOf, alertWindowStart } from '#server/detection/alert-id.ts';
import type { AlertExplanation } from '#server/detection/raise-alert.ts';
import type { PackSource } from '#server/detection/rule-pack.ts';
import type { CompiledRule } from '#server/detection/sigma/compiled-rule.ts';
import { labelsOf } from '#server/detection/taxonomies.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/** What a rule had too much of: groups to remember, or work for the time it has for a batch. */
export interface RuleOverflow {
  readonly what: 'groups' | 'time';
  /** Groups that were forgotten; events that the rule was not asked about. */
  readonly count: number;
  /** Our clock, milliseconds. */
  readonly now: number;
}

const groupOf = { groups: 'overflow', time: 'overtime' } as const;
const titleOf = { groups: 'Too many groups to watch', time: 'A rule takes too long' } as const;

/**
 * Says that a rule outgrew its budget, so that something was not seen: a correlation that watches
 * more groups than are remembered, or a rule that took too long over a batch. From here on it may
 * miss something, and whoever floods it may want that. One alert an hour (our clock) for each of the
 * two; `count` adds up. @throws AppError `forbidden`
 */
export async function raiseOverflow(
  tx: Tx,
  ctx: Ctx,
  source: PackSource,
  rule: CompiledRule,
  { what, count, now }: RuleOverflow,
): Promise<void> {
  requirePermission(ctx, 'alerts.raise');
  // A rule in the shadow tells nobody anything.
  if (source.isShadow === true) return;
  const windowStart = alertWindowStart([], 0, now);
  const group = [groupOf[what]];
  const id = alertIdOf({
    ruleId: source.ruleId,
    ruleVersion: source.version,
    ruleKey: rule.key,
    group,
    windowStart,
    generation: 0,
  });
  const at = new Date(now).toISOString();
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
      title: `${titleOf[what]}: ${rule.title}`,
      explanation: explain(rule, what, windowStart),
      traceIds: [],
      labels: labelsOf(rule.tags),
      firstAt: at,
      lastAt: at,
      count,
    })
    .onConflictDoUpdate({
      target: [alerts.tenantId, alerts.id],
      set: { count: sql`${alerts.count} + ${count}`, lastAt: at, updatedAt: sql`now()` },
    })
    .returning({ count: alerts.count });
  const isNew = opened[0]?.count === count;
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
    detail: { title: rule.title, overflow: count, of: what },
  });
}

const descriptionOf = {
  groups:
    `This rule keeps a window for each group and remembers ${limits.ruleGroupsMax} of them. ` +
    'More were open at a time, so the oldest were forgotten and a match may be missing. ' +
    'Narrow its group-by, or look for who makes so many groups.',
  time:
    `This rule has ${limits.ruleBatchMs} ms for a batch of events and took longer, so it was not ` +
    'asked about the rest of the batch and a match may be missing. Narrow it by a field that few ' +
    'events have, or look for who sends such large texts.',
} as const;

const harmlessOf = {
  groups: ['A tenant that has grown beyond what the rule was written for'],
  time: ['A rule with many patterns over large texts', 'A machine that is short of processor time'],
} as const;

function explain(
  rule: CompiledRule,
  what: RuleOverflow['what'],
  windowStart: number,
): AlertExplanation {
  return {
    ruleKey: rule.key,
    description: descriptionOf[what],
    falsePositives: [...harmlessOf[what]],
    group: [{ field: groupOf[what], value: rule.key }],
    windowStart,
    generation: 0,
    traces: [],
    lateEventIds: [],
    actionIds: [],
    readings: [],
  };
}
