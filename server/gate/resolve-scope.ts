import { and, eq } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agents } from '#db/schema/agents.ts';
import { credentials } from '#db/schema/credentials.ts';
import { tenants } from '#db/schema/tenancy.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import type { PlacedScope, StopScope } from './contract.ts';

/**
 * The scope as it is stored and matched: an agent, and the root of a tree, by its id whatever it was
 * called by. Sessions,
 * environments and tools are taken by name, also when nothing of that name was seen yet: a stop may
 * come before what it stops. @throws AppError `not_found` for an agent or a credential that is
 * not of this tenant
 */
export async function resolveScope(tx: Tx, ctx: Ctx, scope: StopScope): Promise<PlacedScope> {
  if (scope.kind === 'tenant') {
    const [tenant] = await tx.select({ slug: tenants.slug }).from(tenants);
    return { kind: 'tenant', id: '', label: tenant?.slug ?? ctx.tenantId };
  }
  if (scope.kind === 'credential') return findCredential(tx, ctx, scope.id);
  if (scope.kind !== 'agent' && scope.kind !== 'tree')
    return { kind: scope.kind, id: scope.id, label: scope.id };
  const named = isId('agent', scope.id) ? eq(agents.id, scope.id) : eq(agents.slug, scope.id);
  const [agent] = await tx
    .select({ id: agents.id, slug: agents.slug })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), named));
  if (!agent) throw new AppError('not_found', 'There is no such agent in this tenant.');
  return { kind: scope.kind, id: agent.id, label: agent.slug };
}

/** A credential by its id, whatever it was called by. */
async function findCredential(tx: Tx, ctx: Ctx, given: string): Promise<PlacedScope> {
  const named = isId('credential', given) ? eq(credentials.id, given) : eq(credentials.name, given);
  const [found] = await tx
    .select({ id: credentials.id, name: credentials.name })
    .from(credentials)
    .where(and(eq(credentials.tenantId, ctx.tenantId), named));
  if (!found) throw new AppError('not_found', 'There is no such credential in this tenant.');
  return { kind: 'credential', id: found.id, label: found.name };
}
