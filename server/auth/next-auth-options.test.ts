import NextAuth from 'next-auth';
import type { NextApiRequest, NextApiResponse } from 'next';
import { describe, expect, it } from 'vitest';
import { clientAddressHeader } from '#server/http/client-address.ts';
import { readEnv } from '#server/kernel/env.ts';
import { createLog } from '#server/kernel/log.ts';
import type { Services } from '#server/kernel/services.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { addPerson } from './add-person.ts';
import { createNextAuthOptions } from './next-auth-options.ts';
import { createRequestContext } from './request-context.ts';
import { removePerson } from './remove-person.ts';

const bed = openTestDatabase();
const password = 'correct horse battery';
let serial = 0;

function serve(url: string): Services {
  return {
    env: readEnv({ NODE_ENV: 'test' }),
    log: createLog('fatal', 'test'),
    db: bed.app,
    url,
    secrets: {
      session: 'a secret of the tests only, forty chars long',
      masterKeys: [Buffer.alloc(32)],
      derivationKey: Buffer.alloc(32),
      permitKey: Buffer.alloc(32),
    },
  };
}

/** A browser of the least kind: it keeps cookies and posts forms at next-auth's door. */
function makeBrowser(services: Services, address = `192.0.2.${serial++}`) {
  const jar = new Map<string, string>();
  const setCookies: string[] = [];
  const ask = async (method: string, path: string[], form: Record<string, string> = {}) => {
    const headers = new Map<string, unknown>();
    const answer = { status: 200, body: undefined as unknown, location: null as string | null };
    const request = {
      method,
      query: { nextauth: path },
      body: form,
      cookies: Object.fromEntries(jar),
      headers: { host: 'localhost', [clientAddressHeader]: address, 'user-agent': 'least' },
    };
    const response = {
      getHeader: (name: string) => headers.get(name.toLowerCase()),
      setHeader: (name: string, value: unknown) => headers.set(name.toLowerCase(), value),
      status: (code: number) => {
        answer.status = code;
        return response;
      },
      json: (body: unknown) => void (answer.body = body),
      send: (body: unknown) => void (answer.body = body),
      end: () => undefined,
      redirect: (code: number, to: string) => {
        answer.status = code;
        answer.location = to;
      },
    };
    await NextAuth(
      request as unknown as NextApiRequest,
      response as unknown as NextApiResponse,
      createNextAuthOptions(services),
    );
    const cookies = [headers.get('set-cookie') ?? []].flat().map(String);
    for (const cookie of cookies) {
      setCookies.push(cookie);
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      const value = decodeURIComponent(pair.slice(at + 1));
      if (value === '') jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), value);
    }
    return answer;
  };
  const csrf = async () => {
    const { body } = await ask('GET', ['csrf']);
    return (body as { csrfToken: string }).csrfToken;
  };
  return {
    jar,
    setCookies,
    session: () => ask('GET', ['session']),
    signIn: async (email: string, typed: string, callbackUrl = '/t/x') =>
      ask('POST', ['callback', 'credentials'], {
        email,
        password: typed,
        callbackUrl,
        json: 'true',
        csrfToken: await csrf(),
      }),
    signInWithout: (form: Record<string, string>) =>
      ask('POST', ['callback', 'credentials'], { json: 'true', ...form }),
    signOut: async () => ask('POST', ['signout'], { csrfToken: await csrf(), json: 'true' }),
    context: (services: Services) =>
      createRequestContext(services, {
        ip: '127.0.0.1',
        id: 'r',
        method: 'GET',
        url: '/',
        headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      }),
  };
}

async function makeAccount() {
  const tenant = await makeTenant(bed);
  const cli = makeCtx(bed.owner, tenant.id, cliActor);
  const email = `browser-${serial++}@example.test`;
  await addPerson(cli, {
    email: `boss-${serial++}@example.test`,
    name: 'B',
    roles: ['admin'],
    password,
  });
  const { userId } = await addPerson(cli, { email, name: 'C', roles: ['viewer'], password });
  return { tenant, cli, email, userId };
}

