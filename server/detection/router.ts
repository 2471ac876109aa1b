import { z } from 'zod';
import { eventInputSchema } from '#server/telemetry/traces/contract.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { acknowledgeAlerts } from './acknowledge-alerts.ts';
import { archiveAlerts } from './archive-alerts.ts';
import { assignAlerts } from './assign-alerts.ts';
import { commentAlert } from './comment-alert.ts';
import {
  alertCountsSchema,
  backtestIdSchema,
  backtestSchema,
  checkRuleInputSchema,
  createRuleInputSchema,
  importedRuleSchema,
  importPackInputSchema,
  proposalInputSchema,
  proposeRuleInputSchema,
  ruleCheckSchema,
  ruleIdSchema,
  ruleVocabularySchema,
  shadowReportSchema,
  shadowRuleInputSchema,
  startBacktestInputSchema,
  alertActionSchema,
  alertDetailSchema,
  alertFiltersSchema,
  alertGroupSchema,
  alertGroupsInputSchema,
  alertMatrixSchema,
  alertHistogramInputSchema,
  alertHistogramSchema,
  alertIdsInputSchema,
  alertPageSchema,
  assignAlertsInputSchema,
  assigneeSchema,
  commentAlertInputSchema,
  deepFindingSchema,
  listAlertsInputSchema,
  resolveAlertsInputSchema,
  ruleDetailSchema,
  ruleSchema,
  ruleToggleInputSchema,
  snoozeAlertsInputSchema,
  stepsTakenSchema,
  undoAlertStepsInputSchema,
} from './contract.ts';
import { approveRule } from './approve-rule.ts';
import { cancelBacktest } from './cancel-backtest.ts';
import { checkRule } from './check-rule.ts';
import { createRule } from './create-rule.ts';
import { discardProposal } from './discard-proposal.ts';
import { exportPack } from './export-pack.ts';
import { importPack } from './import-pack.ts';
import { proposeRule } from './propose-rule.ts';
import { listBacktests, readBacktest } from './read-backtests.ts';
import { readShadow } from './read-shadow.ts';
import { readVocabulary } from './read-vocabulary.ts';
import { shadowRule } from './shadow-rule.ts';
import { startBacktest } from './start-backtest.ts';
import { disableRule } from './disable-rule.ts';
import { enableRule } from './enable-rule.ts';
import { countAlerts, listAlerts, readAlert } from './queries.ts';
import { listRules, readRule } from './read-rules.ts';
import { readAlertActions } from './read-alert-actions.ts';
import { readAlertGroups } from './read-alert-groups.ts';
import { readAlertMatrix } from './read-alert-matrix.ts';
import { readDeepFinding } from './read-deep-finding.ts';
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
  /** What an alert of the hold is about. */
  actions: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(z.object({ items: z.array(alertActionSchema) }))
    .query(async ({ ctx, input }) => ({ items: await readAlertActions(ctx.scope, input.id) })),
  /** What the deep layer, which raises some of them, makes of one event. */
  deepFinding: tenantProcedure
    .input(eventInputSchema)
    .output(deepFindingSchema)
    .query(({ ctx, input }) => readDeepFinding(ctx.scope, input.eventId, input.revision ?? null)),
  counts: tenantProcedure.output(alertCountsSchema).query(({ ctx }) => countAlerts(ctx.scope)),
  histogram: tenantProcedure
    .input(alertHistogramInputSchema)
    .output(alertHistogramSchema)
    .query(async ({ ctx, input }) => ({ items: await readAlertHistogram(ctx.scope, input) })),
  groups: tenantProcedure
    .input(alertGroupsInputSchema)
    .output(z.object({ items: z.array(alertGroupSchema) }))
    .query(async ({ ctx, input }) => ({ items: await readAlertGroups(ctx.scope, input) })),
  matrix: tenantProcedure
    .input(alertFiltersSchema)
    .output(alertMatrixSchema)
    .query(({ ctx, input }) => readAlertMatrix(ctx.scope, input)),
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
  vocabulary: tenantProcedure
    .output(ruleVocabularySchema)
    .query(({ ctx }) => readVocabulary(ctx.scope)),
  check: tenantProcedure
    .input(checkRuleInputSchema)
    .output(ruleCheckSchema)
    // Changes nothing, but a text of 64 kB has no place in an address.
    .mutation(({ ctx, input }) => checkRule(ctx.scope, input.source)),
  create: tenantProcedure
    .input(createRuleInputSchema)
    .output(z.object({ id: ruleIdSchema }))
    .mutation(({ ctx, input }) => createRule(ctx.scope, input)),
  propose: tenantProcedure
    .input(proposeRuleInputSchema)
    .output(z.object({ version: z.number().int() }))
    .mutation(({ ctx, input }) => proposeRule(ctx.scope, input)),
  discard: tenantProcedure
    .input(proposalInputSchema)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await discardProposal(ctx.scope, input);
      return ok;
    }),
  shadow: tenantProcedure
    .input(shadowRuleInputSchema)
    .output(switched)
    .mutation(({ ctx, input }) => shadowRule(ctx.scope, input)),
  approve: tenantProcedure
    .input(proposalInputSchema)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await approveRule(ctx.scope, input);
      return ok;
    }),
  exportPack: tenantProcedure
    .input(z.object({ isWithShipped: z.boolean() }))
    .output(z.object({ text: z.string() }))
    .query(async ({ ctx, input }) => ({ text: await exportPack(ctx.scope, input.isWithShipped) })),
  importPack: tenantProcedure
    .input(importPackInputSchema)
    .output(z.object({ items: z.array(importedRuleSchema) }))
    .mutation(async ({ ctx, input }) => ({ items: await importPack(ctx.scope, input.text) })),
  shadowReport: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(shadowReportSchema.nullable())
    .query(({ ctx, input }) => readShadow(ctx.scope, input.id)),
});

/** Runs of rules over stored events. */
export const backtestsRouter = router({
  list: tenantProcedure
    .input(z.object({ ruleId: z.string().max(64).nullable() }))
    .output(z.object({ items: z.array(backtestSchema) }))
    .query(async ({ ctx, input }) => ({ items: await listBacktests(ctx.scope, input.ruleId) })),
  get: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(backtestSchema)
    .query(({ ctx, input }) => readBacktest(ctx.scope, input.id)),
  start: tenantProcedure
    .input(startBacktestInputSchema)
    .output(z.object({ id: backtestIdSchema }))
    .mutation(({ ctx, input }) => startBacktest(ctx.scope, input)),
  cancel: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(switched)
    .mutation(({ ctx, input }) => cancelBacktest(ctx.scope, input.id)),
});
