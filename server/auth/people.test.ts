import { describe, expect, it } from 'vitest';
import type { Role } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, keyActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { addPerson } from './add-person.ts';
import { changePassword, resetPassword } from './change-password.ts';
import { changeRoles } from './change-roles.ts';
import { openSignIn } from './open-sign-in.ts';
import { readMemberships, readSignIn } from './read-sign-in.ts';
import { removePerson } from './remove-person.ts';

const bed = openTestDatabase();
const password = 'correct horse battery';
let serial = 0;

async function tenantWithAdmin() {
  const tenant = await makeTenant(bed);
  const admin = await makePerson(bed, tenant.id, ['admin']);
  return { tenant, admin, ctx: makeCtx(bed.app, tenant.id, admin) };
}

const wish = (roles: Role[] = ['viewer']) => ({
  email: `person-${process.pid}-${serial++}@example.test`,
  name: 'A Person',
  roles,
  password,
});

const knock = (email: string, typed = password) =>
  openSignIn(bed.app, {
    email,
    password: typed,
    address: `192.0.2.${serial++ % 250}-${serial}`,
    userAgent: 'test',
    requestId: 'req',
  });

const rolesIn = async (ctx: Ctx) =>
  bed.admin<{ user_id: string; roles: Role[] }[]>`select user_id, roles from memberships
    where tenant_id = ${uuidOf(ctx.tenantId)} order by created_at`;

const actionsOf = async (ctx: Ctx) =>
  (
    await bed.admin<{ action: string }[]>`select action from audit_log
      where tenant_id = ${uuidOf(ctx.tenantId)} order by seq`
  ).map((row) => row.action);

const refused = (code: string) => expect.objectContaining({ code });

