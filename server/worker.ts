import { sql } from 'drizzle-orm';
import { createSql } from '#db/client.ts';
import { createDetector } from '#server/detection/detector.ts';
import { keepProcessRow } from '#server/jobs/keep-process-row.ts';
import type { Services } from '#server/kernel/services.ts';
import { assembler } from '#server/telemetry/assemble-traces.ts';
import { indexer } from '#server/telemetry/index-search.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import { createTailRunner, type TailRunner } from '#server/telemetry/tail-consumer.ts';
import { createTailFeed } from '#server/telemetry/tail-feed.ts';

/** A running worker: the readers of the log and the upkeep of its partitions. */
export interface Worker {
  /** Ends what is in hand; the caller closes the pool. */
  readonly close: () => Promise<void>;
}

const upkeepMs = 60 * 60_000;

/** Starts the background role. Any number may run: each reader has one leader per shard of tenants. */
export async function startWorker(
  services: Services,
  workerUrl: string,
  fingerprints: string,
): Promise<Worker> {
  const leaderSession = createSql(workerUrl, {
    connectionsMax: 1,
    applicationName: 'signalbox-leader',
  });
  const consumers = [createDetector({ log: services.log }), assembler, indexer];
  const feed = createTailFeed(readTail, consumers.length);
  const options = { db: services.db, feed, log: services.log, leaderSession };
  const runners: readonly TailRunner[] = consumers.map((consumer) =>
    createTailRunner(consumer, options),
  );
  for (const runner of runners) runner.start();
  const row = await keepProcessRow(services.db, services.log, 'worker', fingerprints);
  const upkeep = async (): Promise<void> => {
    try {
      await services.db.execute(sql`select ensure_event_partitions(7)`);
    } catch (error) {
      services.log.error({ err: error }, 'partitions of the coming days could not be made');
    }
  };
  await upkeep();
  const timer = setInterval(() => void upkeep(), upkeepMs);
  return {
    close: async () => {
      clearInterval(timer);
      await Promise.all(runners.map((runner) => runner.close()));
      await leaderSession.end();
      await row.close();
    },
  };
}
