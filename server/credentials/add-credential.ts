import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { credentialHolders, credentials, providers } from '#db/schema/credentials.ts';
import { memberships } from '#db/schema/tenancy.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { AddCredentialInput } from './contract.ts';
import type { BrokerTools } from './broker-tools.ts';
import { storeMarks } from './outside/store-marks.ts';
import { sealSecret, storeSecret } from './seal-secret.ts';

/**
 * Brings a credential into the broker: its secret is sealed and never shown again, and looked for in
 * telemetry from then on (`limits.keptSecretReadMs`); the agents named may take leases of it.
 * @throws AppError `forbidden`, `conflict` for a name that is taken, `unprocessable` for an owner, a
 *   holder or a parent that is not of this tenant
 */
export async function addCredential(
  ctx: Ctx,
  tools: Pick<BrokerTools, 'keyManagement' | 'markKeyOf'>,
  input: AddCredentialInput,
): Promise<{ id: string }> {
  requirePermission(ctx, 'credentials.write');
  const id = newId('credential');
  const { secret, holders, ...facts } = input;
  const sealed = await sealSecret(ctx, tools.keyManagement, id, secret);
  await withTransaction(ctx, async (tx) => {
    await requireRoom(tx, ctx);
    await requireOwner(tx, ctx, facts.ownerUserId);
    await requireParent(tx, ctx, facts.parentId);
    await requireProvider(tx, ctx, facts.providerId);
    const agentIds = await findHolders(tx, ctx, holders);
    const made = await tx
      .insert(credentials)
      .values({
        tenantId: ctx.tenantId,
        id,
        ...facts,
        createdBy: actorIdentity(ctx.actor).label,
      })
      .onConflictDoNothing({ target: [credentials.tenantId, credentials.name] })
      .returning({ id: credentials.id });
    if (made.length === 0) {
      throw new AppError('conflict', 'A credential of this name is there; choose another name.');
    }
    await storeSecret(tx, ctx, id, sealed);
    const markKey = tools.markKeyOf(ctx.tenantId);
    const secretWatch = await storeMarks(tx, ctx, markKey, { credentialId: id, secret });
    await tx
      .update(credentials)
      .set({ secretWatch })
      .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.id, id)));
    if (agentIds.length > 0) {
      await tx
        .insert(credentialHolders)
        .values(agentIds.map((agentId) => ({ tenantId: ctx.tenantId, credentialId: id, agentId })));
    }
    const { name, tool, kind, scopes, environment, parentId, providerId } = facts;
    await writeAudit(tx, ctx, {
      action: 'credential.added',
      subject: { type: 'credential', id },
      detail: { name, tool, kind, scopes, environment, parentId, providerId, holders },
    });
  });
  return { id };
}

async function requireRoom(tx: Tx, ctx: Ctx): Promise<void> {
  const [row] = await tx
    .select({ there: count() })
    .from(credentials)
    .where(and(eq(credentials.tenantId, ctx.tenantId)));
  if ((row?.there ?? 0) < limits.credentialsMax) return;
  throw new AppError('unprocessable', `A tenant has ${limits.credentialsMax} credentials at most.`);
}

async function requireOwner(tx: Tx, ctx: Ctx, userId: string | null): Promise<void> {
  if (userId === null) return;
  const found = isId('user', userId)
    ? await tx
        .select({ userId: memberships.userId })
        .from(memberships)
        .where(and(eq(memberships.tenantId, ctx.tenantId), eq(memberships.userId, userId)))
    : [];
  if (found.length > 0) return;
  throw new AppError('unprocessable', 'The owner must be a person of this tenant.');
}

/** A parent that is being revoked takes no further children: they would have escaped its cascade. */
async function requireParent(tx: Tx, ctx: Ctx, parentId: string | null): Promise<void> {
  if (parentId === null) return;
  const found = isId('credential', parentId)
    ? await tx
        .select({ id: credentials.id })
        .from(credentials)
        .where(
          and(
            eq(credentials.tenantId, ctx.tenantId),
            eq(credentials.id, parentId),
            isNull(credentials.revokeRequestedAt),
          ),
        )
        .for('share')
    : [];
  if (found.length === 0) {
    throw new AppError('unprocessable', 'The parent must be a live credential of this tenant.');
  }
  if ((await depthOf(tx, ctx, parentId)) < limits.familyDepthMax) return;
  throw new AppError(
    'unprocessable',
    `Credentials are made from one another ${limits.familyDepthMax} deep at most.`,
  );
}

/** How many credentials lie above one. */
async function depthOf(tx: Tx, ctx: Ctx, id: string): Promise<number> {
  const tenant = sql`${uuidOf(ctx.tenantId)}::uuid`;
  const [row] = await tx.execute<{ depth: number }>(sql`
    with recursive line(id, parent_id, depth) as (
      select id, parent_id, 1 from credentials where tenant_id = ${tenant} and id = ${uuidOf(id)}::uuid
      union all
      select c.id, c.parent_id, l.depth + 1 from credentials c join line l on c.id = l.parent_id
        where c.tenant_id = ${tenant} and l.depth <= ${limits.familyDepthMax})
    select max(depth)::int as depth from line`);
  return row?.depth ?? 0;
}

async function requireProvider(tx: Tx, ctx: Ctx, providerId: string | null): Promise<void> {
  if (providerId === null) return;
  const found = isId('provider', providerId)
    ? await tx
        .select({ id: providers.id })
        .from(providers)
        .where(and(eq(providers.tenantId, ctx.tenantId), eq(providers.id, providerId)))
    : [];
  if (found.length > 0) return;
  throw new AppError('unprocessable', 'The provider must be one of this tenant.');
}

async function findHolders(tx: Tx, ctx: Ctx, slugs: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(slugs)];
  if (wanted.length === 0) return [];
  const found = await tx
    .select({ id: agents.id, slug: agents.slug })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), inArray(agents.slug, wanted)));
  const missing = wanted.find((slug) => !found.some((agent) => agent.slug === slug));
  if (missing === undefined) return found.map((agent) => agent.id);
  throw new AppError('unprocessable', 'Each holder must be an agent of this tenant, by its slug.');
}
