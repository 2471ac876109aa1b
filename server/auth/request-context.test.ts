import { encode } from 'next-auth/jwt';
import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { newId } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { addPerson } from './add-person.ts';
import { endSignIn } from './end-sign-in.ts';
import { openSignIn } from './open-sign-in.ts';
import { createRequestContext, type IncomingCall } from './request-context.ts';
import { removePerson } from './remove-person.ts';
import { readCookie, signInCookieName, signInIdOf } from './sign-in-cookie.ts';

const bed = openTestDatabase();
const secret = 'a secret of the tests only, forty chars long';
const url = 'http://127.0.0.1:3000';
const password = 'correct horse battery';
let serial = 0;

const serve = () => ({
  db: bed.app,
  url,
  secrets: {
    session: secret,
    masterKeys: [Buffer.alloc(32)],
    derivationKey: Buffer.alloc(32),
    permitKey: Buffer.alloc(32),
  },
});

async function signedIn() {
  const tenant = await makeTenant(bed);
  const cli = makeCtx(bed.owner, tenant.id, cliActor);
  const email = `caller-${serial++}@example.test`;
  await addPerson(cli, {
    email: `boss-${serial++}@example.test`,
    name: 'B',
    roles: ['admin'],
    password,
  });
  const { userId } = await addPerson(cli, { email, name: 'C', roles: ['analyst'], password });
  const opened = await openSignIn(bed.app, {
    email,
    password,
    address: `203.0.113.${serial}`,
    userAgent: 'test',
    requestId: 'r',
  });
  const token = await encode({ token: { signInId: opened.signInId }, secret });
  return {
    tenant,
    cli,
    userId,
    signInId: opened.signInId,
    cookie: `a=b; signalbox.sign-in=${token}`,
  };
}

function call(headers: IncomingCall['headers'], rest: Partial<IncomingCall> = {}) {
  return createRequestContext(serve(), {
    id: 'req-7',
    ip: '127.0.0.1',
    method: 'GET',
    url: '/api/trpc/auth.me',
    headers,
    ...rest,
  });
}
const refused = (code: string) => expect.objectContaining({ code });

describe('a person', () => {
  it('is found by the cookie, in the tenant that the header names', async () => {
    const { tenant, userId, cookie } = await signedIn();
    const context = call({ cookie, 'x-signalbox-tenant': tenant.slug });
    expect(await context.openPerson()).toMatchObject({ userId });
    expect(await context.openTenant()).toMatchObject({
      tenantId: tenant.id,
      requestId: 'req-7',
      actor: { type: 'person', userId, roles: ['analyst'] },
    });
    const stream = call(
      { cookie },
      { url: `/api/trpc/live.changes?tenant=${tenant.slug}&input=x` },
    );
    expect((await stream.openTenant()).tenantId).toBe(tenant.id);
  });

  it('finds no tenant without a name, and no foreign one', async () => {
    const { cookie } = await signedIn();
    const foreign = await makeTenant(bed);
    await expect(call({ cookie }).openTenant()).rejects.toEqual(refused('not_found'));
    await expect(call({ cookie, 'x-signalbox-tenant': foreign.slug }).openTenant()).rejects.toEqual(
      refused('not_found'),
    );
  });

  it('is nobody when the sign-in has ended, though the cookie is replayed', async () => {
    const { tenant, cookie, signInId } = await signedIn();
    const context = call({ cookie, 'x-signalbox-tenant': tenant.slug });
    const person = await context.openPerson();
    await endSignIn(bed.app, person, signInId, 'r');
    // The very same context, as a stream that checks itself again, and a new request.
    await expect(context.openTenant()).rejects.toEqual(refused('unauthenticated'));
    await expect(call({ cookie }).openPerson()).rejects.toEqual(refused('unauthenticated'));
  });

  it('is nobody when removed from the tenant', async () => {
    const { tenant, cli, userId, cookie } = await signedIn();
    const context = call({ cookie, 'x-signalbox-tenant': tenant.slug });
    await context.openTenant();
    await removePerson(cli, userId);
    await expect(context.openTenant()).rejects.toEqual(refused('unauthenticated'));
  });

  it('is nobody with a cookie that we did not make', async () => {
    const { cookie, signInId } = await signedIn();
    const forged = await encode({ token: { signInId }, secret: 'another secret' });
    const past = await encode({ token: { signInId }, secret, maxAge: -60 });
    for (const value of [forged, past, signInId, `${cookie.slice(0, -1)}x`, '', 'x'.repeat(5000)]) {
      const context = call({ cookie: `signalbox.sign-in=${value}` });
      await expect(context.openPerson()).rejects.toEqual(refused('unauthenticated'));
    }
    await expect(call({}).openPerson()).rejects.toEqual(refused('unauthenticated'));
  });

  it('changes nothing when another site started the request', async () => {
    const { tenant, cookie } = await signedIn();
    const headers = {
      cookie,
      'x-signalbox-tenant': tenant.slug,
      'content-type': 'application/json',
    };
    const post = (more: IncomingCall['headers']) =>
      call({ ...headers, ...more }, { method: 'POST' }).openTenant();
    await expect(post({ 'sec-fetch-site': 'cross-site' })).rejects.toEqual(refused('forbidden'));
    await expect(post({})).rejects.toEqual(refused('forbidden'));
    expect((await post({ 'sec-fetch-site': 'same-origin' })).tenantId).toBe(tenant.id);
    expect((await post({ origin: url })).tenantId).toBe(tenant.id);
  });
});

describe('a machine', () => {
  it('is found by its key, whatever tenant a header names, and is no person', async () => {
    const { cli, tenant, cookie } = await signedIn();
    const foreign = await makeTenant(bed);
    const { key, id } = await issueKey(cli, { kind: 'service', name: 'k' });
    const headers = { authorization: `Bearer ${key}`, cookie, 'x-signalbox-tenant': foreign.slug };
    const context = call(headers, { method: 'POST' });
    expect(await context.openTenant()).toMatchObject({
      tenantId: tenant.id,
      actor: { type: 'key', keyId: id },
    });
    await expect(context.openPerson()).rejects.toEqual(refused('unauthenticated'));
  });

  it('is not rescued by a cookie when its key is wrong', async () => {
    const { tenant, cookie } = await signedIn();
    const context = call({ authorization: 'Bearer x', cookie, 'x-signalbox-tenant': tenant.slug });
    await expect(context.openTenant()).rejects.toEqual(refused('unauthenticated'));
  });
});

describe('the cookie', () => {
  it('has the prefix that binds it to this host over https', () => {
    expect(signInCookieName(true)).toBe('__Host-signalbox.sign-in');
    expect(signInCookieName(false)).toBe('signalbox.sign-in');
  });

  it.each([
    ['a=1; b=2', 'b', '2'],
    ['a=1;b=2', 'b', '2'],
    ['b=1=2', 'b', '1=2'],
    ['b=first; b=second', 'b', 'first'],
    ['xb=1', 'b', null],
    ['b', 'b', null],
    ['', 'b', null],
    [undefined, 'b', null],
  ])('is read from %j', (header, name, value) => {
    expect(readCookie(header, name)).toBe(value);
  });

  it('names nothing but sign-ins', async () => {
    const id = newId('signIn');
    expect(await signInIdOf(await encode({ token: { signInId: id }, secret }), secret)).toBe(id);
    for (const token of [{ signInId: newId('user') }, { signInId: 7 }, {}, { sub: id }]) {
      expect(await signInIdOf(await encode({ token, secret }), secret)).toBeNull();
    }
    expect(await signInIdOf(null, secret)).toBeNull();
  });
});
