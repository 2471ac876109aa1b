import { sql } from 'drizzle-orm';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { withGate } from '#server/gate/with-gate.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { mayIssueAgain } from './action-state.ts';
import { lockAction, readActionRecord } from './read-action-record.ts';
import { type ActionView, noSuchAction, viewAction } from './read-action.ts';

/**
 * Gives an approved action a permit, behind the gate, when it has none that lives: after the quorum,
 * after the last one expired unused, or after a lift. Everything it stands on (votes, policy, schema,
 * time) is read again under the action's lock, so two that ask at once get one permit.
 * @returns the action as it is then; unchanged when nothing may be issued.
 * @throws AppError `forbidden`, `not_found`, `halted`.
 */
export async function issuePermit(
  ctx: Ctx,
  tools: HoldTools,
  { record }: ActionView,
): Promise<ActionView> {
  requirePermission(ctx, 'actions.ask');
  return withGate(ctx, record.subject, async (tx, gate) => {
    await lockAction(tx, ctx, record.id);
    const current = await readActionRecord(tx, ctx, record.id);
    if (current === null) throw noSuchAction();
    const view = await viewAction(tx, ctx, current);
    if (!mayIssueAgain(view.facts, view.coverage.nowMs) || current.nonce === null) return view;
    const id = newId('permit');
    await tx.execute(sql`
      insert into permits (tenant_id, id, action_id, agent_id, tool, digest, policy_version, epoch,
        kid, issued_at, expires_at)
      select ${uuidOf(ctx.tenantId)}::uuid, ${uuidOf(id)}::uuid, ${uuidOf(current.id)}::uuid,
        ${uuidOf(current.agentId)}::uuid, ${current.tool}, ${current.digest},
        ${current.policyVersion}, ${gate.epoch}::bigint, ${tools.permitKey.kid}, moment.at,
        moment.at + make_interval(secs => ${limits.permitSeconds}::int)
      from (select date_trunc('second', clock_timestamp()) as at offset 0) moment`);
    await writeAudit(tx, ctx, {
      action: 'permit.issued',
      subject: { type: 'permit', id },
      detail: { action: current.id, tool: current.tool, digest: current.digest },
    });
    const issued = await readActionRecord(tx, ctx, current.id);
    if (issued === null) throw noSuchAction();
    return viewAction(tx, ctx, issued);
  });
}
