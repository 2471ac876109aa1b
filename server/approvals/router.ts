import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { askQuestion } from './ask-question.ts';
import { castVote } from './cast-vote.ts';
import {
  approvalCountsSchema,
  approvalDetailSchema,
  approvalListInput,
  approvalListSchema,
  askQuestionInput,
  castVoteAnswer,
  castVoteInput,
  openedArgumentsSchema,
  revealInput,
  revealSchema,
} from './contract.ts';
import type { HoldTools } from './hold-tools.ts';
import { countApprovals, listApprovals } from './list-approvals.ts';
import { openArguments } from './open-arguments.ts';
import { readApprovalDetail } from './read-approval-detail.ts';
import { revealSecret } from './reveal-secret.ts';

const oneInput = z.object({ id: z.string().max(64) });

/** Held actions and the people who decide them. Arguments come by `open` alone, each time audited. */
export function createApprovalsRouter(tools: HoldTools) {
  return router({
    list: tenantProcedure
      .input(approvalListInput)
      .output(approvalListSchema)
      .query(({ ctx, input }) => listApprovals(ctx.scope, input)),
    counts: tenantProcedure
      .output(approvalCountsSchema)
      .query(({ ctx }) => countApprovals(ctx.scope)),
    get: tenantProcedure
      .input(oneInput)
      .output(approvalDetailSchema)
      .query(({ ctx, input }) => readApprovalDetail(ctx.scope, input.id)),
    open: tenantProcedure
      .input(oneInput)
      .output(openedArgumentsSchema)
      .mutation(({ ctx, input }) => openArguments(ctx.scope, tools, input.id)),
    reveal: tenantProcedure
      .input(revealInput)
      .output(revealSchema)
      .mutation(({ ctx, input }) => revealSecret(ctx.scope, tools, input)),
    vote: tenantProcedure
      .input(castVoteInput)
      .output(castVoteAnswer)
      .mutation(({ ctx, input }) => castVote(ctx.scope, input)),
    ask: tenantProcedure
      .input(askQuestionInput)
      .output(z.object({ id: z.string() }))
      .mutation(({ ctx, input }) => askQuestion(ctx.scope, input)),
  });
}
