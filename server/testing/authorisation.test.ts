import { randomBytes } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { createBrokerTools } from '#server/credentials/broker-tools.ts';
import { readEnv } from '#server/kernel/env.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { createIngest } from '#server/ingest/store-events.ts';
import { newId } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { createLiveHub } from '#server/live/hub.ts';
import { createAppRouter } from '#server/trpc/root.ts';
import {
  type Caller,
  callOverHttp,
  insideContext,
  makeCallers,
  type Outcome,
} from './authorisation-callers.ts';
import { principals, procedureTable, routeTable } from './authorisation-table.ts';
import {
  fingerprintTenant,
  makeSignIn,
  type TargetNoun,
  targetMakers,
} from './authorisation-targets.ts';
import { openTestDatabase } from './database.ts';
import { makeTenant } from './factories.ts';
import { testChannelTools } from './channel-tools.ts';
import { makeHoldTools, testMasterKey } from './hold-tools.ts';
import { openTestWeb } from './http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

/** Contained in whatever is readable of the foreign tenant, and in nothing else. */
const foreignMarker = `foreign-${randomBytes(6).toString('hex')}`;
// First in every list that goes by name: the matrix makes more things than a page holds.
const ownMarker = () => `0-own-${randomBytes(6).toString('hex')}`;

type Relation = 'own' | 'other' | 'deleted';
type Tenant = Awaited<ReturnType<typeof makeTenant>>;
const world: {
  mine?: Tenant;
  theirs?: Tenant;
  callers: Caller[];
  foreignIds: Partial<Record<TargetNoun, string>>;
  hold?: HoldTools;
  router?: ReturnType<typeof createAppRouter>;
} = { callers: [], foreignIds: {} };

const tenants = () => {
  if (!world.mine || !world.theirs) throw new Error('the world is not made yet');
  return { mine: world.mine, theirs: world.theirs };
};
const appRouter = () => {
  if (!world.hold) throw new Error('the world is not made yet');
  world.router ??= createAppRouter({
    hub: createLiveHub(createLog('fatal', 'test')),
    ingest: createIngest({
      commit: createGroupCommit(bed.app.$client),
      derivationKey: randomBytes(32),
      readCanaries: async () => null,
      readKept: async () => null,
    }),
    hold: world.hold,
    channels: testChannelTools,
    broker: createBrokerTools(readEnv({ NODE_ENV: 'test' }), {
      masterKeys: [testMasterKey],
      derivationKey: testMasterKey,
    }),
  });
  return world.router;
};

beforeAll(async () => {
  world.hold = await makeHoldTools();
  world.mine = await makeTenant(bed);
  world.theirs = await makeTenant(bed);
  world.callers = await makeCallers(bed, served, world.mine.id);
  for (const [noun, make] of Object.entries(targetMakers)) {
    const made = await make(bed, world.theirs.id, foreignMarker);
    world.foreignIds[noun as TargetNoun] = made.id;
  }
});

/** Makes what the call is aimed at, makes the call, and says what came of it. */
async function call(path: string, caller: Caller, relation: Relation, tenant: Tenant) {
  const row = procedureTable[path];
  if (!row) throw new Error(`${path} is not in the table`);
  const id = row.on ? await targetId(row.on, relation, caller) : 'none';
  const fresh = ownMarker();
  const input = row.input?.({ id, fresh, tenantSlug: tenant.slug });
  const type = typeOf(path);
  if (caller.principal === 'cli' || caller.principal === 'system') {
    return callInside(path, caller.principal, input);
  }
  return callOverHttp(served, caller, { path, type, input, tenantSlug: tenant.slug });
}

/** The router keeps its procedures by their full path, whatever its type says of nesting. */
function typeOf(path: string): 'query' | 'mutation' | 'subscription' {
  const flat = new Map<string, unknown>(Object.entries(appRouter()._def.procedures));
  const procedure = flat.get(path) as { _def?: { type?: unknown } } | undefined;
  const type = procedure?._def?.type;
  if (type === 'query' || type === 'mutation' || type === 'subscription') return type;
  throw new Error(`${path} is no procedure`);
}

