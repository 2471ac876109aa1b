import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type * as context from '#server/kernel/context.ts';
import { createBrokerTools } from '#server/credentials/broker-tools.ts';
import { readEnv } from '#server/kernel/env.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { createIngest } from '#server/ingest/store-events.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { createLiveHub } from '#server/live/hub.ts';
import type { RequestContext } from '#server/trpc/init.ts';
import { createAppRouter } from '#server/trpc/root.ts';
import { procedureTable } from './authorisation-table.ts';
import { fingerprintTenant, type TargetNoun, targetMakers } from './authorisation-targets.ts';
import { openTestDatabase } from './database.ts';
import { testChannelTools } from './channel-tools.ts';
import { makeHoldTools, testMasterKey } from './hold-tools.ts';
import { makeCtx, makePerson, makeTenant } from './factories.ts';

/** What the database is told, whatever the application believes; null lets it believe. */
const told = vi.hoisted<{ tenantId: TenantId | null }>(() => ({ tenantId: null }));

// The application's own checks answer "allow" …
vi.mock('#server/auth/require-permission.ts', () => ({
  requirePermission: () => undefined,
  actorMay: () => true,
}));
// … and it believes to be in the foreign tenant, while the database was told the caller's own.
vi.mock('#server/kernel/context.ts', async (load) => {
  const real = await load<typeof context>();
  const tellDatabase = (ctx: context.Ctx): context.Ctx => ({
    ...ctx,
    tenantId: told.tenantId ?? ctx.tenantId,
  });
  return {
    ...real,
    withTransaction: (ctx: context.Ctx, work: Parameters<typeof real.withTransaction>[1]) =>
      real.withTransaction(tellDatabase(ctx), work),
    withRead: (ctx: context.Ctx, work: Parameters<typeof real.withRead>[1]) =>
      real.withRead(tellDatabase(ctx), work),
  };
});

const bed = openTestDatabase();
const marker = `foreign-${randomBytes(6).toString('hex')}`;
type Tenant = Awaited<ReturnType<typeof makeTenant>>;
const world: { mine?: Tenant; theirs?: Tenant; ids: Partial<Record<TargetNoun, string>> } = {
  ids: {},
};
const tenants = () => {
  if (!world.mine || !world.theirs) throw new Error('the world is not made yet');
  return { mine: world.mine, theirs: world.theirs };
};

beforeAll(async () => {
  world.mine = await makeTenant(bed);
  world.theirs = await makeTenant(bed);
  for (const [noun, make] of Object.entries(targetMakers)) {
    world.ids[noun as TargetNoun] = (await make(bed, world.theirs.id, marker)).id;
  }
});

/** Calls a procedure as a confused application would: in the foreign tenant, on its things. */
async function callConfused(path: string): Promise<string> {
  const { mine, theirs } = tenants();
  const actor = await makePerson(bed, mine.id, ['admin']);
  if (actor.type !== 'person') throw new Error('a person expected');
  const person = { ...actor, name: 'P', expiresAt: '2200-01-01T00:00:00Z', tenants: [] };
  const requestContext: RequestContext = {
    requestId: 'matrix',
    db: bed.app,
    tenantSlug: theirs.slug,
    openTenant: async () => makeCtx(bed.app, theirs.id, actor),
    openPerson: async () => person,
  };
  const router = createAppRouter({
    hub: createLiveHub(createLog('fatal', 'test')),
    ingest: createIngest({
      commit: createGroupCommit(bed.app.$client),
      derivationKey: randomBytes(32),
      readCanaries: async () => null,
      readKept: async () => null,
    }),
    hold: await makeHoldTools(),
    channels: testChannelTools,
    broker: createBrokerTools(readEnv({ NODE_ENV: 'test' }), {
      masterKeys: [testMasterKey],
      derivationKey: testMasterKey,
    }),
  });
  const row = procedureTable[path];
  const id = (row?.on && world.ids[row.on]) ?? 'none';
  const input = row?.input?.({
    id,
    fresh: `own-${randomBytes(6).toString('hex')}`,
    tenantSlug: theirs.slug,
  });
  const procedure = path
    .split('.')
    .reduce<unknown>(
      (at, name) => (at as Record<string, unknown>)[name],
      router.createCaller(requestContext),
    );
  try {
    const answer = await (procedure as (given: unknown) => Promise<unknown>)(input);
    if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) {
      return JSON.stringify(answer) ?? '';
    }
    const stream = answer as AsyncGenerator<unknown>;
    const first = await stream.next();
    await stream.return(undefined);
    return JSON.stringify(first.value) ?? '';
  } catch (error) {
    return `refused: ${String(error)} ${String((error as Error).cause)}`;
  }
}

describe('row-level security alone, with every check of the application answering "allow"', () => {
  it.each(Object.keys(procedureTable))('%s gives and changes nothing foreign', async (path) => {
    told.tenantId = tenants().mine.id;
    const before = await fingerprintTenant(bed, tenants().theirs.id);
    const text = await callConfused(path);
    expect(text).not.toContain(marker);
    // A refusal may quote the ids that it was asked about; an answer may not.
    if (!text.startsWith('refused')) {
      for (const id of Object.values(world.ids)) expect(text).not.toContain(id);
    }
    expect(await fingerprintTenant(bed, tenants().theirs.id)).toBe(before);
  });

  it('is what held: a database that is told the foreign tenant gives its rows', async () => {
    told.tenantId = null;
    const shown: string[] = [];
    for (const [path, row] of Object.entries(procedureTable)) {
      if (row.shows && (await callConfused(path)).includes(marker)) shown.push(path);
    }
    const expected = Object.entries(procedureTable).filter(([, row]) => row.shows);
    expect(shown).toEqual(expected.map(([path]) => path));
  });
});
