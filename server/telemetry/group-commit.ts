import type { Sql } from 'postgres';
import { AppError } from '#server/kernel/errors.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { type EncodedEvent, encodeEvents, type EventToInsert } from './encode-event.ts';
import { type InsertOutcome, insertEventGroup } from './insert-events.ts';

interface Waiting {
  readonly event: EncodedEvent;
  readonly settle: (outcome: InsertOutcome) => void;
  readonly fail: (error: unknown) => void;
}

interface TenantQueue {
  waiting: Waiting[];
  running: number;
}

/** Errors that say "this transaction lost a race": the same group goes in again. */
const retryCodes = new Set(['40P01', '40001']);
/** No partition for today: the worker that makes them ahead has not run for days. */
const partitionCode = '23514';
/** Errors of the data itself: the group is split until the bad event stands alone. */
const dataClass = /^(22|23|54)/;

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

/** Stores events, several requests of one tenant in one commit. */
export interface GroupCommit {
  /**
   * Resolves when every event is durable or settled otherwise, in the given order.
   * @throws AppError `store_unavailable` when too many wait; the database's error when it is away.
   */
  readonly store: (
    tenantId: TenantId,
    events: readonly EventToInsert[],
  ) => Promise<InsertOutcome[]>;
}

/**
 * Group commit per tenant: while one commit runs, what arrives gathers into the next, so a lone
 * event waits for nobody and a crowd shares the cost of the disk.
 */
export function createGroupCommit(sql: Sql): GroupCommit {
  const queues = new Map<TenantId, TenantQueue>();
  let backlog = 0;

  const pump = (tenantId: TenantId, queue: TenantQueue): void => {
    while (queue.waiting.length > 0 && queue.running < limits.groupCommitsAtOnceMax) {
      const group = queue.waiting.splice(0, limits.groupCommitEventsMax);
      queue.running += 1;
      void commitGroup(sql, tenantId, group).finally(() => {
        backlog -= group.length;
        queue.running -= 1;
        if (queue.waiting.length === 0 && queue.running === 0) queues.delete(tenantId);
        else pump(tenantId, queue);
      });
    }
  };

  const store: GroupCommit['store'] = async (tenantId, events) => {
    if (events.length === 0) return [];
    if (backlog + events.length > limits.groupCommitBacklogMax) {
      throw new AppError(
        'store_unavailable',
        'Too many events wait to be stored; send these again later.',
        {
          retryAfterSeconds: 1,
        },
      );
    }
    backlog += events.length;
    const queue = queues.get(tenantId) ?? { waiting: [], running: 0 };
    queues.set(tenantId, queue);
    const settled = encodeEvents(events).map(
      (event) =>
        new Promise<InsertOutcome>((settle, fail) => {
          queue.waiting.push({ event, settle, fail });
        }),
    );
    pump(tenantId, queue);
    return Promise.all(settled);
  };
  return { store };
}

/** Commits a group and settles each of its events; never rejects. */
async function commitGroup(
  sql: Sql,
  tenantId: TenantId,
  group: readonly Waiting[],
  attempt = 0,
): Promise<void> {
  try {
    const outcomes = await insertEventGroup(
      sql,
      tenantId,
      group.map((waiting) => waiting.event),
    );
    group.forEach((waiting, index) =>
      waiting.settle(outcomes[index] ?? { status: 'failed', cause: null }),
    );
  } catch (error) {
    const code = codeOf(error);
    if (attempt < 3 && retryCodes.has(code)) {
      await commitGroup(sql, tenantId, group, attempt + 1);
    } else if (attempt === 0 && code === partitionCode) {
      await makePartitions(sql, tenantId, group);
    } else if (dataClass.test(code)) {
      await splitGroup(sql, tenantId, group, error);
    } else {
      for (const waiting of group) waiting.fail(error);
    }
  }
}

async function makePartitions(
  sql: Sql,
  tenantId: TenantId,
  group: readonly Waiting[],
): Promise<void> {
  try {
    await sql`select ensure_event_partitions(7)`;
  } catch (error) {
    for (const waiting of group) waiting.fail(error);
    return;
  }
  await commitGroup(sql, tenantId, group, 1);
}

/** Halves a group that Postgres refused, until the one bad event stands alone. */
async function splitGroup(
  sql: Sql,
  tenantId: TenantId,
  group: readonly Waiting[],
  cause: unknown,
): Promise<void> {
  const [only] = group;
  if (group.length === 1 && only) {
    only.settle({ status: 'failed', cause });
    return;
  }
  const middle = Math.ceil(group.length / 2);
  await commitGroup(sql, tenantId, group.slice(0, middle), 1);
  await commitGroup(sql, tenantId, group.slice(middle), 1);
}
