import { describe, expect, it } from 'vitest';
import { isAppError } from '#server/kernel/errors.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { addPerson } from './add-person.ts';
import { endSignIn } from './end-sign-in.ts';
import { openSignIn } from './open-sign-in.ts';
import { readSignIn, readStreamStanding, scopeOf } from './read-sign-in.ts';

const bed = openTestDatabase();
const password = 'correct horse battery';
let serial = 0;

async function makeAccount() {
  const tenant = await makeTenant(bed);
  const email = `signer-${serial++}@example.test`;
  const ctx = makeCtx(bed.owner, tenant.id, cliActor);
  const { userId } = await addPerson(ctx, { email, name: 'S', roles: ['analyst'], password });
  return { tenant, email, userId };
}

const address = () => `198.51.100.1/${serial++}`;
const knock = (email: string, typed = password, from = address()) =>
  openSignIn(bed.app, {
    email,
    password: typed,
    address: from,
    userAgent: 'Mozilla/5.0',
    requestId: 'req-1',
  });
const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'opened',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );
const auditOf = (tenantId: string) =>
  bed.admin`select action, actor_type, actor_id, subject_id, decision, request_id, detail
    from audit_log where tenant_id = ${uuidOf(tenantId)} and action like 'sign_in.%' order by seq`;

describe('openSignIn', () => {
  it('opens a sign-in that names the person, their tenant and roles, and audits it', async () => {
    const { tenant, email, userId } = await makeAccount();
    const opened = await knock(`  ${email.toUpperCase()} `, password, '203.0.113.9');
    const person = await readSignIn(bed.app, opened.signInId, { isActivity: true });
    expect(person).toMatchObject({
      userId,
      email,
      signInId: opened.signInId,
      tenants: [{ tenantId: tenant.id, slug: tenant.slug, roles: ['analyst'] }],
    });
    expect(person && scopeOf(bed.app, person, tenant.slug, 'r').actor).toMatchObject({
      type: 'person',
      roles: ['analyst'],
    });
    expect(await auditOf(tenant.id)).toEqual([
      {
        action: 'sign_in.opened',
        actor_type: 'person',
        actor_id: userId,
        subject_id: opened.signInId,
        decision: 'none',
        request_id: 'req-1',
        detail: { address: '203.0.113.9' },
      },
    ]);
  });

  it('audits in every tenant of the person', async () => {
    const one = await makeAccount();
    const two = await makeTenant(bed);
    await addPerson(makeCtx(bed.owner, two.id, cliActor), {
      email: one.email,
      name: 'S',
      roles: ['viewer'],
      password,
    });
    await knock(one.email);
    await codeOf(knock(one.email, 'wrong'));
    for (const tenant of [one.tenant, two]) {
      const rows = await auditOf(tenant.id);
      expect(rows.map((row) => row.action)).toEqual(['sign_in.opened', 'sign_in.refused']);
    }
  });

  it('refuses a wrong password, an unknown e-mail, a person of no tenant and nonsense alike', async () => {
    const { email } = await makeAccount();
    const orphan = await makeAccount();
    await bed.admin`delete from memberships where user_id = ${uuidOf(orphan.userId)}`;
    const messages = new Set<string>();
    for (const [who, typed] of [
      [email, 'wrong password'],
      ['nobody@example.test', password],
      [orphan.email, password],
      ['not an e-mail', password],
      [email, ''],
      [email, 'x'.repeat(10_000)],
    ] as const) {
      const error = await knock(who, typed).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'unauthenticated' });
      messages.add(error instanceof Error ? error.message : '');
    }
    expect(messages.size).toBe(1);
  });

  it('refuses a disabled person', async () => {
    const { email, userId } = await makeAccount();
    const { signInId } = await knock(email);
    await bed.admin`update users set disabled_at = now() where id = ${uuidOf(userId)}`;
    expect(await codeOf(knock(email))).toBe('unauthenticated');
    expect(await readSignIn(bed.app, signInId, { isActivity: true })).toBeNull();
  });

  it('takes as long for an e-mail that nobody has', async () => {
    const { email } = await makeAccount();
    const time = async (who: string) => {
      const startMs = performance.now();
      expect(await codeOf(knock(who, 'wrong password'))).toBe('unauthenticated');
      return performance.now() - startMs;
    };
    await time('warm@example.test');
    // By turns, and the fastest of each: whatever else the machine does makes single ones slower.
    let [known, unknown] = [Infinity, Infinity];
    for (let round = 0; round < 7; round += 1) {
      known = Math.min(known, await time(email));
      unknown = Math.min(unknown, await time(`nobody-${round}@example.test`));
    }
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(2);
  });
});