describe('the sign-in door', () => {
  it('gives a cookie that the request context knows, and leads to a path of ours', async () => {
    const services = serve('http://127.0.0.1:3000');
    const { email, userId } = await makeAccount();
    const browser = makeBrowser(services);
    const answer = await browser.signIn(email, password, '/t/x?y=1');
    expect(answer.body).toEqual({ url: '/t/x?y=1' });
    expect(await browser.context(services).openPerson()).toMatchObject({ userId, email });
    const cookie = browser.setCookies.find((one) => one.startsWith('signalbox.sign-in='));
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).not.toMatch(/; Secure/);
  });

  it('sets only secure cookies bound to this host over https', async () => {
    const services = serve('https://box.example');
    const { email } = await makeAccount();
    const browser = makeBrowser(services);
    await browser.signIn(email, password);
    expect(browser.setCookies.length).toBeGreaterThan(2);
    for (const cookie of browser.setCookies) {
      expect(cookie).toMatch(/^__Host-signalbox\./);
      expect(cookie).toMatch(/; Secure/);
      expect(cookie).toMatch(/; Path=\/(;|$)/);
      expect(cookie).not.toMatch(/Domain/i);
    }
  });

  it.each(['https://evil.example/', '//evil.example', String.raw`/\evil.example`, 'javascript:x'])(
    'leads nobody to %s',
    async (callbackUrl) => {
      const services = serve('http://127.0.0.1:3000');
      const { email } = await makeAccount();
      const answer = await makeBrowser(services).signIn(email, password, callbackUrl);
      const url = (answer.body as { url?: string } | undefined)?.url ?? '/';
      expect(new URL(url, 'http://ours.example').host).toMatch(
        /^(ours\.example|localhost(:\d+)?)$/,
      );
      expect(url).not.toContain('evil');
    },
  );

  it('tells a wrong password and a throttled one apart, and gives no cookie', async () => {
    const services = serve('http://127.0.0.1:3000');
    const { email } = await makeAccount();
    const browser = makeBrowser(services);
    const urlOf = (answer: { body: unknown }) => (answer.body as { url: string }).url;
    for (let i = 0; i < 8; i++) {
      expect(urlOf(await browser.signIn(email, 'wrong'))).toContain('error=CredentialsSignin');
    }
    expect(urlOf(await browser.signIn(email, password))).toContain('error=throttled');
    expect([...browser.jar.keys()]).not.toContain('signalbox.sign-in');
  });

  it('refuses a form without the token of its page', async () => {
    const services = serve('http://127.0.0.1:3000');
    const { email } = await makeAccount();
    const browser = makeBrowser(services);
    const forged = { email, password, callbackUrl: '/' };
    await browser.signInWithout(forged);
    await browser.signInWithout({ ...forged, csrfToken: 'x'.repeat(64) });
    expect([...browser.jar.keys()]).not.toContain('signalbox.sign-in');
  });
});

describe('a session', () => {
  it('tells nothing but its end, and lasts no longer than its row', async () => {
    const services = serve('http://127.0.0.1:3000');
    const { cli, email, userId } = await makeAccount();
    const browser = makeBrowser(services);
    await browser.signIn(email, password);
    expect(Object.keys((await browser.session()).body as object)).toEqual(['expires']);
    const replayed = browser.context(services);
    await removePerson(cli, userId);
    expect((await browser.session()).body).toEqual({});
    await expect(replayed.openPerson()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('ends with sign-out: the copied cookie is worth nothing', async () => {
    const services = serve('http://127.0.0.1:3000');
    const { email } = await makeAccount();
    const browser = makeBrowser(services);
    await browser.signIn(email, password);
    const copied = browser.context(services);
    await copied.openPerson();
    await browser.signOut();
    expect([...browser.jar.keys()]).not.toContain('signalbox.sign-in');
    await expect(copied.openPerson()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
