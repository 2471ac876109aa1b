import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { acknowledgeAlert } from './acknowledge-alert.ts';
import {
  acknowledgeAlertInputSchema,
  alertCountsSchema,
  alertDetailSchema,
  alertHistogramInputSchema,
  alertHistogramSchema,
  alertPageSchema,
  listAlertsInputSchema,
  resolveAlertInputSchema,
  ruleDetailSchema,
  ruleSchema,
  ruleToggleInputSchema,
} from './contract.ts';
import { disableRule } from './disable-rule.ts';
import { enableRule } from './enable-rule.ts';
import { countAlerts, listAlerts, listRules, readAlert, readRule } from './queries.ts';
import { readAlertHistogram } from './read-alert-histogram.ts';
import { resolveAlert } from './resolve-alert.ts';

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
  acknowledge: tenantProcedure
    .input(acknowledgeAlertInputSchema)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await acknowledgeAlert(ctx.scope, input.id);
      return ok;
    }),
  resolve: tenantProcedure
    .input(resolveAlertInputSchema)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await resolveAlert(ctx.scope, input);
      return ok;
    }),
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
