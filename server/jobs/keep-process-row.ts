import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { eq, lt, sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { processes } from '#db/schema/tenancy.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';

/** A beat that comes no later than this after the one before is no gap. */
const gapSeconds = (1.5 * limits.processBeatMs) / 1000;

/** The living sign of one process in the table that readiness and `doctor` read. */
export interface ProcessRow {
  /** Takes the row away. */
  readonly close: () => Promise<void>;
}

/**
 * Keeps a row for this process: who it is, on which host, with which key files (fingerprints), when it was
 * last alive, and since when without a gap: one that could not reach the database begins anew. Rows of
 * processes that died without a word go after a day.
 */
export async function keepProcessRow(
  db: Db,
  log: Log,
  role: 'web' | 'worker',
  fingerprints: string,
): Promise<ProcessRow> {
  const id = randomUUID();
  await db.insert(processes).values({ id, role, host: hostname(), fingerprints });
  await db.delete(processes).where(lt(processes.lastSeenAt, sql`now() - interval '1 day'`));
  let beating: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    try {
      await db
        .insert(processes)
        .values({ id, role, host: hostname(), fingerprints })
        .onConflictDoUpdate({
          target: processes.id,
          set: {
            lastSeenAt: sql`now()`,
            startedAt: sql`case when ${processes.lastSeenAt} > now() - make_interval(secs => ${gapSeconds})
              then ${processes.startedAt} else now() end`,
          },
        });
    } catch (error) {
      log.warn({ err: error }, 'the process row could not be renewed');
    }
  };
  const timer = setInterval(() => {
    beating = beat();
  }, limits.processBeatMs);
  return {
    close: async () => {
      clearInterval(timer);
      await beating;
      await db.delete(processes).where(eq(processes.id, id));
    },
  };
}
