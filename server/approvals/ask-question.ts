import { sql } from 'drizzle-orm';
import { questions } from '#db/schema/approvals.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChange } from '#server/live/note-change.ts';
import { ineligibility } from './approval-state.ts';
import { voterOf } from './present.ts';
import { judgeApproval, readApproval } from './read-approval.ts';
import { noSuchApproval } from './read-approval-detail.ts';
import { readVoters } from './read-voters.ts';
import { refusalError } from './refusal-error.ts';

/**
 * A reviewer asks the agent about a request that is still open; the agent is told and may answer.
 * @throws AppError `forbidden`, `not_found`, `self_approval`, `conflict`, `expired`, `unprocessable`
 *   when too much was asked already.
 */
export async function askQuestion(
  ctx: Ctx,
  input: { readonly id: string; readonly text: string },
): Promise<{ id: string }> {
  requirePermission(ctx, 'approvals.vote');
  const { actor } = ctx;
  if (actor.type !== 'person') throw new AppError('forbidden', 'Only a person asks.');
  if (!isId('approval', input.id)) throw noSuchApproval();
  return withTransaction(ctx, async (tx) => {
    const record = await readApproval(tx, ctx, input.id, { isLocked: true });
    if (record === null) throw noSuchApproval();
    const coverage = await readCoverage(tx, ctx, record.subject, record.requestedAt);
    const { facts, state } = judgeApproval(record, coverage, [], []);
    const refusal = ineligibility(facts, voterOf(ctx, await readVoters(tx, ctx)));
    if (refusal !== null) throw refusalError(refusal, state);
    if (state !== 'pending' && state !== 'frozen') throw refusalError('closed', state);
    const [asked] = await tx.execute<{ count: number }>(sql`select count(*)::int from questions
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and approval_id = ${uuidOf(record.id)}::uuid`);
    if ((asked?.count ?? 0) >= limits.questionsMax) {
      throw new AppError('unprocessable', `${limits.questionsMax} questions are asked at most.`);
    }
    const id = newId('question');
    await tx.insert(questions).values({
      tenantId: ctx.tenantId,
      id,
      approvalId: record.id,
      askedByUserId: actor.userId,
      askedByLabel: actor.email,
      text: input.text,
    });
    await writeAudit(tx, ctx, {
      action: 'approval.questioned',
      subject: { type: 'approval', id: record.id },
      detail: { question: id, text: input.text },
    });
    await noteChange(tx, ctx, {
      noun: 'question',
      subjectId: id,
      change: 'asked',
      agentId: record.agentId,
    });
    return { id };
  });
}
