import { readDemoState } from '#server/demo/demo-state.ts';
import type { Stack } from './run-stack.ts';
import type { Supervised } from './supervise.ts';

const lookMs = 1_000;

/**
 * Starts and ends the demo fleet as `signalbox demo start` and `demo stop` ask for it: they leave
 * their wish in the data folder, and this looks there once a second. On a loopback HOST only.
 */
export function keepFleet(options: {
  readonly folder: string;
  readonly stack: Stack;
  readonly onChange: (hasFleet: boolean) => void;
  readonly say: (line: string) => void;
}): () => Promise<void> {
  let fleet: Supervised | null = null;
  let ending: Promise<void> | null = null;
  const look = () => {
    const isWanted = readDemoState(options.folder)?.isWanted ?? false;
    if (isWanted && !fleet) {
      fleet = options.stack.add({
        name: 'demo fleet',
        args: ['demo', 'run', '--url', options.stack.url],
        env: { DATABASE_URL: '', SIGNALBOX_WORKER_DATABASE_URL: '', NODE_ENV: 'production' },
        youngHeapMiB: 2,
      });
      fleet.ready.catch((error: unknown) => options.say(String(error)));
      options.onChange(true);
    } else if (!isWanted && fleet && !ending) {
      const gone = fleet;
      ending = gone.stop().then(() => {
        fleet = null;
        ending = null;
        options.onChange(false);
      });
    }
  };
  look();
  const timer = setInterval(look, lookMs);
  return async () => {
    clearInterval(timer);
    await ending;
    await fleet?.stop();
  };
}