async function targetId(noun: TargetNoun, relation: Relation, caller: Caller): Promise<string> {
  if (relation === 'other') return world.foreignIds[noun] ?? 'missing';
  // One's own sign-in is the person's, not the tenant's.
  const made =
    noun === 'signIn' && caller.userId !== null
      ? await makeSignIn(bed, caller.userId)
      : await targetMakers[noun](bed, tenants().mine.id, ownMarker());
  if (relation === 'deleted') await made.remove();
  return made.id;
}

async function callInside(
  path: string,
  principal: 'cli' | 'system',
  input: unknown,
): Promise<Outcome> {
  const caller = appRouter().createCaller(insideContext(bed, principal, tenants().mine.id));
  const procedure = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], caller);
  try {
    const answer = await (procedure as (given: unknown) => Promise<unknown>)(input);
    return { code: 'ok', text: JSON.stringify(answer) ?? '' };
  } catch (error) {
    return { code: error instanceof TRPCError ? error.code : String(error), text: String(error) };
  }
}

/** What the table says of a call. */
function expectedCode(path: string, caller: Caller, relation: Relation, isForeignHeader: boolean) {
  const row = procedureTable[path];
  const { principal } = caller;
  if (!row) return 'not in the table';
  if (principal === 'anonymous' || principal === 'expired') return 'UNAUTHORIZED';
  if (row.isForPersonsOnly && caller.userId === null) return 'UNAUTHORIZED';
  // A person outside the tenant learns nothing of it; a key is in its own, whatever a header says.
  if (isForeignHeader && caller.userId !== null && !row.isForPersonsOnly) return 'NOT_FOUND';
  if (!row.may.includes(principal)) return 'FORBIDDEN';
  return row.on && relation !== 'own' && !row.isEmptyWhenAbsent ? 'NOT_FOUND' : 'ok';
}

const procedurePaths = Object.keys(procedureTable);

