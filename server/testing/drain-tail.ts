import { pino } from 'pino';
import { createSql } from '#db/client.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import { createTailRunner, type TailConsumer } from '#server/telemetry/tail-consumer.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';
import { createTailFeed } from '#server/telemetry/tail-feed.ts';
import type { TestBed } from './database.ts';
import { settleLog } from './settle-log.ts';

/** Runs a consumer of the log, as the worker does, until it has read everything there is. */
export async function drainTail(bed: TestBed, consumer: TailConsumer<TailEvent>): Promise<void> {
  await settleLog(bed);
  const leaderSession = createSql(bed.database.workerUrl, { connectionsMax: 1 });
  const failures: unknown[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => failures.push(line) });
  const feed = createTailFeed(readTail);
  const runner = createTailRunner(consumer, { db: bed.worker, feed, leaderSession, log });
  try {
    while ((await runner.pass()) > 0);
    if (failures.length > 0) throw new Error(`the consumer failed: ${failures.join('\n')}`);
  } finally {
    await runner.close();
    await leaderSession.end();
  }
}
