import { Agent, request } from 'node:http';
import { makeSpanBatch } from './span-batches.ts';

/**
 * A process of its own that posts OTLP batches over a fixed number of connections and reports what
 * was acknowledged. Started by `bench/ingest.ts` with one JSON argument; bodies are made before the
 * clock starts.
 */
interface LoadOptions {
  readonly url: string;
  readonly key: string;
  readonly run: string;
  readonly batches: number;
  readonly spans: number;
  readonly connections: number;
}

export interface LoadReport {
  readonly acknowledged: number;
  readonly refused: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

function post(agent: Agent, options: LoadOptions, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${options.url}/api/otlp/v1/traces`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          authorization: `Bearer ${options.key}`,
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
  const bodies = Array.from({ length: options.batches }, (_, index) =>
    makeSpanBatch(options.run, index, options.spans, 'protobuf'),
  );
  const latenciesMs: number[] = [];
  let next = 0;
  let acknowledged = 0;
  let refused = 0;
  const startedAt = performance.now();
  const sender = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const sentAt = performance.now();
      const status = await post(agent, options, body);
      latenciesMs.push(performance.now() - sentAt);
      if (status === 200) acknowledged += options.spans;
      else refused += options.spans;
    }
  };
  await Promise.all(Array.from({ length: options.connections }, sender));
  agent.destroy();
  return { acknowledged, refused, seconds: (performance.now() - startedAt) / 1000, latenciesMs };
}

if (process.argv[2]) {
  const report = await runLoad(JSON.parse(process.argv[2]) as LoadOptions);
  process.stdout.write(JSON.stringify(report));
}