describe('addPerson', () => {
  it('makes an account that can sign in, and audits it without the password', async () => {
    const { ctx } = await tenantWithAdmin();
    const person = wish(['analyst', 'responder']);
    const added = await addPerson(ctx, person);
    expect(added.isNewAccount).toBe(true);
    expect(await readMemberships(bed.app, added.userId)).toMatchObject([
      { tenantId: ctx.tenantId, roles: ['analyst', 'responder'] },
    ]);
    expect((await knock(person.email)).userId).toBe(added.userId);
    expect(await actionsOf(ctx)).toEqual(['person.added', 'sign_in.opened']);
    const stored = await bed.admin`select * from users where id = ${uuidOf(added.userId)}`;
    expect(stored[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const audit = await bed.admin`select * from audit_log`;
    expect(JSON.stringify(audit)).not.toContain(password);
  });

  it('refuses somebody who is here already', async () => {
    const { ctx } = await tenantWithAdmin();
    const person = wish();
    await addPerson(ctx, person);
    await expect(addPerson(ctx, { ...person, email: person.email })).rejects.toEqual(
      refused('conflict'),
    );
    expect(await actionsOf(ctx)).toEqual(['person.added']);
  });

  it('lets no administrator take an account that another tenant trusts', async () => {
    const one = await tenantWithAdmin();
    const two = await tenantWithAdmin();
    const person = wish();
    await addPerson(one.ctx, person);
    const attack = addPerson(two.ctx, { ...person, name: 'Mine', password: 'another password' });
    await expect(attack).rejects.toEqual(refused('conflict'));
    expect(await rolesIn(two.ctx)).toHaveLength(1);
    await knock(person.email);
    await expect(knock(person.email, 'another password')).rejects.toEqual(
      refused('unauthenticated'),
    );
  });

  it('lets the command line add an account to a second tenant, with the password it has', async () => {
    const one = await tenantWithAdmin();
    const two = await tenantWithAdmin();
    const person = wish();
    const { userId } = await addPerson(one.ctx, person);
    const cli = makeCtx(bed.owner, two.tenant.id, cliActor);
    const again = await addPerson(cli, { ...person, password: 'another password' });
    expect(again).toEqual({ userId, isNewAccount: false });
    await knock(person.email);
    expect(await readMemberships(bed.app, userId)).toHaveLength(2);
  });

  it('makes an account anew when no tenant knows it any more', async () => {
    const one = await tenantWithAdmin();
    const two = await tenantWithAdmin();
    const person = wish();
    const { userId } = await addPerson(one.ctx, person);
    const { signInId } = await knock(person.email);
    await removePerson(one.ctx, userId);
    const again = await addPerson(two.ctx, { ...person, password: 'another password' });
    expect(again).toEqual({ userId, isNewAccount: true });
    expect(await readSignIn(bed.app, signInId, { isActivity: true })).toBeNull();
    await expect(knock(person.email)).rejects.toEqual(refused('unauthenticated'));
    await knock(person.email, 'another password');
  });

  it('is refused to everyone but administrators', async () => {
    const { tenant, ctx } = await tenantWithAdmin();
    const others: Role[] = ['viewer', 'analyst', 'reviewer', 'responder', 'auditor'];
    const actor = await makePerson(bed, tenant.id, others);
    for (const denied of [actor, keyActor('service'), keyActor('agent')]) {
      await expect(addPerson(makeCtx(bed.app, tenant.id, denied), wish())).rejects.toEqual(
        refused('forbidden'),
      );
    }
    expect(await actionsOf(ctx)).toEqual([]);
  });
});

describe('changeRoles', () => {
  it('counts at the next call and says from what to what', async () => {
    const { ctx } = await tenantWithAdmin();
    const person = wish(['viewer']);
    const { userId } = await addPerson(ctx, person);
    const { signInId } = await knock(person.email);
    await changeRoles(ctx, { userId, roles: ['auditor'] });
    const now = await readSignIn(bed.app, signInId, { isActivity: true });
    expect(now?.tenants[0]?.roles).toEqual(['auditor']);
    const [row] = await bed.admin`select detail from audit_log
      where tenant_id = ${uuidOf(ctx.tenantId)} and action = 'person.roles_changed'`;
    expect(row?.detail).toEqual({ from: ['viewer'], to: ['auditor'] });
  });

  it('never takes the last administrator', async () => {
    const { ctx, admin } = await tenantWithAdmin();
    const userId = admin.type === 'person' ? admin.userId : '';
    await expect(changeRoles(ctx, { userId, roles: ['viewer'] })).rejects.toEqual(
      refused('conflict'),
    );
    await changeRoles(ctx, { userId, roles: ['reviewer', 'admin'] });
    expect((await rolesIn(ctx))[0]?.roles).toEqual(['reviewer', 'admin']);
  });

  it('does not count a disabled administrator', async () => {
    const { tenant, ctx, admin } = await tenantWithAdmin();
    const other = await makePerson(bed, tenant.id, ['admin']);
    const idOfOther = other.type === 'person' ? other.userId : '';
    await bed.admin`update users set disabled_at = now() where id = ${uuidOf(idOfOther)}`;
    const userId = admin.type === 'person' ? admin.userId : '';
    await expect(changeRoles(ctx, { userId, roles: ['viewer'] })).rejects.toEqual(
      refused('conflict'),
    );
  });

  it('does not reach a person of another tenant', async () => {
    const one = await tenantWithAdmin();
    const two = await tenantWithAdmin();
    const { userId } = await addPerson(two.ctx, wish());
    for (const id of [userId, 'usr_01jz0000000000000000000000', 'x']) {
      await expect(changeRoles(one.ctx, { userId: id, roles: ['admin'] })).rejects.toEqual(
        refused('not_found'),
      );
      await expect(removePerson(one.ctx, id)).rejects.toEqual(refused('not_found'));
    }
    const viewer = makeCtx(
      bed.app,
      two.tenant.id,
      await makePerson(bed, two.tenant.id, ['viewer']),
    );
    await expect(changeRoles(viewer, { userId, roles: ['admin'] })).rejects.toEqual(
      refused('forbidden'),
    );
  });
});

describe('removePerson', () => {
  it('makes a cookie worthless at the next call', async () => {
    const { ctx } = await tenantWithAdmin();
    const person = wish(['viewer']);
    const { userId } = await addPerson(ctx, person);
    const { signInId } = await knock(person.email);
    expect(await readSignIn(bed.app, signInId, { isActivity: true })).not.toBeNull();
    await removePerson(ctx, userId);
    expect(await readSignIn(bed.app, signInId, { isActivity: true })).toBeNull();
    expect(await actionsOf(ctx)).toContain('person.removed');
  });

  it('leaves the sign-in of a person who is in another tenant, without a way into this one', async () => {
    const one = await tenantWithAdmin();
    const two = await tenantWithAdmin();
    const person = wish();
    const { userId } = await addPerson(one.ctx, person);
    await addPerson(makeCtx(bed.owner, two.tenant.id, cliActor), person);
    const { signInId } = await knock(person.email);
    await removePerson(one.ctx, userId);
    const now = await readSignIn(bed.app, signInId, { isActivity: true });
    expect(now?.tenants.map((tenant) => tenant.tenantId)).toEqual([two.tenant.id]);
  });

  it('leaves one of the last two administrators who remove each other at once', async () => {
    for (let round = 0; round < 10; round++) {
      const tenant = await makeTenant(bed);
      const one = await makePerson(bed, tenant.id, ['admin']);
      const two = await makePerson(bed, tenant.id, ['admin']);
      if (one.type !== 'person' || two.type !== 'person') throw new Error('people expected');
      const results = await Promise.allSettled([
        removePerson(makeCtx(bed.app, tenant.id, one), two.userId),
        removePerson(makeCtx(bed.app, tenant.id, two), one.userId),
      ]);
      expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      const rejected = results.find((result) => result.status === 'rejected');
      expect(rejected?.reason).toEqual(refused('conflict'));
      expect(await rolesIn(makeCtx(bed.app, tenant.id, one))).toHaveLength(1);
    }
  });

  it('leaves one when a removal and a loss of roles meet', async () => {
    for (let round = 0; round < 10; round++) {
      const tenant = await makeTenant(bed);
      const one = await makePerson(bed, tenant.id, ['admin']);
      const two = await makePerson(bed, tenant.id, ['admin']);
      if (one.type !== 'person' || two.type !== 'person') throw new Error('people expected');
      const ctx = makeCtx(bed.app, tenant.id, one);
      await Promise.allSettled([
        removePerson(ctx, two.userId),
        changeRoles(ctx, { userId: one.userId, roles: ['viewer'] }),
      ]);
      const admins = (await rolesIn(ctx)).filter((row) => row.roles.includes('admin'));
      expect(admins).toHaveLength(1);
    }
  });
});

describe('a password', () => {
  async function signedIn() {
    const { tenant, ctx: adminCtx } = await tenantWithAdmin();
    const person = wish(['viewer']);
    const { userId } = await addPerson(adminCtx, person);
    const here = await knock(person.email);
    const { signInId } = here;
    const actor = {
      type: 'person',
      userId,
      email: person.email,
      roles: ['viewer'],
      signInId,
    } as const;
    return { tenant, adminCtx, person, here, ctx: makeCtx(bed.app, tenant.id, actor) };
  }

  it('is changed by its person, who stays signed in here and nowhere else', async () => {
    const { ctx, person, here, adminCtx } = await signedIn();
    const there = await knock(person.email);
    await changePassword(ctx, { currentPassword: password, newPassword: 'a new long password' });
    expect(await readSignIn(bed.app, here.signInId, { isActivity: true })).not.toBeNull();
    expect(await readSignIn(bed.app, there.signInId, { isActivity: true })).toBeNull();
    await expect(knock(person.email)).rejects.toEqual(refused('unauthenticated'));
    await knock(person.email, 'a new long password');
    expect(await actionsOf(adminCtx)).toContain('person.password_changed');
  });

  it('is not changed by whoever only found the browser open, however often they guess', async () => {
    const { ctx, person } = await signedIn();
    const guess = () =>
      changePassword(ctx, { currentPassword: 'a guess', newPassword: 'a new long password' });
    for (let i = 0; i < 8; i++) await expect(guess()).rejects.toEqual(refused('unprocessable'));
    await expect(guess()).rejects.toEqual(refused('rate_limited'));
    await knock(person.email);
  });

  it('of somebody else is set by the command line only', async () => {
    const { tenant, adminCtx, person, ctx, here } = await signedIn();
    const userId = ctx.actor.type === 'person' ? ctx.actor.userId : '';
    await expect(resetPassword(adminCtx, userId, 'a new long password')).rejects.toEqual(
      refused('forbidden'),
    );
    await resetPassword(makeCtx(bed.owner, tenant.id, cliActor), userId, 'a new long password');
    expect(await readSignIn(bed.app, here.signInId, { isActivity: true })).toBeNull();
    await knock(person.email, 'a new long password');
  });
});
