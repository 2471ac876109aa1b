import { type ChildProcess, spawn } from 'node:child_process';
import { childEnv } from '#server/kernel/env.ts';

/** A part of `up` that runs as a process of its own. */
export interface Part {
  /** First word of its log lines: `web`, `worker`, `demo`. */
  readonly name: string;
  /** Arguments of `node server/cli.ts`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /**
   * Bound of V8's young generation, MiB. Loading the modules alone otherwise leaves 150 MB of
   * garbage behind that a process at rest never gives back (measured: 337 MB against 210 at 16).
   */
  readonly youngHeapMiB: number;
}

/** What a child tells its parent over the IPC channel, once. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** Where it listens; null for what does not. */
  readonly url: string | null;
}

export interface Supervised {
  /** Resolves when the first child is ready; rejects when it ends before that. */
  readonly ready: Promise<ReadyMessage>;
  /** Ends the child for good: SIGTERM, and SIGKILL when it takes too long. */
  readonly stop: () => Promise<void>;
}

const stopTimeoutMs = 8_000;
const backoffMsMin = 250;
const backoffMsMax = 10_000;
/** A child that lived this long did not die of its start: its backoff begins anew. */
const healthyMs = 30_000;

const isReady = (message: unknown): message is ReadyMessage =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready';

/** Waits before the next start, in ms, after `failures` short lives in a row. Pure. */
export function backoffMs(failures: number): number {
  return Math.min(backoffMsMin * 2 ** Math.min(failures, 16), backoffMsMax);
}

/**
 * Keeps a part running: started again, with growing pauses, whenever it ends. A part that ends
 * before it was ever ready is not retried: what is wrong then (a taken port, a bad setting) stays
 * wrong, and its last words are on standard error.
 */
export function supervise(
  part: Part,
  entry: string,
  onRestart: (line: string) => void,
): Supervised {
  const state: { child: ChildProcess | null; timer: NodeJS.Timeout | null; isStopping: boolean } = {
    child: null,
    timer: null,
    isStopping: false,
  };
  let failures = 0;
  const { promise: ready, resolve, reject } = Promise.withResolvers<ReadyMessage>();
  let wasReady = false;

  const start = () => {
    const startedAt = performance.now();
    const youngHeap = `--max-semi-space-size=${part.youngHeapMiB}`;
    const child = spawn(process.execPath, [youngHeap, entry, ...part.args], {
      // Standard output belongs to the answer of `up`; a channel tells the child when we die.
      stdio: ['ignore', 2, 2, 'ipc'],
      env: childEnv(part.env),
      // Its own group: Ctrl-C reaches us, and we stop the parts in order.
      detached: true,
    });
    state.child = child;
    child.on('message', (message) => {
      if (!isReady(message)) return;
      wasReady = true;
      resolve(message);
    });
    child.once('exit', (code, signal) => {
      state.child = null;
      if (state.isStopping) return;
      const how = signal ? `was ended by ${signal}` : `ended with status ${code}`;
      if (!wasReady) {
        reject(new Error(`${part.name} ${how} before it was ready`));
        return;
      }
      failures = performance.now() - startedAt > healthyMs ? 0 : failures + 1;
      const pauseMs = backoffMs(failures - 1);
      onRestart(`${part.name} ${how}; starting it again in ${pauseMs} ms`);
      state.timer = setTimeout(start, pauseMs);
    });
  };
  start();
  return {
    ready,
    stop: async () => {
      state.isStopping = true;
      if (state.timer) clearTimeout(state.timer);
      if (state.child) await endChild(state.child);
    },
  };
}

function endChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
