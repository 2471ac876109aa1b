import type { Tx } from '#db/client.ts';
import { outcomes } from '#db/schema/actions.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { type HoldTools, redactOrDrop } from '#server/approvals/hold-tools.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError, isAppError } from '#server/kernel/errors.ts';
import { canonicaliseArguments, type JsonObject } from '#server/permits/canonicalise.ts';
import type { Json } from '#server/telemetry/contract.ts';
import { completeDecided } from './complete-arguments.ts';
import type { ActionAnswer, OutcomeInput } from './contract.ts';
import { type ActionRecord, lockAction, readActionRecord } from './read-action-record.ts';
import { noSuchAction, presentView, viewAction } from './read-action.ts';
import { digestOfArguments } from './redeem-refusals.ts';
import { mayEnforce } from '#server/auth/requesting-agent.ts';

/**
 * How a redeemed action ended, told by the agent or by an enforcer of its tool. Kept redacted; what
 * was executed is compared by its digest with what was decided, and of a held action kept only where
 * it is something else: redaction takes out what is known to be secret, and what was sealed is more.
 * The first word counts: a second one changes nothing and is answered with the action as it stands.
 * @throws AppError `forbidden`, `not_found`, `denied`, `conflict` before the redeem.
 */
export async function reportOutcome(
  ctx: Ctx,
  tools: HoldTools,
  id: string,
  input: OutcomeInput,
): Promise<ActionAnswer> {
  requirePermission(ctx, 'actions.report');
  if (input.executedArgs) canonicaliseArguments(input.executedArgs);
  const result = await redactOrDrop(ctx, tools, (input.result ?? null) as Json);
  const executedArgs = await redactOrDrop(ctx, tools, (input.executedArgs ?? null) as Json);
  const view = await withTransaction(ctx, async (tx) => {
    const isThere = await lockAction(tx, ctx, id);
    const record = isThere ? await readActionRecord(tx, ctx, id) : null;
    if (record === null) throw noSuchAction();
    if (!mayEnforce(ctx, record.agentId, record.tool)) {
      throw new AppError('denied', 'Only the agent itself, or an enforcer of the tool, reports.');
    }
    if (record.redeemedAtMs === null) {
      throw new AppError('conflict', 'This action was never redeemed; redeem its permit first.');
    }
    if (record.outcome !== null) return viewAction(tx, ctx, record);
    const executedDigest = input.executedArgs
      ? await digestOfExecuted(tx, ctx, record, input.executedArgs)
      : null;
    // What ran exactly as it was approved lies sealed already; a copy would undo the seal.
    const isSealed = record.approvalId !== null && executedDigest === record.digest;
    await tx.insert(outcomes).values({
      tenantId: ctx.tenantId,
      actionId: id,
      status: input.status,
      result,
      executedArgs: isSealed ? null : executedArgs,
      executedDigest,
      keyId: ctx.actor.type === 'key' ? ctx.actor.keyId : '',
    });
    await writeAudit(tx, ctx, {
      action: 'action.outcome_reported',
      subject: { type: 'action', id },
      detail: {
        tool: record.tool,
        status: input.status,
        isAsDecided: executedDigest === null ? null : executedDigest === record.digest,
      },
    });
    return viewAction(tx, ctx, { ...record, outcome: input.status });
  });
  return presentView(ctx, tools, view);
}

/** Whoever left out a default ran it all the same; what fits no schema any more is compared as it is. */
async function digestOfExecuted(
  tx: Tx,
  ctx: Ctx,
  record: ActionRecord,
  args: JsonObject,
): Promise<string | null> {
  try {
    return digestOfArguments(record, await completeDecided(tx, ctx, record, args));
  } catch (error) {
    if (!isAppError(error)) throw error;
    return digestOfArguments(record, args);
  }
}
