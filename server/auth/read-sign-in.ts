import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { Role } from '#db/enums.ts';
import type { Ctx, Membership, SignedInPerson } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, mintTenantId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

type Row = Readonly<{
  user_id: string;
  email: string;
  person_name: string;
  expires_at: string;
  tenant_id: string | null;
  slug: string;
  name: string;
  is_demo: boolean;
  roles: Role[];
}>;

/**
 * Reads a sign-in and the person's standing afresh: never from a cookie, never from a cache, so that
 * ending a sign-in, removing a person or changing roles counts at the very next call.
 * @param options `isActivity` starts the idle clock again; a stream that checks itself must not.
 * @returns null when ended, expired, idle too long, or the person is disabled.
 */
export async function readSignIn(
  db: Db,
  signInId: string,
  options: { readonly isActivity: boolean },
): Promise<SignedInPerson | null> {
  if (!isId('signIn', signInId)) return null;
  const rows = await db.execute<Row>(sql`
    select s.user_id, s.email, s.name as person_name, s.expires_at,
      m.tenant_id, m.slug, m.name, m.is_demo, m.roles
    from auth_sign_in(${uuidOf(signInId)}, ${limits.signInIdleMinutes}, ${options.isActivity}) s
    left join lateral auth_memberships(s.user_id) m on true`);
  const [first] = rows;
  if (!first) return null;
  return {
    userId: idOf('user', first.user_id),
    email: first.email,
    name: first.person_name,
    signInId,
    expiresAt: instantFromDriver(first.expires_at),
    tenants: rows.flatMap((row) =>
      row.tenant_id === null ? [] : [membershipOf({ ...row, tenant_id: row.tenant_id })],
    ),
  };
}

/** The tenants of a person, by slug. */
export async function readMemberships(
  db: Pick<Db, 'execute'>,
  userId: string,
): Promise<Membership[]> {
  const rows = await db.execute<MembershipRow>(
    sql`select * from auth_memberships(${uuidOf(userId)})`,
  );
  return rows.map(membershipOf);
}

type MembershipRow = Readonly<{
  tenant_id: string;
  slug: string;
  name: string;
  is_demo: boolean;
  roles: Role[];
}>;

function membershipOf(row: MembershipRow): Membership {
  return {
    tenantId: mintTenantId(idOf('tenant', row.tenant_id)),
    slug: row.slug,
    name: row.name,
    isDemo: row.is_demo,
    roles: row.roles,
  };
}

/**
 * The context in which a signed-in person works in the tenant of a slug.
 * @throws AppError `not_found`, the same whether the tenant is foreign or does not exist.
 */
export function scopeOf(
  db: Db,
  person: SignedInPerson,
  slug: string | null,
  requestId: string,
): Ctx {
  const membership = person.tenants.find((tenant) => tenant.slug === slug);
  if (!membership) {
    throw new AppError('not_found', 'There is no such tenant, or you are not in it.');
  }
  return {
    db,
    requestId,
    tenantId: membership.tenantId,
    actor: {
      type: 'person',
      userId: person.userId,
      email: person.email,
      roles: membership.roles,
      signInId: person.signInId,
    },
  };
}

/**
 * Whether a live stream of a person in a tenant may go on. Asked every few seconds; it is not the
 * person's activity, so a forgotten tab does not keep a sign-in alive.
 * @returns the roles of this moment, or null when the stream has to end.
 */
export async function readStreamStanding(
  db: Db,
  signInId: string,
  tenantId: TenantId,
): Promise<readonly Role[] | null> {
  const person = await readSignIn(db, signInId, { isActivity: false });
  return person?.tenants.find((tenant) => tenant.tenantId === tenantId)?.roles ?? null;
}
