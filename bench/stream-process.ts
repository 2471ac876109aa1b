import { request } from 'node:http';
import { Agent } from 'node:http';

/**
 * A process of its own that holds many open event streams and notes when each of them received a
 * message that names a marker. Started by `bench/sse.ts` with one JSON argument; tells its parent
 * `open` when all streams are there, and per marker the arrival times of all of them.
 */
interface StreamOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly streams: number;
}

/** What the process tells its parent. Times are milliseconds since 1970, with a fraction. */
export type StreamMessage =
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'arrived'; readonly marker: string; readonly at: readonly number[] };

const markers = /marker-\d{5}/g;
/** Streams opened at a time: a stampede measures the accept queue. */
const openAtOnce = 50;

const tell = (message: StreamMessage): void => {
  process.send?.(message);
};

function openStream(
  options: StreamOptions,
  agent: Agent,
  arrive: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(options.url, { agent, headers: { ...options.headers } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the stream answered ${answer.statusCode}`));
      answer.setEncoding('utf8');
      answer.once('data', () => resolve());
      answer.on('data', arrive);
      answer.once('end', () => tell({ kind: 'broken', reason: 'a stream ended' }));
    });
    call.once('error', reject);
    call.end();
  });
}

async function holdStreams(options: StreamOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.streams });
  const arrivals = new Map<string, number[]>();
  const arrive = (text: string): void => {
    const at = performance.timeOrigin + performance.now();
    // Several messages may come in one piece, and each names its marker more than once.
    for (const marker of new Set(text.match(markers) ?? [])) {
      const times = arrivals.get(marker) ?? [];
      times.push(at);
      arrivals.set(marker, times);
      if (times.length === options.streams) tell({ kind: 'arrived', marker, at: times });
    }
  };
  let left = options.streams;
  const opener = async (): Promise<void> => {
    while (left-- > 0) await openStream(options, agent, arrive);
  };
  await Promise.all(Array.from({ length: openAtOnce }, opener));
  tell({ kind: 'open' });
}

if (process.argv[2]) {
  process.once('disconnect', () => process.exit(0));
  try {
    await holdStreams(JSON.parse(process.argv[2]) as StreamOptions);
  } catch (error) {
    tell({ kind: 'broken', reason: String(error) });
  }
}