describe('the throttle', () => {
  it('lets an e-mail wait after too many failures, with the right password too', async () => {
    const { email, tenant } = await makeAccount();
    for (let i = 0; i < limits.signInFailuresMax; i++) {
      expect(await codeOf(knock(email, 'wrong'))).toBe('unauthenticated');
    }
    const error = await knock(email).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'rate_limited' });
    expect(isAppError(error) && (error.retryAfterSeconds ?? 0)).toBeGreaterThan(800);
    expect(await auditOf(tenant.id)).toHaveLength(limits.signInFailuresMax);
  });

  it('counts a hundred guesses at once', async () => {
    const { email } = await makeAccount();
    const codes = await Promise.all(
      Array.from({ length: 40 }, () => codeOf(knock(email, 'wrong'))),
    );
    const tried = codes.filter((code) => code === 'unauthenticated').length;
    expect(tried).toBeLessThanOrEqual(limits.signInFailuresMax);
    expect(codes.filter((code) => code === 'rate_limited').length).toBe(40 - tried);
  });

  it('lets an address wait whatever the e-mail, and nobody else', async () => {
    const { email } = await makeAccount();
    const from = address();
    for (let i = 0; i < limits.signInFailuresMax; i++) {
      expect(await codeOf(knock(`guess-${serial++}@example.test`, 'wrong', from))).toBe(
        'unauthenticated',
      );
    }
    expect(await codeOf(knock(email, password, from))).toBe('rate_limited');
    expect(await codeOf(knock(email))).toBe('opened');
  });

  it('cannot be used to lock a person out of where they work', async () => {
    const { email } = await makeAccount();
    const desk = address();
    await knock(email, password, desk);
    for (let i = 0; i < limits.signInFailuresMax + 2; i++) await codeOf(knock(email, 'wrong'));
    expect(await codeOf(knock(email))).toBe('rate_limited');
    expect(await codeOf(knock(email, password, desk))).toBe('opened');
  });

  it('starts anew after success and after its window', async () => {
    const { email } = await makeAccount();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < limits.signInFailuresMax - 1; i++) await codeOf(knock(email, 'wrong'));
      expect(await codeOf(knock(email))).toBe('opened');
    }
    for (let i = 0; i < limits.signInFailuresMax; i++) await codeOf(knock(email, 'wrong'));
    expect(await codeOf(knock(email))).toBe('rate_limited');
    await bed.admin`update sign_in_failures
      set window_started_at = now() - interval '16 minutes'`;
    expect(await codeOf(knock(email))).toBe('opened');
  });

  it('drops what is out of its window', async () => {
    await codeOf(knock('early@example.test', 'wrong'));
    await bed.admin`update sign_in_failures
      set window_started_at = now() - interval '16 minutes'`;
    const count = async () =>
      (await bed.admin<{ n: number }[]>`select count(*)::int as n from sign_in_failures`)[0]?.n;
    const before = (await count()) ?? 0;
    for (let i = 0; i < Math.ceil(before / 20) + 1; i++)
      await codeOf(knock('late@example.test', 'x'));
    expect(await count()).toBeLessThan(before + 3);
  });

  it('never makes two attempts wait for each other over counts that are long over', async () => {
    const { email } = await makeAccount();
    const from = address();
    for (let round = 0; round < 12; round++) {
      // Each of the two counts of an attempt clears away the other one, and then wants its own.
      await bed.admin`update sign_in_failures set window_started_at = now() - interval '1 day'`;
      expect(await codeOf(knock(email, password, from))).toBe('opened');
    }
  });
});