describe('every procedure', () => {
  it('is in the table, and the table names no other', () => {
    expect(Object.keys(appRouter()._def.procedures).sort()).toEqual([...procedurePaths].sort());
  });

  it('meets every principal', () => {
    expect(world.callers.map((caller) => caller.principal)).toEqual([...principals]);
  });

  describe.each(procedurePaths)('%s', (path) => {
    it.each<Relation>(['own', 'deleted'])(
      'answers everyone as the table says: %s',
      async (relation) => {
        if (relation === 'deleted' && !procedureTable[path]?.on) return;
        const wrong: string[] = [];
        for (const caller of world.callers) {
          const { code, text } = await call(path, caller, relation, tenants().mine);
          const expected = expectedCode(path, caller, relation, false);
          if (code !== expected) {
            wrong.push(
              `${caller.principal}: ${code} instead of ${expected}: ${text.slice(0, 300)}`,
            );
          }
        }
        expect(wrong).toEqual([]);
      },
    );

    it('gives nothing of another tenant, and changes nothing there', async () => {
      const { mine, theirs } = tenants();
      const before = await fingerprintTenant(bed, theirs.id);
      const wrong: string[] = [];
      for (const caller of world.callers) {
        for (const tenant of [mine, theirs]) {
          const isForeignHeader = tenant === theirs;
          const { code, text } = await call(path, caller, 'other', tenant);
          const expected = expectedCode(path, caller, 'other', isForeignHeader);
          const where = `${caller.principal} in ${isForeignHeader ? 'their' : 'my'} tenant`;
          if (code !== expected) wrong.push(`${where}: ${code} instead of ${expected}: ${text}`);
          const leaked = [foreignMarker, ...Object.values(world.foreignIds)].filter((one) =>
            text.includes(one),
          );
          if (leaked.length > 0) wrong.push(`${where}: leaked ${leaked.join(', ')}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(await fingerprintTenant(bed, theirs.id)).toBe(before);
    });
  });

  it('shows the own tenant’s things, so that the search for foreign ones can find', async () => {
    const blind: string[] = [];
    for (const [path, row] of Object.entries(procedureTable)) {
      if (!row.shows) continue;
      const marker = ownMarker();
      const { id } = await targetMakers[row.shows](bed, tenants().mine.id, marker);
      const admin = world.callers.find((caller) => caller.principal === 'admin');
      if (!admin) throw new Error('no admin');
      const input = row.input?.({ id, fresh: newId('tool'), tenantSlug: tenants().mine.slug });
      const { text } = await callOverHttp(served, admin, {
        path,
        type: 'query',
        input,
        tenantSlug: tenants().mine.slug,
      });
      if (!text.includes(marker)) blind.push(path);
    }
    expect(blind).toEqual([]);
  });
});

/** `METHOD /path` of every route; HEAD comes with GET, and a route for all methods is `*`. */
function listRoutes(): string[] {
  const methodsOf = new Map<string, Set<string>>();
  for (const { method, url } of served.web.routes) {
    const methods = methodsOf.get(url) ?? new Set();
    methodsOf.set(url, methods.add(method));
  }
  return [...methodsOf].flatMap(([url, methods]) => {
    if (methods.has('TRACE')) return [`* ${url}`];
    return [...methods].filter((method) => method !== 'HEAD').map((method) => `${method} ${url}`);
  });
}

/** What a stream says first; it is then let go. */
async function firstWords(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  const read = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(read?.value);
}

describe('every route of the machine plane', () => {
  it('is in the table, and the table names no other', () => {
    expect(listRoutes().sort()).toEqual(Object.keys(routeTable).sort());
  });

  it.each(Object.entries(routeTable))(
    '%s answers everyone as the table says',
    async (name, row) => {
      if (row.for === 'procedures' || row.for === 'people') return;
      const [method = 'GET', path = '/'] = name.split(' ');
      const isPathed = row.for === 'keys' || row.for === 'transmitters';
      const url = isPathed ? (row.path?.(world.foreignIds) ?? path) : path;
      const wrong: string[] = [];
      for (const caller of world.callers.filter((one) => one.headers !== null)) {
        const answer = await fetch(`${served.url}${url}`, {
          method,
          headers: {
            ...caller.headers,
            ...(row.for === 'keys' && row.body
              ? { 'content-type': row.contentType ?? 'application/json' }
              : {}),
            ...(row.for === 'keys' ? row.headers : {}),
          },
          ...(row.for === 'keys' && row.body ? { body: row.body(world.foreignIds) } : {}),
        });
        const isOpen = row.for === 'keys' && row.isStream === true && answer.ok;
        const text = isOpen ? await firstWords(answer) : await answer.text();
        const leaked = text.includes(foreignMarker);
        const isKey = caller.principal.endsWith(' key');
        const isRight =
          row.for === 'everyone'
            ? ![401, 403, 404].includes(answer.status)
            : row.for === 'token'
              ? answer.status === 404
              : row.for === 'transmitters'
                ? [400, 429].includes(answer.status)
                : row.may.some((one) => one === caller.principal)
                  ? answer.status < 400 || answer.status === 404
                  : // A stranger who asks too often is turned away before anyone looks at the key.
                    isKey
                    ? answer.status === 403
                    : [401, 429].includes(answer.status);
        if (!isRight || leaked) wrong.push(`${caller.principal}: ${answer.status}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  const asksOfPeople = Object.values(routeTable).flatMap((row) =>
    row.for === 'people' ? row.asks : [],
  );

  it.each(asksOfPeople)(
    'answers people as the table says: $path',
    async ({ may, path, isOfOne }) => {
      const { mine, theirs } = tenants();
      const wrong: string[] = [];
      for (const caller of world.callers) {
        if (caller.headers === null) continue;
        const { principal, headers, userId } = caller;
        for (const tenant of [mine, theirs]) {
          const before = await fingerprintTenant(bed, theirs.id);
          const answer = await fetch(`${served.url}${path(tenant.slug, world.foreignIds)}`, {
            headers,
          });
          const text = await answer.text();
          const inside = may.includes(principal) ? (isOfOne ? 404 : 200) : 403;
          const ofPerson = tenant === mine ? inside : 404;
          const expected = userId === null || principal === 'expired' ? 401 : ofPerson;
          const where = `${principal} in ${tenant === mine ? 'my' : 'their'} tenant`;
          if (answer.status !== expected) wrong.push(`${where}: ${answer.status} not ${expected}`);
          if (text.includes(foreignMarker)) wrong.push(`${where}: leaked`);
          if ((await fingerprintTenant(bed, theirs.id)) !== before) wrong.push(`${where}: changed`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});
