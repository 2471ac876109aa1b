import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { startHoldingProxy } from '#server/testing/holding-proxy.ts';
import { followControl, postJson } from '#server/demo/follow-control.ts';
import { limits } from '#server/kernel/limits.ts';
import { makeAgentKeys } from './agent-keys.ts';
import { type Figure, note, percentile, rounded } from './figure.ts';
import { runLoad } from './load.ts';
import { signInPerson, timeQuery } from './person.ts';
import type { BenchTenant, Stack } from './stack.ts';

const pollingAgents = 200;
const pollingStops = 10;
const eventsPerSecond = 2_000;
const spansPerBatch = 100;
/** A stop has reached the slowest within one interval; the next is pressed after it. */
const roundMs = 2 * limits.controlPollMs;
const loadSeconds = 10 + (pollingStops * roundMs) / 1000;
const lookMs = 100;
const patienceMs = 90_000;

const keySchema = z.object({ key: z.string() });
const stopSchema = z.looseObject({ id: z.string() });
const beatSchema = z.looseObject({ halted: z.boolean() });
const detailSchema = z.object({
  result: z.object({
    data: z.object({
      json: z.looseObject({
        ladder: z.array(z.looseObject({ step: z.string(), evidence: z.string() })),
      }),
    }),
  }),
});

const never = new AbortController().signal;

async function pressStop(stack: Stack, key: string, scope: object): Promise<string> {
  const body = { scope, level: 1, reason: 'bench' };
  const headers = { 'idempotency-key': randomUUID() };
  const answer = await postJson({ url: stack.url, key }, '/api/v1/stops', body, never, headers);
  return stopSchema.parse(await answer.json()).id;
}

/** No key lifts a stop; the rows are what people would have left. */
async function liftAll(stack: Stack, tenant: BenchTenant): Promise<void> {
  await stack.admin`update stops set state = 'lifted', lifted_at = clock_timestamp()
    where tenant_id = ${tenant.uuid} and state <> 'lifted'`;
}

async function makeServiceKey(stack: Stack, tenant: BenchTenant): Promise<string> {
  const kind = ['--kind', 'service', '--json'];
  const made = await stack.command(['key', 'create', '--tenant', tenant.slug, ...kind]);
  return keySchema.parse(made).key;
}

