import { and, eq, isNull, sql } from 'drizzle-orm';
import { approvals, questions } from '#db/schema/approvals.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type HoldTools, redactText } from '#server/approvals/hold-tools.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import type { ActionAnswer, AnswerInput } from './contract.ts';
import { readActionRecord } from './read-action-record.ts';
import { noSuchAction, presentView, viewAction } from './read-action.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';

/**
 * An agent answers what a reviewer asked about its action; kept redacted, shown as the agent's own
 * words. The first answer counts.
 * @throws AppError `forbidden`, `not_found`, `conflict` when it was answered.
 */
export async function answerQuestion(
  ctx: Ctx,
  tools: HoldTools,
  actionId: string,
  input: AnswerInput,
): Promise<ActionAnswer> {
  requirePermission(ctx, 'actions.ask');
  const { agent } = agentOf(ctx);
  const answer = (await redactText(ctx, tools, input.text)) ?? '[could not be inspected]';
  const view = await withTransaction(ctx, async (tx) => {
    const record = await readActionRecord(tx, ctx, actionId);
    if (record === null || record.agentId !== agent.id) throw noSuchAction();
    const [question] = isId('question', input.questionId)
      ? await tx
          .select({ answer: questions.answer })
          .from(questions)
          .innerJoin(
            approvals,
            and(
              eq(approvals.tenantId, questions.tenantId),
              eq(approvals.id, questions.approvalId),
              eq(approvals.actionId, actionId),
            ),
          )
          .where(and(eq(questions.tenantId, ctx.tenantId), eq(questions.id, input.questionId)))
      : [];
    if (!question) throw new AppError('not_found', 'There is no such question on this action.');
    const answered = await tx
      .update(questions)
      .set({ answer, answeredAt: sql`clock_timestamp()` })
      .where(
        and(
          eq(questions.tenantId, ctx.tenantId),
          eq(questions.id, input.questionId),
          isNull(questions.answer),
        ),
      )
      .returning({ id: questions.id });
    if (answered.length === 0) {
      throw new AppError(
        'conflict',
        'This question was answered already; the first answer counts.',
      );
    }
    await writeAudit(tx, ctx, {
      action: 'approval.answered',
      subject: { type: 'question', id: input.questionId },
      detail: { action: actionId },
    });
    await noteChange(tx, ctx, {
      noun: 'question',
      subjectId: input.questionId,
      change: 'answered',
      agentId: agent.id,
    });
    return viewAction(tx, ctx, record);
  });
  return presentView(ctx, tools, view);
}
