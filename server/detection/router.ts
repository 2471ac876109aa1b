import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { acknowledgeAlerts } from './acknowledge-alerts.ts';
import { archiveAlerts } from './archive-alerts.ts';
import { assignAlerts } from './assign-alerts.ts';
import { commentAlert } from './comment-alert.ts';
import {
  alertCountsSchema,
  alertDetailSchema,
  alertHistogramInputSchema,
  alertHistogramSchema,
  alertIdsInputSchema,
  alertPageSchema,
  assignAlertsInputSchema,
  assigneeSchema,
  commentAlertInputSchema,
  listAlertsInputSchema,
  resolveAlertsInputSchema,
  ruleDetailSchema,
  ruleSchema,
  ruleToggleInputSchema,
  snoozeAlertsInputSchema,
  stepsTakenSchema,
  undoAlertStepsInputSchema,
} from './contract.ts';
import { disableRule } from './disable-rule.ts';
import { enableRule } from './enable-rule.ts';
import { countAlerts, listAlerts, listRules, readAlert, readRule } from './queries.ts';
import { readAlertHistogram } from './read-alert-histogram.ts';
import { listAssignees } from './list-assignees.ts';
import { resolveAlerts } from './resolve-alerts.ts';
import { returnAlerts } from './return-alerts.ts';
import { snoozeAlerts } from './snooze-alerts.ts';
import { undoAlertSteps } from './undo-alert-steps.ts';

const done = z.object({ ok: z.literal(true) });
const ok = { ok: true } as const;
const switched = z.object({ isChanged: z.boolean() });

/** Alerts of the tenant. */
export const alertsRouter = router({
  list: tenantProcedure
    .input(listAlertsInputSchema)
    .output(alertPageSchema)
    .query(({ ctx, input }) => listAlerts(ctx.scope, input)),
  get: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(alertDetailSchema)
    .query(({ ctx, input }) => readAlert(ctx.scope, input.id)),
  counts: tenantProcedure.output(alertCountsSchema).query(({ ctx }) => countAlerts(ctx.scope)),
  histogram: tenantProcedure
    .input(alertHistogramInputSchema)
    .output(alertHistogramSchema)
    .query(async ({ ctx, input }) => ({ items: await readAlertHistogram(ctx.scope, input) })),
  assignees: tenantProcedure
    .output(z.object({ items: z.array(assigneeSchema) }))
    .query(async ({ ctx }) => ({ items: await listAssignees(ctx.scope) })),
  acknowledge: tenantProcedure
    .input(alertIdsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => acknowledgeAlerts(ctx.scope, input.ids)),
  resolve: tenantProcedure
    .input(resolveAlertsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => resolveAlerts(ctx.scope, input)),
  snooze: tenantProcedure
    .input(snoozeAlertsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => snoozeAlerts(ctx.scope, input)),
  archive: tenantProcedure
    .input(alertIdsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => archiveAlerts(ctx.scope, input.ids)),
  return: tenantProcedure
    .input(alertIdsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => returnAlerts(ctx.scope, input.ids)),
  assign: tenantProcedure
    .input(assignAlertsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => assignAlerts(ctx.scope, input)),
  comment: tenantProcedure
    .input(commentAlertInputSchema)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await commentAlert(ctx.scope, input);
      return ok;
    }),
  undo: tenantProcedure
    .input(undoAlertStepsInputSchema)
    .output(stepsTakenSchema)
    .mutation(({ ctx, input }) => undoAlertSteps(ctx.scope, input.batch)),
});

/** Detection rules of the tenant. */
export const rulesRouter = router({
  list: tenantProcedure
    .output(z.object({ items: z.array(ruleSchema) }))
    .query(async ({ ctx }) => ({ items: await listRules(ctx.scope) })),
  get: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(ruleDetailSchema)
    .query(({ ctx, input }) => readRule(ctx.scope, input.id)),
  enable: tenantProcedure
    .input(ruleToggleInputSchema)
    .output(switched)
    .mutation(({ ctx, input }) => enableRule(ctx.scope, input.id)),
  disable: tenantProcedure
    .input(ruleToggleInputSchema)
    .output(switched)
    .mutation(({ ctx, input }) => disableRule(ctx.scope, input.id)),
});
