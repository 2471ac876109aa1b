import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { BenchTenant, Stack } from './stack.ts';

/** A person of a bench's tenant who has signed in. */
export interface BenchPerson {
  readonly email: string;
  readonly password: string;
  /** Value of a `Cookie` header. */
  readonly cookie: string;
}

const csrfSchema = z.object({ csrfToken: z.string() });

/** What the answers set, as a browser would send it back. */
function cookieOf(...answers: readonly Response[]): string {
  const jar = new Map<string, string>();
  for (const line of answers.flatMap((answer) => answer.headers.getSetCookie())) {
    const [pair] = line.split(';', 1);
    const at = pair?.indexOf('=') ?? -1;
    if (pair && at > 0) jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** Makes a person through the command line and signs in through the pages' own door. */
export async function signInPerson(
  stack: Stack,
  tenant: BenchTenant,
  role: 'analyst' | 'admin' | 'reviewer' = 'analyst',
): Promise<BenchPerson> {
  const email = `bench-${randomBytes(4).toString('hex')}@example.org`;
  const password = randomBytes(18).toString('base64url');
  const make = ['user', 'create', email, '--tenant', tenant.slug, '--role', role, '--json'];
  await stack.command(make, `${password}\n`);
  const asked = await fetch(`${stack.url}/api/auth/csrf`);
  const { csrfToken } = csrfSchema.parse(await asked.json());
  const answer = await fetch(`${stack.url}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      cookie: cookieOf(asked),
      origin: stack.url,
    },
    body: new URLSearchParams({ email, password, csrfToken, callbackUrl: '/', json: 'true' }),
  });
  const cookie = cookieOf(asked, answer);
  if (!cookie.includes('signalbox.sign-in=')) throw new Error(`sign-in answered ${answer.status}`);
  return { email, password, cookie };
}

/** Asks a query of tRPC as a page would; answers the milliseconds until the body was read. */
export async function timeQuery(
  stack: Stack,
  tenant: BenchTenant,
  person: BenchPerson,
  path: string,
  input: object,
): Promise<{ readonly ms: number; readonly body: unknown }> {
  const asked = encodeURIComponent(JSON.stringify({ json: input }));
  const startedAt = performance.now();
  const answer = await fetch(`${stack.url}/api/trpc/${path}?input=${asked}`, {
    headers: { cookie: person.cookie, 'x-signalbox-tenant': tenant.slug },
  });
  const text = await answer.text();
  const ms = performance.now() - startedAt;
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return { ms, body: JSON.parse(text) };
}

/** Calls a mutation of tRPC as a page would. */
export async function callMutation(
  stack: Stack,
  tenant: BenchTenant,
  person: BenchPerson,
  path: string,
  input: object,
): Promise<unknown> {
  const answer = await fetch(`${stack.url}/api/trpc/${path}`, {
    method: 'POST',
    headers: {
      cookie: person.cookie,
      origin: stack.url,
      'x-signalbox-tenant': tenant.slug,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ json: input }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** Asks for a page as a browser would; answers the milliseconds until its document was read. */
export async function timePage(stack: Stack, person: BenchPerson, path: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(`${stack.url}${path}`, { headers: { cookie: person.cookie } });
  await answer.arrayBuffer();
  const ms = performance.now() - startedAt;
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return ms;
}
