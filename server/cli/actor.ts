import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Db } from '#db/client.ts';
import { findTenant } from '#server/auth/find-tenant.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';

/** Who the command line is in the audit log, and under which id its rows of one call stand. */
export function commandLine(): { readonly actor: Actor; readonly requestId: string } {
  return {
    actor: { type: 'cli', name: `cli:${userInfo().username}@${hostname()}` },
    requestId: `cli-${randomBytes(8).toString('hex')}`,
  };
}

/** A context of the command line in a tenant. @throws AppError `not_found`. */
export async function contextOf(db: Db, slug: string): Promise<Ctx> {
  const tenant = await findTenant(db, slug);
  return { db, tenantId: tenant.tenantId, ...commandLine() };
}
