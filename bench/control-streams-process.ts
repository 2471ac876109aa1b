import { Agent, request } from 'node:http';

/**
 * A process of its own that follows the control stream of many agents, each with its own key, and notes
 * when each was told of a stop. Started by `bench/stop-latency.ts`; its keys come as its first message.
 */
export interface ControlOrders {
  readonly url: string;
  readonly keys: readonly string[];
  /** At least as many as keys; what is beyond them are further copies of the first agents. */
  readonly streams: number;
}

/** What the process tells its parent. Times are milliseconds since 1970, with a fraction. */
export type ControlMessage =
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'told'; readonly stopId: string; readonly at: readonly number[] };

const openAtOnce = 50;
const stops = /event: stop\n(?:id: [^\n]*\n)?data: [^\n]*?"stopId":"(stp_\w+)"/g;
const tell = (message: ControlMessage): void => {
  process.send?.(message);
};

async function follow({ url, keys, streams }: ControlOrders): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: streams });
  const told = new Map<string, number[]>();
  const note = (stopId: string): void => {
    const times = told.get(stopId) ?? [];
    times.push(performance.timeOrigin + performance.now());
    told.set(stopId, times);
    if (times.length === streams) tell({ kind: 'told', stopId, at: times });
  };
  const open = (key: string, index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
      const target = `${url}/api/v1/control?instanceId=bench-${index}`;
      const call = request(target, { agent, headers }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`control answered ${answer.statusCode}`));
        answer.setEncoding('utf8');
        let rest = '';
        answer.once('data', () => resolve());
        answer.on('data', (text: string) => {
          const whole = rest + text;
          const end = whole.lastIndexOf('\n\n') + 2;
          for (const match of whole.slice(0, end).matchAll(stops)) note(match[1] ?? '');
          rest = end < 2 ? whole : whole.slice(end);
        });
        answer.once('end', () => tell({ kind: 'broken', reason: 'a stream ended' }));
      });
      call.once('error', reject);
      call.end();
    });
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let index = next++; index < streams; index = next++) {
      await open(keys[index % keys.length] ?? '', index);
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, opener));
  tell({ kind: 'open' });
}

if (process.send) {
  process.once('disconnect', () => process.exit(0));
  process.once('message', (orders) => {
    follow(orders as ControlOrders).catch((error: unknown) =>
      tell({ kind: 'broken', reason: String(error) }),
    );
  });
}
