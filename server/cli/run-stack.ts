import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EmbeddedPostgres } from '#db/embedded.ts';
import type { Env } from '#server/kernel/env.ts';
import { type DatabaseUrls, startOwnServer } from './open-database.ts';
import { findFreePort } from './free-port.ts';
import { backoffMs, type Part, supervise, type Supervised } from './supervise.ts';

/** What the children of `up` have in common. */
export interface StackOptions {
  readonly env: Env;
  readonly root: string;
  readonly urls: DatabaseUrls;
  readonly isDevelopment: boolean;
  readonly allowDemo: boolean;
  readonly say: (line: string) => void;
  /** Aborts when `up` is told to stop while it still starts. */
  readonly stopped: AbortSignal;
}

export interface Stack {
  /** Where the pages are. */
  readonly url: string;
  /** Starts another part beside web and worker; it is stopped first. */
  readonly add: (part: Part) => Supervised;
  readonly stop: () => Promise<void>;
}

const entryOf = (root: string) => join(root, 'server', 'cli.ts');

/** Every part gets its own login and no other; nothing of ours calls home. */
function partsOf(options: StackOptions, port: number): { web: Part; worker: Part } {
  const common = {
    NODE_ENV: options.isDevelopment ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    SIGNALBOX_OWNER_DATABASE_URL: '',
    SIGNALBOX_BOOTSTRAP_PASSWORD: '',
    // A quiet terminal: what matters to a person is at warn and above.
    SIGNALBOX_LOG_LEVEL:
      options.env.SIGNALBOX_LOG_LEVEL === 'info' ? 'warn' : options.env.SIGNALBOX_LOG_LEVEL,
  };
  return {
    web: {
      name: 'web',
      args: [
        'web',
        ...(options.isDevelopment ? ['--dev'] : []),
        ...(options.allowDemo ? ['--allow-demo'] : []),
      ],
      env: {
        ...common,
        DATABASE_URL: options.urls.app,
        SIGNALBOX_WORKER_DATABASE_URL: '',
        PORT: String(port),
      },
      youngHeapMiB: 16,
    },
    worker: {
      name: 'worker',
      args: ['worker'],
      env: { ...common, DATABASE_URL: '', SIGNALBOX_WORKER_DATABASE_URL: options.urls.worker },
      youngHeapMiB: 8,
    },
  };
}

/** Starts web and worker as processes of their own, and keeps them running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  // Chosen here and not by web: started again, it has to come back where people left it.
  const { HOST: host, PORT: wished } = options.env;
  const parts = partsOf(options, wished === 0 ? await findFreePort(host) : wished);
  const entry = entryOf(options.root);
  const web = supervise(parts.web, entry, options.say);
  const worker = supervise(parts.worker, entry, options.say);
  const added: Supervised[] = [];
  const stop = async () => {
    await Promise.all(added.map((one) => one.stop()));
    await Promise.all([web.stop(), worker.stop()]);
  };
  try {
    const aborted = once(options.stopped, 'abort').then(() => options.stopped.throwIfAborted());
    options.stopped.throwIfAborted();
    await Promise.race([Promise.all([web.ready, worker.ready]), aborted]);
    const ready = await web.ready;
    if (ready.url === null) throw new Error('web did not say where it listens');
    return {
      url: ready.url,
      add: (part) => {
        const one = supervise(part, entry, options.say);
        added.push(one);
        return one;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface KeptServer {
  readonly stop: () => Promise<void>;
}

/**
 * Keeps the embedded Postgres running: web and worker live through its death and find the new one
 * on the same socket.
 */
export function keepServer(
  folder: string,
  first: EmbeddedPostgres,
  say: (line: string) => void,
): KeptServer {
  let server = first;
  let isStopping = false;
  const follow = async () => {
    for (let failures = 0; !isStopping;) {
      await server.gone;
      if (isStopping) return;
      say('Postgres ended; starting it again');
      try {
        ({ server } = await startOwnServer(folder));
        failures = 0;
      } catch (error) {
        say(`Postgres does not start: ${error instanceof Error ? error.message : String(error)}`);
        await wait(backoffMs(failures));
        failures += 1;
      }
    }
  };
  const following = follow();
  return {
    stop: async () => {
      isStopping = true;
      await server.stop();
      await following;
      // One that was being started meanwhile is a server too.
      await server.stop();
    },
  };
}
