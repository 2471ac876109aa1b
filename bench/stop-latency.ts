import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { makeAgentKeys } from './agent-keys.ts';
import type { ControlMessage } from './control-streams-process.ts';
import { type Figure, note, percentile, rounded, noFloor } from './figure.ts';
import { runLoad } from './load.ts';
import type { BenchTenant, Stack } from './stack.ts';

/** A tenant has a thousand keys at most, and a few of them are not agents: some run several copies. */
const agents = 980;
const streamCounts = [1_000, 10_000];
const stops = 20;
const eventsPerSecond = 2_000;
const spansPerBatch = 100;
const pauseMs = 500;
const patienceMs = 30_000;
/** Opening the streams is over before the load begins. */
const loadSeconds = (stops * (pauseMs + 1000)) / 1000 + 10;
const streamProcess = fileURLToPath(new URL('control-streams-process.ts', import.meta.url));
const keySchema = z.object({ key: z.string() });
const stopSchema = z.looseObject({ id: z.string() });

function openStreams(url: string, keys: readonly string[], count: number) {
  const child = fork(streamProcess);
  const told = new Map<string, PromiseWithResolvers<readonly number[]>>();
  const of = (stopId: string): PromiseWithResolvers<readonly number[]> => {
    const known = told.get(stopId) ?? Promise.withResolvers<readonly number[]>();
    told.set(stopId, known);
    return known;
  };
  const opened = Promise.withResolvers<undefined>();
  child.on('message', (message: ControlMessage) => {
    if (message.kind === 'open') opened.resolve(undefined);
    else if (message.kind === 'told') of(message.stopId).resolve(message.at);
    else opened.reject(new Error(message.reason));
  });
  child.send({ url, keys, streams: count });
  return {
    opened: opened.promise,
    told: (stopId: string) =>
      Promise.race([
        of(stopId).promise,
        wait(patienceMs).then(() => {
          throw new Error('a stop did not reach every agent');
        }),
      ]),
    close: () => child.disconnect(),
  };
}

async function postJson(url: string, key: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
}

interface Pressing {
  readonly serviceKey: string;
  readonly keys: readonly string[];
  readonly streams: ReturnType<typeof openStreams>;
}

/** Presses one stop after the other; latencies count from the press. */
async function pressStops(
  stack: Stack,
  tenant: BenchTenant,
  { serviceKey, keys, streams }: Pressing,
) {
  const toldMs: number[] = [];
  const acknowledgedMs: number[] = [];
  let slipped = 0;
  for (let round = 0; round < stops; round += 1) {
    const pressedAt = performance.timeOrigin + performance.now();
    const body = { scope: { kind: 'tenant' }, level: 1, reason: 'bench' };
    const answer = await postJson(`${stack.url}/api/v1/stops`, serviceKey, body);
    acknowledgedMs.push(performance.timeOrigin + performance.now() - pressedAt);
    const { id } = stopSchema.parse(await answer.json());
    const asked = { tool: 'read_file', args: { path: '/a' } };
    const refused = await postJson(`${stack.url}/api/v1/actions`, keys[round] ?? '', asked);
    if (refused.status !== 423) slipped += 1;
    toldMs.push(...(await streams.told(id)).map((at) => at - pressedAt));
    // No key lifts a stop; the row is what two people would have left.
    await stack.admin`update stops set state = 'lifted', lifted_at = clock_timestamp()
      where tenant_id = ${tenant.uuid} and state <> 'lifted'`;
    await wait(pauseMs);
  }
  return { toldMs, acknowledgedMs, slipped };
}

/**
 * From the press of a stop of the tenant to its arrival at each of a thousand connected agents, and then of
 * ten thousand, while ordinary telemetry comes in; and whether an agent that asks right after the
 * acknowledgement is refused.
 */
export async function benchStopLatency(stack: Stack): Promise<Figure[]> {
  const tenant = await stack.makeTenant();
  const keys = await makeAgentKeys(stack, tenant, agents);
  const kind = ['--kind', 'service', '--json'];
  const made = await stack.command(['key', 'create', '--tenant', tenant.slug, ...kind]);
  const { key: serviceKey } = keySchema.parse(made);
  const figures: Figure[] = [];
  for (const count of streamCounts) {
    figures.push(await measure(stack, tenant, { keys, serviceKey, count }));
  }
  return figures;
}

async function measure(
  stack: Stack,
  tenant: BenchTenant,
  shape: Pick<Pressing, 'keys' | 'serviceKey'> & { readonly count: number },
): Promise<Figure> {
  const { count, keys, serviceKey } = shape;
  const streams = openStreams(stack.url, keys, count);
  try {
    await streams.opened;
    note(`${count} streams are open`);
    const load = runLoad(stack, tenant, {
      batches: (loadSeconds * eventsPerSecond) / spansPerBatch,
      spans: spansPerBatch,
      connections: 8,
      eventsPerSecond,
    });
    await wait(3_000);
    const pressed = await pressStops(stack, tenant, { serviceKey, keys, streams });
    const { toldMs, acknowledgedMs, slipped } = pressed;
    const report = await load;
    const p99 = rounded(percentile(toldMs, 0.99));
    return {
      name: 'stop-latency',
      unit: 'ms',
      value: p99,
      p50: rounded(percentile(toldMs, 0.5)),
      p99,
      ...noFloor,
      params: {
        from: 'press of the stop (service key)',
        to: 'told on the control stream of each agent',
        agents,
        streams: count,
        stops,
        worst: rounded(percentile(toldMs, 1)),
        acknowledgedP99: rounded(percentile(acknowledgedMs, 0.99)),
        askedAfterAcknowledgement: stops,
        slipped,
        loadEventsPerSecond: rounded(report.acknowledged / report.seconds),
        cores: availableParallelism(),
        postgres: stack.postgresVersion,
      },
    };
  } finally {
    streams.close();
  }
}
