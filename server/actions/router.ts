import { z } from 'zod';
import { castVoteAnswer } from '#server/approvals/contract.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { limits } from '#server/kernel/limits.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { traceInputSchema } from '#server/telemetry/traces/contract.ts';
import {
  actionListInput,
  actionListSchema,
  callCoverageSchema,
  chainAnswerSchema,
  chainInput,
  decisionCountsInputSchema,
  decisionCountsSchema,
  editInput,
  permitCountsSchema,
  traceActionsSchema,
} from './contract.ts';
import { editAction } from './edit-action.ts';
import { listActions } from './list-actions.ts';
import { readActionChain } from './read-action-chain.ts';
import { readCallCoverage } from './read-call-coverage.ts';
import { readDecisionCounts } from './read-decision-counts.ts';
import { readPermitCounts } from './read-permit-counts.ts';
import { readTraceActions } from './read-trace-actions.ts';

/** What became of actions, and a reviewer's edit; asking and redeeming have their own doors. */
export function createActionsRouter(tools: HoldTools) {
  return router({
    /** Changes the arguments of a held action and approves what came of it. */
    edit: tenantProcedure
      .input(editInput)
      .output(castVoteAnswer)
      .mutation(({ ctx, input }) => editAction(ctx.scope, tools, input)),
    /** What agents asked, newest first, each in its state of this moment. */
    list: tenantProcedure
      .input(actionListInput)
      .output(actionListSchema)
      .query(({ ctx, input }) => listActions(ctx.scope, input)),
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
    /** What was asked for in a trace, with the instants of what came of it: for its playback. */
    ofTrace: tenantProcedure
      .input(traceInputSchema)
      .output(traceActionsSchema)
      .query(({ ctx, input }) => readTraceActions(ctx.scope, input.traceId)),
    /** Actions decided, by step and decision. */
    counts: tenantProcedure
      .input(decisionCountsInputSchema)
      .output(decisionCountsSchema)
      .query(({ ctx, input }) => readDecisionCounts(ctx.scope, input)),
    /** Permits by step of their issue and what became of them. */
    permitCounts: tenantProcedure
      .input(decisionCountsInputSchema)
      .output(permitCountsSchema)
      .query(({ ctx, input }) => readPermitCounts(ctx.scope, input)),
  });
}
