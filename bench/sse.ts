import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { postEvents } from '#server/cli/post-events.ts';
import { limits } from '#server/kernel/limits.ts';
import { type Figure, note, percentile, rounded } from './figure.ts';
import { signInPerson } from './person.ts';
import type { Stack } from './stack.ts';
import type { StreamMessage } from './stream-process.ts';

const rounds = 40;
const pauseMs = 150;
const patienceMs = 30_000;
const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Streams {
  /** Resolves with the arrival times once every stream has had the marker. */
  readonly arrivals: (marker: string) => Promise<readonly number[]>;
  readonly close: () => void;
}

async function openStreams(
  url: string,
  headers: Readonly<Record<string, string>>,
  streams: number,
): Promise<Streams> {
  const child = fork(fileOf('stream-process.ts'), [JSON.stringify({ url, headers, streams })]);
  const arrived = new Map<string, PromiseWithResolvers<readonly number[]>>();
  const of = (marker: string): PromiseWithResolvers<readonly number[]> => {
    const known = arrived.get(marker) ?? Promise.withResolvers<readonly number[]>();
    arrived.set(marker, known);
    return known;
  };
  const opened = Promise.withResolvers<undefined>();
  child.on('message', (message: StreamMessage) => {
    if (message.kind === 'open') opened.resolve(undefined);
    else if (message.kind === 'arrived') of(message.marker).resolve(message.at);
    else opened.reject(new Error(message.reason));
  });
  await opened.promise;
  return {
    arrivals: async (marker) => {
      const late = wait(patienceMs).then(() => {
        throw new Error(`${marker} did not reach every stream`);
      });
      return Promise.race([of(marker).promise, late]);
    },
    close: () => child.disconnect(),
  };
}

interface Measured {
  readonly latenciesMs: readonly number[];
  /** From the first stream that had a message to the last, by message. */
  readonly spreadsMs: readonly number[];
}

/** Sends marked messages one after the other; a latency counts from the sender's acknowledgement. */
async function measure(
  streams: Streams,
  send: (marker: string) => Promise<void>,
): Promise<Measured> {
  const latenciesMs: number[] = [];
  const spreadsMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const marker = `marker-${String(round).padStart(5, '0')}`;
    await send(marker);
    const sentAt = performance.timeOrigin + performance.now();
    const at = await streams.arrivals(marker);
    latenciesMs.push(...at.map((one) => one - sentAt));
    spreadsMs.push(Math.max(...at) - Math.min(...at));
    // Of no fixed length, or every message would meet the product's poll at the same moment.
    await wait(pauseMs + (randomBytes(1)[0] ?? 0));
  }
  return { latenciesMs, spreadsMs };
}

async function measureFloor(streams: number): Promise<Measured> {
  const server: ChildProcess = fork(fileOf('fan-out-process.ts'));
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}/`;
  const open = await openStreams(url, {}, streams);
  try {
    return await measure(open, async (marker) => {
      const body = JSON.stringify({ marker, padding: 'x'.repeat(600) });
      await (await fetch(url, { method: 'POST', body })).text();
    });
  } finally {
    open.close();
    server.disconnect();
  }
}

async function measureProduct(stack: Stack, streams: number): Promise<Measured> {
  const tenant = await stack.makeTenant();
  const { cookie } = await signInPerson(stack, tenant);
  const input = encodeURIComponent(JSON.stringify({ json: { tenant: tenant.slug } }));
  const url = `${stack.url}/api/trpc/live.changes?tenant=${tenant.slug}&input=${input}`;
  const open = await openStreams(url, { cookie, accept: 'text/event-stream' }, streams);
  const run = randomBytes(4).toString('hex');
  try {
    return await measure(open, async (marker) => {
      const startedAt = new Date().toISOString();
      const event = {
        id: `${run}-${marker}`,
        traceId: randomBytes(16).toString('hex'),
        agent: 'bench-bot',
        kind: 'lifecycle',
        startedAt,
        status: 'ok',
      } as const;
      await postEvents({ url: stack.url, key: tenant.key }, [event]);
    });
  } finally {
    open.close();
  }
}

/**
 * How long after its acknowledgement an event has reached every open stream of a tenant. The floor
 * is the bare fan-out of the same number of streams; beyond it stands the poll of the log, which
 * alone is up to `limits.livePollMs`.
 */
export async function benchSse(stack: Stack): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const streams of [200, 1000]) {
    const floor = await measureFloor(streams);
    note(`floor of ${streams} streams done`);
    const product = await measureProduct(stack, streams);
    const p99 = percentile(product.latenciesMs, 0.99);
    const floorP99 = percentile(floor.latenciesMs, 0.99);
    figures.push({
      name: 'sse',
      unit: 'ms',
      value: rounded(p99),
      p50: rounded(percentile(product.latenciesMs, 0.5)),
      p99: rounded(p99),
      floorName: 'bare node:http fan-out, p99',
      floor: rounded(floorP99),
      ratio: rounded(p99 / floorP99),
      params: {
        streams,
        messages: rounds,
        spreadMsP50: rounded(percentile(product.spreadsMs, 0.5)),
        floorSpreadMsP50: rounded(percentile(floor.spreadsMs, 0.5)),
        pollMs: limits.livePollMs,
        cores: availableParallelism(),
        postgres: stack.postgresVersion,
      },
    });
  }
  return figures;
}
