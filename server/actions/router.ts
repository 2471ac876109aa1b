import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { callCoverageSchema, chainAnswerSchema, chainInput } from './contract.ts';
import { readActionChain } from './read-action-chain.ts';
import { readCallCoverage } from './read-call-coverage.ts';

/** What became of actions; asking and redeeming have their own doors. */
export const actionsRouter = router({
  /** Governed calls with a permit, by agent and tool; of all agents where none is named. */
  coverage: tenantProcedure
    .input(z.object({ agentIds: z.array(z.string().max(64)).max(limits.pageItemsMax).nullish() }))
    .output(z.array(callCoverageSchema))
    .query(({ ctx, input }) => readCallCoverage(ctx.scope, input.agentIds ?? null)),
  /** Decision, permit, redeem, call and outcome of an action or of a trace. */
  chain: tenantProcedure
    .input(chainInput)
    .output(chainAnswerSchema)
    .query(({ ctx, input }) => readActionChain(ctx.scope, input)),
});
