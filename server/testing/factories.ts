import { randomBytes } from 'node:crypto';
import type { Db } from '#db/client.ts';
import type { KeyKind, Role } from '#db/enums.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { mintTenantId, newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { TestBed } from './database.ts';

/** A tenant of its own, inserted as the superuser: nothing of it is seeded. */
export async function makeTenant(bed: TestBed): Promise<{ id: TenantId; slug: string }> {
  const id = mintTenantId(newId('tenant'));
  const slug = `t-${randomBytes(5).toString('hex')}`;
  await bed.admin`insert into tenants (id, slug, name) values (${uuidOf(id)}, ${slug}, ${slug})`;
  return { id, slug };
}

/** A person with these roles in a tenant, straight into the tables (no password that works). */
export async function makePerson(
  bed: TestBed,
  tenantId: TenantId,
  roles: readonly Role[],
): Promise<Actor> {
  const userId = newId('user');
  const email = `${randomBytes(5).toString('hex')}@example.test`;
  await bed.admin`insert into users (id, email, name, password_hash)
    values (${uuidOf(userId)}, ${email}, ${email}, 'no-password')`;
  await bed.admin`insert into memberships (tenant_id, user_id, roles)
    values (${uuidOf(tenantId)}, ${uuidOf(userId)}, ${[...roles]})`;
  return { type: 'person', userId, email, roles, signInId: newId('signIn') };
}

/** An agent row, straight into the table. */
export async function makeAgent(
  bed: TestBed,
  tenantId: TenantId,
  slug: string,
): Promise<{ id: string; slug: string }> {
  const id = newId('agent');
  await bed.admin`insert into agents (tenant_id, id, slug)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${slug})`;
  return { id, slug };
}

/** A web that listens without a gap since so many seconds ago; without one no silence tells anything. */
export async function makeListeningWeb(bed: TestBed, secondsAgo: number): Promise<void> {
  await bed.admin`insert into processes (id, role, host, fingerprints, started_at)
    values (gen_random_uuid()::text, 'web', 'test', 'test',
      now() - make_interval(secs => ${secondsAgo}))`;
}

/** A key as an actor; no row behind it, because verbs do not look the key up again. */
export function keyActor(kind: KeyKind, agent: { id: string; slug: string } | null = null): Actor {
  return { type: 'key', keyId: newId('key'), kind, name: `test ${kind} key`, agent, tools: [] };
}

export const systemActor: Actor = { type: 'system', name: 'system:test' };
export const cliActor: Actor = { type: 'cli', name: 'cli:test@localhost' };

/** A context for calling verbs and queries directly. */
export function makeCtx(db: Db, tenantId: TenantId, actor: Actor): Ctx {
  return { db, tenantId, actor, requestId: `req-${randomBytes(6).toString('hex')}` };
}