describe('readSignIn', () => {
  it('knows no sign-in that was never opened', async () => {
    expect(await readSignIn(bed.app, newId('signIn'), { isActivity: true })).toBeNull();
    expect(await readSignIn(bed.app, 'nonsense', { isActivity: true })).toBeNull();
  });

  it.each([
    ['expires', 'expires_at = now()'],
    ['is idle too long', "last_seen_at = now() - interval '121 minutes'"],
    ['is ended', 'ended_at = now()'],
  ])('answers null when it %s', async (_what, change) => {
    const { email } = await makeAccount();
    const { signInId } = await knock(email);
    await bed.admin.unsafe(`update sign_ins set ${change} where id = '${uuidOf(signInId)}'`);
    expect(await readSignIn(bed.app, signInId, { isActivity: true })).toBeNull();
  });

  it('keeps the idle clock for activity only, at most once a minute', async () => {
    const { email } = await makeAccount();
    const { signInId } = await knock(email);
    const idleMinutes = async () => {
      const [row] = await bed.admin<{ minutes: number }[]>`
        select round(extract(epoch from now() - last_seen_at) / 60)::int as minutes
        from sign_ins where id = ${uuidOf(signInId)}`;
      return row?.minutes;
    };
    await bed.admin`update sign_ins set last_seen_at = now() - interval '100 minutes'
      where id = ${uuidOf(signInId)}`;
    await readSignIn(bed.app, signInId, { isActivity: false });
    expect(await idleMinutes()).toBe(100);
    await readSignIn(bed.app, signInId, { isActivity: true });
    expect(await idleMinutes()).toBe(0);
    const stamp = () => bed.admin`select xmin from sign_ins where id = ${uuidOf(signInId)}`;
    const before = await stamp();
    await readSignIn(bed.app, signInId, { isActivity: true });
    expect(await stamp()).toEqual(before);
  });

  it('opens no tenant that the person is not in', async () => {
    const { email } = await makeAccount();
    const foreign = await makeTenant(bed);
    const { signInId } = await knock(email);
    const person = await readSignIn(bed.app, signInId, { isActivity: true });
    if (!person) throw new Error('signed in expected');
    for (const slug of [foreign.slug, 'no-such-tenant', '', null]) {
      expect(() => scopeOf(bed.app, person, slug, 'r')).toThrow(/no such tenant/);
    }
    expect(await readStreamStanding(bed.app, signInId, foreign.id)).toBeNull();
  });
});

describe('endSignIn', () => {
  it('ends it at once, for streams too, and audits it', async () => {
    const { email, tenant } = await makeAccount();
    const { signInId } = await knock(email);
    const person = await readSignIn(bed.app, signInId, { isActivity: true });
    if (!person) throw new Error('signed in expected');
    expect(await readStreamStanding(bed.app, signInId, tenant.id)).toEqual(['analyst']);
    await endSignIn(bed.app, person, signInId, 'req');
    expect(await readSignIn(bed.app, signInId, { isActivity: true })).toBeNull();
    expect(await readStreamStanding(bed.app, signInId, tenant.id)).toBeNull();
    expect((await auditOf(tenant.id)).at(-1)).toMatchObject({
      action: 'sign_in.ended',
      subject_id: signInId,
    });
    await expect(endSignIn(bed.app, person, signInId, 'req')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('does not end somebody else’s', async () => {
    const mine = await knock((await makeAccount()).email);
    const theirs = await knock((await makeAccount()).email);
    const person = await readSignIn(bed.app, mine.signInId, { isActivity: true });
    if (!person) throw new Error('signed in expected');
    for (const id of [theirs.signInId, newId('signIn'), 'x']) {
      await expect(endSignIn(bed.app, person, id, 'req')).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(await readSignIn(bed.app, theirs.signInId, { isActivity: true })).not.toBeNull();
  });
});

describe('the functions before a tenant is known', () => {
  it('are open to the application alone, and closed to the public and the worker', async () => {
    const rows = await bed.admin<{ name: string; app: boolean; worker: boolean; pub: boolean }[]>`
      select p.proname as name,
        has_function_privilege('signalbox_app', p.oid, 'execute') as app,
        has_function_privilege('signalbox_worker', p.oid, 'execute') as worker,
        has_function_privilege('public', p.oid, 'execute') as pub
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'public' and p.proname like 'auth\\_%'`;
    expect(rows.length).toBe(15);
    expect(rows.filter((row) => !row.app || row.worker || row.pub)).toEqual([]);
    const unpinned = await bed.admin`select p.proname from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'public' and p.prosecdef
        and not coalesce(p.proconfig::text like '%search_path=public, pg_temp%', false)`;
    expect(unpinned).toEqual([]);
  });
});