/** Agents that ask instead of following a stream, each at its own moment of the interval. */
function startPolling(stack: Stack, keys: readonly string[]) {
  const stopping = new AbortController();
  /** When each was first told that it is halted since the last `forget`. */
  const told = new Map<number, number>();
  const poll = async (index: number, key: string): Promise<void> => {
    const beat = { instanceId: `pod-${index}`, capabilities: ['poll', 'ask'] };
    await wait((limits.controlPollMs * index) / keys.length);
    while (!stopping.signal.aborted) {
      const askedAt = performance.now();
      const answer = await postJson({ url: stack.url, key }, '/api/v1/heartbeat', beat, never);
      const { halted } = beatSchema.parse(await answer.json());
      if (halted && !told.has(index)) told.set(index, performance.now());
      await wait(Math.max(0, limits.controlPollMs - (performance.now() - askedAt)));
    }
  };
  const running = Promise.all(keys.map((key, index) => poll(index, key)));
  running.catch((error: unknown) => note(String(error)));
  return {
    told,
    end: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** From the acknowledgement of a stop until each agent that polls knows, under ingest load. */
async function measurePolling(stack: Stack): Promise<Figure> {
  const tenant = await stack.makeTenant();
  const keys = await makeAgentKeys(stack, tenant, pollingAgents);
  const serviceKey = await makeServiceKey(stack, tenant);
  const polling = startPolling(stack, keys);
  const load = runLoad(stack, tenant, {
    batches: (loadSeconds * eventsPerSecond) / spansPerBatch,
    spans: spansPerBatch,
    connections: 8,
    eventsPerSecond,
  });
  await wait(3_000);
  const latenciesMs: number[] = [];
  for (let round = 0; round < pollingStops; round += 1) {
    polling.told.clear();
    await pressStop(stack, serviceKey, { kind: 'tenant' });
    const acknowledgedAt = performance.now();
    for (const deadline = acknowledgedAt + patienceMs; polling.told.size < pollingAgents;) {
      if (performance.now() > deadline) throw new Error('a stop did not reach every polling agent');
      await wait(lookMs);
    }
    latenciesMs.push(...[...polling.told.values()].map((at) => Math.max(0, at - acknowledgedAt)));
    await liftAll(stack, tenant);
    await wait(roundMs - limits.controlPollMs);
  }
  const report = await load;
  await polling.end();
  const p99 = rounded(percentile(latenciesMs, 0.99));
  return {
    name: 'halt-polling',
    unit: 'ms',
    value: p99,
    p50: rounded(percentile(latenciesMs, 0.5)),
    p99,
    floorName: 'the interval of their polling',
    floor: limits.controlPollMs,
    ratio: rounded(p99 / limits.controlPollMs),
    params: {
      from: 'acknowledgement of the stop',
      to: 'answer to the heartbeat that says so, at each agent',
      agents: pollingAgents,
      stops: pollingStops,
      worst: rounded(Math.max(...latenciesMs)),
      loadEventsPerSecond: rounded(report.acknowledged / report.seconds),
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/**
 * An agent whose line is cut in the middle: connected, and nothing passes. Then it is stopped. When did it halt
 * by itself, and what did the ladder say before and after?
 */
async function measurePartition(stack: Stack): Promise<Figure> {
  const tenant = await stack.makeTenant();
  const person = await signInPerson(stack, tenant);
  const [key = ''] = await makeAgentKeys(stack, tenant, 1);
  const serviceKey = await makeServiceKey(stack, tenant);
  const proxy = await startHoldingProxy();
  proxy.aim(Number(new URL(stack.url).port));
  const stopping = new AbortController();
  const control = followControl({
    door: { url: proxy.url, key },
    instanceId: 'pod-1',
    stopped: stopping.signal,
  });
  try {
    await control.whenFree();
    const working = control.nextHalt();
    proxy.freeze();
    const cutAt = performance.now();
    const id = await pressStop(stack, serviceKey, { kind: 'tenant' });
    const seen = new Map<string, { readonly fromMs: number; readonly evidence: string }>();
    let haltedMs: number | null = null;
    const look = async () => {
      const { body } = await timeQuery(stack, tenant, person, 'stops.get', { id });
      const [row] = detailSchema.parse(body).result.data.json.ladder;
      if (row === undefined) return;
      const fromMs = rounded(performance.now() - cutAt);
      if (!seen.has(row.step)) seen.set(row.step, { fromMs, evidence: row.evidence });
    };
    while (haltedMs === null || !seen.has('quiet')) {
      if (working.aborted) haltedMs ??= performance.now() - cutAt;
      if (performance.now() - cutAt > patienceMs)
        throw new Error('a cut agent did not come to rest');
      await look();
      await wait(lookMs);
    }
    return {
      name: 'halt-partitioned',
      unit: 'ms',
      value: rounded(haltedMs),
      p50: null,
      p99: null,
      floorName: 'its liveness lease',
      floor: limits.livenessLeaseMs,
      ratio: rounded(haltedMs / limits.livenessLeaseMs),
      params: {
        from: 'the line is cut, and the agent stopped right after',
        to: 'what it was doing is aborted',
        ladder: Object.fromEntries(seen),
        cores: availableParallelism(),
        postgres: stack.postgresVersion,
      },
    };
  } finally {
    stopping.abort();
    await proxy.close();
  }
}

/** How soon agents halt that no stream tells: those that poll, and those that nobody reaches any more. */
export async function benchHalts(stack: Stack): Promise<Figure[]> {
  return [await measurePolling(stack), await measurePartition(stack)];
}
