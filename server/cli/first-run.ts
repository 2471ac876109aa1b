import { randomInt } from 'node:crypto';
import type { Db } from '#db/client.ts';
import { type Role, roles } from '#db/enums.ts';
import { addPerson } from '#server/auth/add-person.ts';
import { createTenant } from '#server/auth/create-tenant.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { commandLine } from './actor.ts';
import { tenantSeeders } from './tenant-seeders.ts';

/** Short name of the tenant in which the demo fleet lives; no other ever runs one. */
export const demoTenant = 'demo';

/** One of the first people, with the password that is printed once and kept nowhere. */
export interface FirstPerson {
  readonly email: string;
  readonly role: Role;
  readonly password: string;
}

/** No letter that looks like another, so that a password can be typed from paper. */
const passwordLetters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Five groups of four letters: 99 bits. */
function makePassword(): string {
  const group = () =>
    Array.from({ length: 4 }, () => passwordLetters[randomInt(passwordLetters.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}

/**
 * Fills an empty database: tenant `demo` with one person for each role and a second reviewer,
 * because critical actions need two. Answers null, and does nothing, when there is any tenant.
 * @param password one for all of them, or null for a random one each.
 */
export async function fillEmptyDatabase(
  db: Db,
  password: string | null,
): Promise<readonly FirstPerson[] | null> {
  if ((await listTenants(db)).length > 0) return null;
  const { ctx } = await createTenant(
    db,
    commandLine(),
    { slug: demoTenant, name: 'Demo', isDemo: true },
    tenantSeeders,
  );
  const names = [
    ...roles.map((role) => ({ name: role, role })),
    { name: 'reviewer2', role: 'reviewer' as const },
  ];
  const people = names.map(({ name, role }) => ({
    name,
    role,
    email: `${name}@demo.example`,
    password: password ?? makePassword(),
  }));
  for (const person of people) {
    await addPerson(ctx, {
      email: person.email,
      name: `Demo ${person.name}`,
      roles: [person.role],
      password: person.password,
    });
  }
  return people.map(({ email, role, password: secret }) => ({ email, role, password: secret }));
}
