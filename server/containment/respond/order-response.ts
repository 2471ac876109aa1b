import type { Tx } from '#db/client.ts';
import type { ResponseAction } from '#db/enums.ts';
import { ruleResponses } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';

/** An alert that was just opened by a rule that says what is done about it. */
export interface ResponseOrder {
  readonly alertId: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly ruleTitle: string;
  readonly action: ResponseAction;
  /** Whose doing the evidence is; `isVerified`: the agent told it under its own key. */
  readonly doers: readonly {
    readonly agentId: string;
    readonly agentSlug: string;
    readonly isVerified: boolean;
  }[];
}

/**
 * Orders what a rule does by itself, in the transaction that opens the alert: one for each alert, however
 * often it is raised again. Whoever may only claim to be an agent must not be able to have it stopped, so
 * nothing is done where any of the evidence is a claim, or where it is not of one agent; that is written
 * down as well. @throws AppError `forbidden`
 */
export async function orderResponse(tx: Tx, ctx: Ctx, order: ResponseOrder): Promise<void> {
  requirePermission(ctx, 'containments.begin');
  // no-audit: the worker that takes it, or withholds it, writes the row.
  const { doers, ...rest } = order;
  const refusal = refusalOf(doers);
  const [doer] = doers;
  await tx
    .insert(ruleResponses)
    .values({
      tenantId: ctx.tenantId,
      id: newId('response'),
      ...rest,
      agentId: refusal === null ? (doer?.agentId ?? null) : null,
      agentLabel: refusal === null ? (doer?.agentSlug ?? null) : null,
      state: 'due',
      says: refusal ?? 'Waits for a worker.',
    })
    .onConflictDoNothing({ target: [ruleResponses.tenantId, ruleResponses.alertId] });
}

function refusalOf(doers: ResponseOrder['doers']): string | null {
  const agents = new Set(doers.map((doer) => doer.agentId));
  if (agents.size !== 1) {
    return agents.size === 0
      ? 'It concerns no agent, so nothing was done by itself.'
      : 'It concerns several agents, so nothing was done by itself.';
  }
  return doers.every((doer) => doer.isVerified)
    ? null
    : 'An agent’s name was only claimed in its evidence, so nothing was done by itself.';
}
