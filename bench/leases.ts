import { createServer } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { createDb } from '#db/client.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { findTenant } from '#server/auth/find-tenant.ts';
import { commandLine } from '#server/cli/actor.ts';
import { openSecrets } from '#server/cli/make-services.ts';
import { addCredential } from '#server/credentials/add-credential.ts';
import { addProvider } from '#server/credentials/add-provider.ts';
import { createBrokerTools } from '#server/credentials/broker-tools.ts';
import { addCredentialInput, addProviderInput } from '#server/credentials/contract.ts';
import { revokeCredential } from '#server/credentials/revoke-credential.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { readEnv } from '#server/kernel/env.ts';
import { type Figure, note, rounded, noFloor } from './figure.ts';
import { runLoad } from './load.ts';
import type { BenchTenant, Stack } from './stack.ts';

const leaseCount = 1000;
const agentCount = 10;
const connections = 32;
const sentWithinMs = 120_000;
const loadedEventsPerSecond = 2000;
const spansPerBatch = 100;
/** Longer than all orders and proofs under load take. */
const loadSeconds = 75;
const leaseSchema = z.object({ token: z.string() });

interface Lease {
  readonly key: string;
  readonly token: string;
}

/** Everything of the list, `connections` at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: connections }, lane));
}

/** A provider behind a webhook that answers as fast as it can; its answers prove. */
async function playProvider(port: number) {
  const dead = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { type, credential } = JSON.parse(Buffer.concat(chunks).toString()) as {
        type: string;
        credential: { id: string };
      };
      if (type === 'credential.revoke') dead.add(credential.id);
      response.end(JSON.stringify({ active: !dead.has(credential.id) }));
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** A thousand credentials of one parent, each of its own tool, held by one of ten agents. */
async function makeFamily(stack: Stack, ctx: Ctx, providerUrl: string) {
  const env = readEnv({ NODE_ENV: 'production', SIGNALBOX_DATA_DIR: stack.dataDir });
  const hosts = { ...env, SIGNALBOX_PROVIDER_HOSTS: new URL(providerUrl).host };
  const tools = createBrokerTools(hosts, await openSecrets(ctx.db, env));
  const settings = { adapter: 'webhook', url: providerUrl, probeUrl: providerUrl };
  const { id: providerId } = await addProvider(
    ctx,
    tools,
    addProviderInput.parse({ name: 'bench', settings, secret: 'bench' }),
  );
  const add = (name: string, change: object) =>
    addCredential(
      ctx,
      tools,
      addCredentialInput.parse({
        name,
        tool: name,
        kind: 'api_key',
        secret: name,
        scopes: ['use'],
        providerId,
        leaseSecondsMax: 3600,
        ...change,
      }),
    );
  const { id: parentId } = await add('parent', { holders: [] });
  const keys: string[] = [];
  for (let index = 0; index < agentCount; index += 1) {
    const agent = `bench-agent-${index}`;
    keys.push((await issueKey(ctx, { kind: 'agent', name: agent, agent })).key);
  }
  const wanted: { readonly key: string; readonly tool: string }[] = [];
  for (let index = 0; index < leaseCount; index += 1) {
    const tool = `tool-${index}`;
    await add(tool, { parentId, holders: [`bench-agent-${index % agentCount}`] });
    wanted.push({ key: keys[index % agentCount] ?? '', tool });
  }
  return { parentId, wanted };
}

async function takeAll(
  url: string,
  wanted: readonly { readonly key: string; readonly tool: string }[],
): Promise<Lease[]> {
  const taken: Lease[] = [];
  await inLanes(wanted, async ({ key, tool }) => {
    const answer = await fetch(`${url}/api/v1/leases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ tool, scopes: ['use'], ttlSeconds: 3600 }),
    });
    if (answer.status !== 201) throw new Error(`a lease was refused: ${await answer.text()}`);
    taken.push({ key, token: leaseSchema.parse(await answer.json()).token });
  });
  return taken;
}

/** What the tool's side is told of one lease. */
async function isActive(url: string, { key, token }: Lease): Promise<boolean> {
  const answer = await fetch(`${url}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: new URLSearchParams({ token }),
  });
  return z.object({ active: z.boolean() }).parse(await answer.json()).active;
}

/** How many are told active, each asked once. */
async function countActive(url: string, leases: readonly Lease[]): Promise<number> {
  let active = 0;
  await inLanes(leases, async (lease) => {
    if (await isActive(url, lease)) active += 1;
  });
  return active;
}

/**
 * Asks about the leases in turn, without a pause, while the order is given: the last instant at which
 * an introspection began that was told active, from the order on. Afterwards each is asked once more.
 */
async function timeDeath(url: string, leases: readonly Lease[], order: () => Promise<unknown>) {
  let isOver = false;
  let asked = 0;
  let lastActiveMs = 0;
  const startedMs = performance.now();
  const prober = async (): Promise<void> => {
    while (!isOver) {
      const beganMs = performance.now();
      const lease = leases[asked % leases.length];
      asked += 1;
      if (lease !== undefined && (await isActive(url, lease))) {
        lastActiveMs = Math.max(lastActiveMs, beganMs - startedMs);
      }
    }
  };
  const probers = Array.from({ length: 4 }, prober);
  await order().finally(() => {
    isOver = true;
  });
  const orderedMs = performance.now() - startedMs;
  const stillActive = await countActive(url, leases);
  const allAskedMs = performance.now() - startedMs;
  await Promise.all(probers);
  return { orderedMs, lastActiveMs, allAskedMs, stillActive, asked };
}

/** From the order to the provider's answer about the last, and to the last proof. */
async function timeProof(stack: Stack, tenant: BenchTenant, startedMs: number) {
  let sentMs: number | null = null;
  while (performance.now() - startedMs < sentWithinMs) {
    const [row] = await stack.admin<{ sent: number; proven: number }[]>`
      select count(*) filter (where sent_at is not null)::int as sent,
        count(*) filter (where state = 'verified')::int as proven
      from revocations where tenant_id = ${tenant.uuid} and target = 'provider'`;
    if (sentMs === null && (row?.sent ?? 0) > leaseCount) sentMs = performance.now() - startedMs;
    if ((row?.proven ?? 0) > leaseCount) return { sentMs, provenMs: performance.now() - startedMs };
    await wait(50);
  }
  return { sentMs, provenMs: null };
}

interface Family {
  readonly parentId: string;
  readonly wanted: Parameters<typeof takeAll>[1];
}

/** A stop of the tenant under which all leases die, and after its lift the revocation of new ones. */
async function orderDeaths(stack: Stack, tenant: BenchTenant, ctx: Ctx, family: Family) {
  const { parentId, wanted } = family;
  const first = await takeAll(stack.url, wanted);
  note(`${first.length} leases are taken`);
  const activeBefore = await countActive(stack.url, first);
  let stopId = '';
  const byStop = await timeDeath(stack.url, first, async () => {
    const order = { scope: { kind: 'tenant' }, level: 3, reason: 'bench' } as const;
    stopId = (await placeStop(ctx, order)).id;
  });
  await liftStop(ctx, stopId, 'bench');
  await stack.admin`update stops set state = 'lifted', lifted_at = clock_timestamp()
    where tenant_id = ${tenant.uuid}`;
  const second = await takeAll(stack.url, wanted);
  const revokedAtMs = performance.now();
  const byRevocation = await timeDeath(stack.url, second, () =>
    revokeCredential(ctx, { id: parentId, reason: 'bench' }),
  );
  return { activeBefore, byStop, byRevocation, ...(await timeProof(stack, tenant, revokedAtMs)) };
}

/** One family, at rest or beside a load of `eventsPerSecond`. */
async function measure(
  stack: Stack,
  providerUrl: string,
  eventsPerSecond: number,
): Promise<Figure> {
  const tenant = await stack.makeTenant();
  const db = createDb(stack.adminUrl, { connectionsMax: 4 });
  try {
    const { tenantId } = await findTenant(db, tenant.slug);
    const ctx: Ctx = { db, tenantId, ...commandLine() };
    const family = await makeFamily(stack, ctx, providerUrl);
    const batches = (loadSeconds * eventsPerSecond) / spansPerBatch;
    const shape = { batches, spans: spansPerBatch, connections: 8, eventsPerSecond };
    const load = eventsPerSecond === 0 ? null : runLoad(stack, tenant, shape);
    if (load !== null) await wait(3_000);
    const done = await orderDeaths(stack, tenant, ctx, family);
    const report = await load;
    return figureOf(stack, done, report === null ? 0 : report.acknowledged / report.seconds);
  } finally {
    await db.$client.end();
  }
}

function figureOf(
  stack: Stack,
  done: Awaited<ReturnType<typeof orderDeaths>>,
  loadEventsPerSecond: number,
): Figure {
  const { activeBefore, byStop, byRevocation, sentMs, provenMs } = done;
  const shown = (ms: number | null) => (ms === null ? null : rounded(ms));
  return {
    name: 'leases',
    unit: 'ms',
    value: rounded(byStop.lastActiveMs),
    p50: null,
    p99: null,
    ...noFloor,
    params: {
      from: 'order of a stop of the tenant',
      to: 'start of the last introspection that was told active',
      leases: leaseCount,
      activeBefore,
      stopAcknowledgedMs: rounded(byStop.orderedMs),
      allAskedAfterStopMs: rounded(byStop.allAskedMs),
      activeAfterStop: byStop.stillActive,
      revokedMs: rounded(byRevocation.orderedMs),
      deadByRevocationMs: rounded(byRevocation.lastActiveMs),
      activeAfterRevocation: byRevocation.stillActive,
      sentMs: shown(sentMs),
      provenMs: shown(provenMs),
      loadEventsPerSecond: rounded(loadEventsPerSecond),
      machineLoad: rounded(loadavg()[0] ?? 0),
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/**
 * A thousand leases of a thousand credentials: a stop of the tenant, until each is told dead; then the
 * revocation of the parent of all, until each is told dead, sent to its provider, and proven there.
 * First with nothing beside it, then under ingest.
 */
export async function benchLeases(stack: Stack): Promise<Figure[]> {
  const provider = await playProvider(stack.providerPort);
  try {
    const alone = await measure(stack, provider.url, 0);
    return [alone, await measure(stack, provider.url, loadedEventsPerSecond)];
  } finally {
    provider.close();
  }
}
