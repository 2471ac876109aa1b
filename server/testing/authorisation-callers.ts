import { encode } from 'next-auth/jwt';
import { issueKey } from '#server/agents/issue-key.ts';
import { hashPassword } from '#server/auth/password.ts';
import { AppError } from '#server/kernel/errors.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { RequestContext } from '#server/trpc/init.ts';
import type { Principal } from './authorisation-table.ts';
import { makeSignIn } from './authorisation-targets.ts';
import type { TestBed } from './database.ts';
import { cliActor, makeCtx, makePerson, systemActor } from './factories.ts';
import type { TestWeb } from './http.ts';

/** What a call came to: `ok`, or the code of the refusal; with everything that was answered. */
export interface Outcome {
  readonly code: string;
  readonly text: string;
}

/** One principal of a tenant, ready to call. */
export interface Caller {
  readonly principal: Principal;
  /** Of a person; null for the others. */
  readonly userId: string | null;
  /** Headers of a request over HTTP; null for `cli` and `system`, which have none. */
  readonly headers: Readonly<Record<string, string>> | null;
}

export const testPassword = 'correct horse battery';

/** Makes every principal of one tenant. */
export async function makeCallers(
  bed: TestBed,
  served: TestWeb,
  tenantId: TenantId,
): Promise<Caller[]> {
  const passwordHash = await hashPassword(testPassword);
  const person = async (principal: Principal, role: Parameters<typeof makePerson>[2][number]) => {
    const actor = await makePerson(bed, tenantId, [role]);
    const userId = actor.type === 'person' ? actor.userId : '';
    await bed.admin`update users set password_hash = ${passwordHash} where id = ${uuidOf(userId)}`;
    const signIn = await makeSignIn(bed, userId);
    const token = await encode({
      token: { signInId: signIn.id },
      secret: served.services.secrets.session,
    });
    const headers = { cookie: `signalbox.sign-in=${token}` };
    return { caller: { principal, userId, headers }, signInId: signIn.id };
  };
  const cli = makeCtx(bed.owner, tenantId, cliActor);
  const key = async (kind: 'agent' | 'ingest' | 'enforcer' | 'service'): Promise<Caller> => {
    const { key: secret } = await issueKey(cli, {
      kind,
      name: `${kind} key`,
      agent: kind === 'agent' ? 'matrix-agent' : null,
      tools: kind === 'enforcer' ? ['matrix_tool'] : [],
    });
    return {
      principal: `${kind} key`,
      userId: null,
      headers: { authorization: `Bearer ${secret}` },
    };
  };
  const expired = await person('expired', 'admin');
  await bed.admin`update sign_ins set expires_at = now() where id = ${uuidOf(expired.signInId)}`;
  const roles = ['viewer', 'analyst', 'reviewer', 'responder', 'auditor', 'admin'] as const;
  const callers: Caller[] = [{ principal: 'anonymous', userId: null, headers: {} }, expired.caller];
  for (const role of roles) callers.push((await person(role, role)).caller);
  for (const kind of ['agent', 'ingest', 'enforcer', 'service'] as const) {
    callers.push(await key(kind));
  }
  callers.push({ principal: 'cli', userId: null, headers: null });
  callers.push({ principal: 'system', userId: null, headers: null });
  return callers;
}

/** Calls a procedure as people and machines do: over HTTP, as a page of ours would. */
export async function callOverHttp(
  served: TestWeb,
  caller: Caller,
  call: {
    readonly path: string;
    readonly type: 'query' | 'mutation' | 'subscription';
    readonly input: unknown;
    readonly tenantSlug: string;
  },
): Promise<Outcome> {
  const ended = new AbortController();
  const wrapped = JSON.stringify({ json: call.input });
  const isChange = call.type === 'mutation';
  const query = isChange || call.input === undefined ? '' : `&input=${encodeURIComponent(wrapped)}`;
  const answer = await fetch(
    `${served.url}/api/trpc/${call.path}?tenant=${call.tenantSlug}${query}`,
    {
      method: isChange ? 'POST' : 'GET',
      headers: {
        ...caller.headers,
        'x-signalbox-tenant': call.tenantSlug,
        'sec-fetch-site': 'same-origin',
        ...(isChange ? { 'content-type': 'application/json' } : {}),
        ...(call.type === 'subscription' ? { accept: 'text/event-stream' } : {}),
      },
      signal: ended.signal,
      ...(isChange ? { body: wrapped } : {}),
    },
  );
  if (call.type === 'subscription' && answer.ok) {
    const text = await readFirstMessage(answer);
    ended.abort();
    return { code: text.includes('event: serialized-error') ? codeOfAnswer(text) : 'ok', text };
  }
  const text = await answer.text();
  return { code: answer.ok ? 'ok' : codeOfAnswer(text), text };
}

/** A stream up to its first message behind the greeting: the refusal, or what it tells first. */
async function readFirstMessage(answer: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const behindGreeting = text.replace(/event: connected\ndata: .*\n\n/, '');
    if (/data: .*\n(?:id: .*\n)?\n/.test(behindGreeting)) return behindGreeting;
  }
  return text;
}

/** The code inside tRPC's error, alone or as the only one of a batch. */
function codeOfAnswer(text: string): string {
  const match = /"code":"([A-Z_]+)"/.exec(text);
  return match?.[1] ?? `unreadable: ${text.slice(0, 200)}`;
}

/** The context of the command line or a job, which come to the procedures' verbs without HTTP. */
export function insideContext(
  bed: TestBed,
  principal: 'cli' | 'system',
  tenantId: TenantId,
): RequestContext {
  const db = principal === 'cli' ? bed.owner : bed.worker;
  const actor = principal === 'cli' ? cliActor : systemActor;
  return {
    requestId: 'matrix',
    db,
    tenantSlug: null,
    openTenant: async () => makeCtx(db, tenantId, actor),
    openPerson: () => Promise.reject(new AppError('unauthenticated', 'no person')),
  };
}
