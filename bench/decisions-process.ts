import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

/**
 * A process of its own that asks for harmless actions over a fixed number of connections, each agent
 * in turn, and reports how long each answer took. Started by `bench/decisions.ts` with one JSON argument.
 */
interface AskOptions {
  readonly url: string;
  readonly path: string;
  readonly keys: readonly string[];
  /** A trace for each key, that its asks name; none are named without. */
  readonly traceIds?: readonly string[];
  readonly connections: number;
  /** Asks before the clock starts, and those that count. */
  readonly warmUp: number;
  readonly asks: number;
}

export interface AskReport {
  readonly answered: number;
  /** Answers by `status decision`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

function ask(agent: Agent, options: AskOptions, index: number): Promise<string> {
  const at = index % options.keys.length;
  const key = options.keys[at] ?? '';
  const body = JSON.stringify({
    tool: 'read_file',
    traceId: options.traceIds?.[at],
    args: { path: '/reports/weekly.txt' },
    reason: 'The weekly report is asked for.',
  });
  return new Promise((resolve, reject) => {
    const call = request(
      `${options.url}${options.path}`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': randomUUID(),
          authorization: `Bearer ${key}`,
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.once('end', () =>
          resolve(`${answer.statusCode} ${/"decision":"(\w+)"/.exec(text)?.[1] ?? ''}`),
        );
        answer.once('error', reject);
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

async function run(options: AskOptions): Promise<AskReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const latenciesMs: number[] = [];
  const outcomes: Record<string, number> = {};
  const askMany = async (count: number, isCounted: boolean): Promise<void> => {
    let next = 0;
    const sender = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        const startedAt = performance.now();
        const outcome = await ask(agent, options, index);
        if (!isCounted) continue;
        latenciesMs.push(performance.now() - startedAt);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: options.connections }, sender));
  };
  await askMany(options.warmUp, false);
  const startedAt = performance.now();
  await askMany(options.asks, true);
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return { answered: latenciesMs.length, outcomes, seconds, latenciesMs };
}

const [argument] = process.argv.slice(2);
if (argument) process.stdout.write(JSON.stringify(await run(JSON.parse(argument) as AskOptions)));
