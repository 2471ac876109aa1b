import { encode } from 'next-auth/jwt';
import { createDb } from '#db/client.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { addPerson } from '#server/auth/add-person.ts';
import { openSignIn } from '#server/auth/open-sign-in.ts';
import { signInCookieName } from '#server/auth/sign-in-cookie.ts';
import { commandLine } from '#server/cli/actor.ts';
import { openSecrets, readSecrets } from '#server/cli/make-services.ts';
import { addCredential } from '#server/credentials/add-credential.ts';
import { addProvider } from '#server/credentials/add-provider.ts';
import { createBrokerTools } from '#server/credentials/broker-tools.ts';
import { addCredentialInput, addProviderInput } from '#server/credentials/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { readEnv } from '#server/kernel/env.ts';
import type { Role } from '#db/enums.ts';
import type { Caller } from './crash-doors.ts';
import type { CrashStack } from './crash-stack.ts';
import type { CrashProvider } from './revoke-crash-provider.ts';

/** What a credential is to its provider; nobody can prove a JWT dead. */
type TokenKind = 'opaque' | 'jwt';

/** A credential of a family: `root`, and `child` and `jwt` made from it. */
export interface FamilyCredential {
  readonly id: string;
  readonly tool: string;
  readonly kind: TokenKind;
  /** What the provider issued; Signalbox keeps it sealed. */
  readonly token: string;
}

export interface Family {
  /** Slug of the one agent that may take leases of it, and its key. */
  readonly agent: string;
  readonly agentKey: string;
  readonly root: FamilyCredential;
  readonly child: FamilyCredential;
  readonly jwt: FamilyCredential;
}

export interface RevokeScene {
  /** Of a signed-in person who may revoke; as headers of a request through the proxy. */
  readonly person: Caller;
  /** Of whoever stands before the tools. */
  readonly enforcerKey: string;
  readonly makeFamily: (name: string) => Promise<Family>;
}

const tools = { root: 'revoke-root', child: 'revoke-child', jwt: 'revoke-jwt' } as const;
const password = 'a campaign of many crashes';

/** Runs work as the command line, over connections that are closed with it. */
export async function asOwner<T>(stack: CrashStack, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  const db = createDb(stack.urls().owner, { connectionsMax: 2 });
  try {
    return await work({ db, tenantId: stack.tenantId, ...commandLine() });
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}

/** Brings somebody and signs them in. @returns headers of their requests through the proxy */
export async function signInPerson(
  stack: CrashStack,
  email: string,
  roles: readonly Role[],
): Promise<Caller> {
  const { session } = readSecrets(envOf(stack));
  const signInId = await asOwner(stack, async (ctx) => {
    await addPerson(ctx, { email, name: email, roles: [...roles], password });
    const knock = { email, password, address: '127.0.0.1', userAgent: 'campaign', requestId: 'r' };
    return (await openSignIn(ctx.db, knock)).signInId;
  });
  const token = await encode({ token: { signInId }, secret: session });
  return {
    cookie: `${signInCookieName(false)}=${token}`,
    origin: stack.proxy.url,
    'x-signalbox-tenant': stack.tenantSlug,
  };
}

const envOf = (stack: CrashStack, extra: Readonly<Record<string, string>> = {}) =>
  readEnv({ NODE_ENV: 'production', SIGNALBOX_DATA_DIR: stack.folder, ...extra });

/** Brings the provider, an enforcer and a signed-in person. */
export async function makeRevokeScene(
  stack: CrashStack,
  provider: CrashProvider,
): Promise<RevokeScene> {
  const env = envOf(stack, { SIGNALBOX_PROVIDER_HOSTS: provider.host });
  const secrets = await asOwner(stack, (ctx) => openSecrets(ctx.db, env));
  const broker = createBrokerTools(env, secrets);
  const made = await asOwner(stack, async (ctx) => {
    const wanted = { kind: 'enforcer', name: 'revoke', tools: Object.values(tools) } as const;
    const enforcer = await issueKey(ctx, wanted);
    const { settings, clientSecret: secret } = provider;
    const entered = addProviderInput.parse({ name: 'authorisation server', settings, secret });
    const { id: providerId } = await addProvider(ctx, broker, entered);
    return { enforcerKey: enforcer.key, providerId };
  });
  const add = async (ctx: Ctx, name: string, role: keyof typeof tools, agent: string, of = {}) => {
    const kind: TokenKind = role === 'jwt' ? 'jwt' : 'opaque';
    const secret = await provider.issue(kind);
    const wanted = addCredentialInput.parse({
      name: `${name} ${role}`,
      tool: tools[role],
      kind: kind === 'jwt' ? 'jwt' : 'access_token',
      secret,
      scopes: ['use'],
      holders: [agent],
      providerId: made.providerId,
      leaseSecondsMax: 3600,
      ...of,
    });
    const { id } = await addCredential(ctx, broker, wanted);
    return { id, tool: tools[role], kind, token: secret };
  };
  return {
    enforcerKey: made.enforcerKey,
    person: await signInPerson(stack, 'admin@crash.example', ['admin']),
    makeFamily: (name) =>
      asOwner(stack, async (ctx) => {
        const { key: agentKey } = await issueKey(ctx, { kind: 'agent', name, agent: name });
        const root = await add(ctx, name, 'root', name);
        const child = await add(ctx, name, 'child', name, { parentId: root.id });
        const jwt = await add(ctx, name, 'jwt', name, { parentId: root.id });
        return { agent: name, agentKey, root, child, jwt };
      }),
  };
}
