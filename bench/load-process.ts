import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSpanBatch } from './span-batches.ts';

/**
 * A process of its own that posts OTLP batches over a fixed number of connections and reports what
 * was acknowledged. Started by `bench/load.ts` with one JSON argument. Bodies are made before the
 * clock starts, unless they are too many to keep: then each sender makes its own as it goes.
 */
interface LoadOptions {
  readonly url: string;
  /** Used in turn. */
  readonly keys: readonly string[];
  readonly run: string;
  readonly batches: number;
  readonly spans: number;
  readonly connections: number;
  /** Pace; as fast as it goes when absent. */
  readonly eventsPerSecond?: number;
  readonly spansPerTrace?: number;
}

export interface LoadReport {
  /** What made the ids of this load unique. */
  readonly run: string;
  readonly acknowledged: number;
  readonly refused: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** About 1.7 kB each. */
const spansKeptMax = 400_000;

function post(agent: Agent, url: string, key: string, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${url}/api/otlp/v1/traces`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          authorization: `Bearer ${key}`,
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
        answer.once('error', reject);
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const make = (index: number): Uint8Array =>
    makeSpanBatch(options.run, index, options.spans, 'protobuf', options.spansPerTrace);
  const isKept = options.batches * options.spans <= spansKeptMax;
  const bodies = isKept ? Array.from({ length: options.batches }, (_, index) => make(index)) : [];
  const latenciesMs: number[] = [];
  let next = 0;
  let acknowledged = 0;
  let refused = 0;
  const startedAt = performance.now();
  const sender = async (): Promise<void> => {
    while (next < options.batches) {
      const index = next++;
      const body = bodies[index] ?? make(index);
      if (options.eventsPerSecond !== undefined) {
        const dueMs = (1000 * index * options.spans) / options.eventsPerSecond;
        await wait(Math.max(0, startedAt + dueMs - performance.now()));
      }
      const sentAt = performance.now();
      const key = options.keys[index % options.keys.length] ?? '';
      const status = await post(agent, options.url, key, body);
      latenciesMs.push(performance.now() - sentAt);
      if (status === 200) acknowledged += options.spans;
      else refused += options.spans;
    }
  };
  await Promise.all(Array.from({ length: options.connections }, sender));
  agent.destroy();
  const { run } = options;
  return {
    run,
    acknowledged,
    refused,
    seconds: (performance.now() - startedAt) / 1000,
    latenciesMs,
  };
}

if (process.argv[2]) {
  const report = await runLoad(JSON.parse(process.argv[2]) as LoadOptions);
  process.stdout.write(JSON.stringify(report));
}
