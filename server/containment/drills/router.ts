import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import {
  drillAgentSchema,
  drillPlanSchema,
  drillSchema,
  planDrillsInput,
  practiceCredentialSchema,
  startDrillInput,
} from './contract.ts';
import { planDrills } from './plan-drills.ts';
import { listPracticeCredentials } from './practice-credentials.ts';
import { listDrillAgents, listDrills, readDrill, readDrillPlan } from './queries.ts';
import { startDrill } from './start-drill.ts';

/** Exercises of the tenant. */
export const drillsRouter = router({
  list: tenantProcedure.output(z.array(drillSchema)).query(({ ctx }) => listDrills(ctx.scope)),
  get: tenantProcedure
    .input(z.object({ id: z.string() }))
    .output(drillSchema)
    .query(({ ctx, input }) => readDrill(ctx.scope, input.id)),
  /** Agents that are marked for drills. */
  agents: tenantProcedure
    .output(z.array(drillAgentSchema))
    .query(({ ctx }) => listDrillAgents(ctx.scope)),
  /** Credentials that a drill on this agent may revoke where they were made. */
  credentials: tenantProcedure
    .input(z.object({ agentId: z.string() }))
    .output(z.array(practiceCredentialSchema))
    .query(({ ctx, input }) => listPracticeCredentials(ctx.scope, input.agentId)),
  /** How often drills are due; null where it is not set. */
  plan: tenantProcedure
    .output(drillPlanSchema.nullable())
    .query(({ ctx }) => readDrillPlan(ctx.scope)),
  setPlan: tenantProcedure
    .input(planDrillsInput)
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await planDrills(ctx.scope, input);
      return { ok: true } as const;
    }),
  start: tenantProcedure
    .input(startDrillInput)
    .output(z.object({ id: z.string() }))
    .mutation(async ({ ctx, input }) => ({
      id: await startDrill(ctx.scope, { ...input, trigger: 'person' }),
    })),
});
