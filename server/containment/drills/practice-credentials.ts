import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { credentials } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { PracticeCredential } from './contract.ts';

/**
 * Credentials that a drill on this agent may revoke, by name: the agent holds them, every other holder is
 * marked for drills too, a provider is known where the revocation can be proven, nothing is made from them,
 * and nobody has revoked them yet.
 */
export async function selectPracticeCredentials(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
): Promise<PracticeCredential[]> {
  const rows = await tx.execute<{ id: string; name: string; provider: string }>(sql`
    select c.id, c.name, p.name as provider from credentials c
    join credential_providers p on p.tenant_id = c.tenant_id and p.id = c.provider_id
    join credential_holders own on own.tenant_id = c.tenant_id and own.credential_id = c.id
      and own.agent_id = ${uuidOf(agentId)}::uuid
    where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and c.revoke_requested_at is null
      and not exists (
        select 1 from credential_holders h
        join agents g on g.tenant_id = h.tenant_id and g.id = h.agent_id
        where h.tenant_id = c.tenant_id and h.credential_id = c.id and not g.is_drill)
      and not exists (
        select 1 from credentials made where made.tenant_id = c.tenant_id and made.parent_id = c.id)
    order by c.name limit ${limits.pageItemsMax}`);
  return rows.map(({ id, ...named }) => ({ id: idOf('credential', id), ...named }));
}

/**
 * Whether a drill on this agent may revoke it now. Locked before it is looked at, so that nothing is made
 * from it in between, which would be revoked with it.
 */
export async function lockPractice(
  tx: Tx,
  ctx: Ctx,
  agentId: string,
  credentialId: string,
): Promise<boolean> {
  await tx
    .select({ id: credentials.id })
    .from(credentials)
    .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.id, credentialId)))
    .for('update');
  const practice = await selectPracticeCredentials(tx, ctx, agentId);
  return practice.some(({ id }) => id === credentialId);
}

/** What may be chosen by whoever begins a drill. @throws AppError `forbidden` */
export async function listPracticeCredentials(
  ctx: Ctx,
  agentId: string,
): Promise<PracticeCredential[]> {
  requirePermission(ctx, 'drills.run');
  if (!isId('agent', agentId)) return [];
  return withRead(ctx, (tx) => selectPracticeCredentials(tx, ctx, agentId));
}
