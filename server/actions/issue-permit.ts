import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { deadKey, isKeyDead } from '#server/auth/key-standing.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { withGate } from '#server/gate/with-gate.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { mayIssueAgain } from './action-state.ts';
import {
  type ActionRecord,
  lockAction,
  type PermitRecord,
  readActionRecord,
} from './read-action-record.ts';
import { type ActionView, noSuchAction, readSurroundings, viewOf } from './read-action.ts';

/**
 * Gives an approved action a permit, behind the gate, when it has none that lives: after the quorum,
 * after the last one expired unused, or after a lift. Everything it stands on (votes, policy, schema,
 * time) is read again under the action's lock, so two that ask at once get one permit.
 * @returns the action as it is then; unchanged when nothing may be issued.
 * @throws AppError `unauthenticated` for a key that died meanwhile, `forbidden`, `not_found`, `halted`.
 */
export async function issuePermit(
  ctx: Ctx,
  tools: HoldTools,
  { record }: ActionView,
): Promise<ActionView> {
  requirePermission(ctx, 'actions.ask');
  // In the order in which they are sent: what is read was read after the lock.
  const read = (tx: Tx) =>
    Promise.all([
      lockAction(tx, ctx, record.id),
      readActionRecord(tx, ctx, record.id),
      readSurroundings(tx, ctx, record),
      isKeyDead(tx, ctx),
    ]);
  return withGate(
    ctx,
    record.subject,
    async (tx, gate, [, current, around, isDead]) => {
      if (isDead) throw deadKey();
      if (current === null) throw noSuchAction();
      const view = viewOf(current, around);
      if (!mayIssueAgain(view.facts, view.coverage.nowMs) || current.nonce === null) return view;
      const id = newId('permit');
      const [permit] = await Promise.all([
        insertPermit(tx, ctx, current, { id, epoch: gate.epoch, kid: tools.permitKey.kid }),
        writeAudit(tx, ctx, {
          action: 'permit.issued',
          subject: { type: 'permit', id },
          detail: { action: current.id, tool: current.tool, digest: current.digest },
        }),
      ]);
      return viewOf({ ...current, permit }, around);
    },
    read,
  );
}

/** Its times are the database's; it begins at a whole second, as its claims do. */
async function insertPermit(
  tx: Tx,
  ctx: Ctx,
  action: ActionRecord,
  { id, epoch, kid }: Pick<PermitRecord, 'id' | 'epoch' | 'kid'>,
): Promise<PermitRecord> {
  const [row] = await hotQuery<{ issued_ms: number; expires_ms: number }>(tx, text, [
    uuidOf(ctx.tenantId),
    uuidOf(id),
    uuidOf(action.id),
    uuidOf(action.agentId),
    action.tool,
    action.digest,
    action.policyVersion,
    epoch,
    kid,
    limits.permitSeconds,
  ]);
  if (!row) throw new Error('a permit was not stored');
  const { policyVersion } = action;
  return {
    id,
    epoch,
    kid,
    policyVersion,
    issuedAtMs: row.issued_ms,
    expiresAtMs: row.expires_ms,
  };
}

const text = `insert into permits (tenant_id, id, action_id, agent_id, tool, digest, policy_version,
  epoch, kid, issued_at, expires_at)
select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::text, $6::text, $7::text, $8::bigint, $9::text,
  moment.at, moment.at + make_interval(secs => $10::int)
from (select date_trunc('second', clock_timestamp()) as at offset 0) moment
returning (extract(epoch from issued_at) * 1000)::float8 as issued_ms,
  (extract(epoch from expires_at) * 1000)::float8 as expires_ms`;
