import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { type Ctx, type SignedInPerson, withRead } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Me, Person, SignInRow } from './contract.ts';
import { permissions, type PermissionName, rolesAllow } from '#server/kernel/permissions.ts';
import { requirePermission } from './require-permission.ts';

/** A page of people by e-mail. @throws AppError `forbidden`. */
export async function listPeople(
  ctx: Ctx,
  page: { readonly limit: number; readonly cursor: string | null },
): Promise<{ items: Person[]; next: string | null }> {
  requirePermission(ctx, 'people.read');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        userId: memberships.userId,
        email: users.email,
        name: users.name,
        roles: memberships.roles,
        memberSince: memberships.createdAt,
        disabledAt: users.disabledAt,
      })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(
        and(
          eq(memberships.tenantId, ctx.tenantId),
          page.cursor === null ? undefined : gt(users.email, page.cursor),
        ),
      )
      .orderBy(asc(users.email))
      .limit(page.limit + 1),
  );
  const items = rows.slice(0, page.limit).map(({ disabledAt, roles, ...row }) => ({
    ...row,
    roles: roles as Person['roles'],
    isDisabled: disabledAt !== null,
  }));
  return { items, next: rows.length > page.limit ? (items.at(-1)?.email ?? null) : null };
}

/** The person's own open sign-ins, newest first; the one that asks is marked. */
export async function listOwnSignIns(db: Db, person: SignedInPerson): Promise<SignInRow[]> {
  const rows = await db.execute<{
    id: string;
    created_at: string;
    last_seen_at: string;
    expires_at: string;
    address: string;
    user_agent: string;
  }>(sql`select * from auth_sign_ins_of(${uuidOf(person.userId)}, ${limits.signInIdleMinutes})`);
  return rows.map((row) => {
    const id = idOf('signIn', row.id);
    return {
      id,
      createdAt: instantFromDriver(row.created_at),
      lastSeenAt: instantFromDriver(row.last_seen_at),
      expiresAt: instantFromDriver(row.expires_at),
      address: row.address,
      userAgent: row.user_agent,
      isCurrent: id === person.signInId,
    };
  });
}

/** Who is signed in, and what they may do in the tenant of this slug (null: in none). Pure. */
export function describePerson(person: SignedInPerson, tenantSlug: string | null): Me {
  const tenants = person.tenants.map((tenant) => ({ ...tenant, roles: [...tenant.roles] }));
  const current = tenants.find((tenant) => tenant.slug === tenantSlug);
  const names = Object.keys(permissions) as PermissionName[];
  const { userId, email, name, signInId, expiresAt } = person;
  return {
    userId,
    email,
    name,
    signInId,
    expiresAt,
    tenants,
    current: current
      ? { ...current, permissions: names.filter((one) => rolesAllow(current.roles, one)) }
      : null,
  };
}
