import type { ReadyMessage } from './supervise.ts';

export interface RunningPart {
  /** Where it listens; null for what does not. */
  readonly url: string | null;
  readonly close: () => Promise<void>;
}

/** A part that has not closed by then holds something that will not end by itself. */
const closeTimeoutMs = 6_000;

/**
 * Runs a part of Signalbox until a signal comes or, when `up` started it, until `up` is gone: a
 * parent that was killed closes the channel, and no child outlives it.
 */
export async function runPart(start: () => Promise<RunningPart>): Promise<0 | 1> {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  process.once('disconnect', ask);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask());
  const part = await start();
  process.send?.({ kind: 'ready', url: part.url } satisfies ReadyMessage);
  await asked;
  const timer = setTimeout(() => process.exit(1), closeTimeoutMs);
  await part.close();
  clearTimeout(timer);
  return 0;
}
