import { sql } from 'drizzle-orm';
import type { Sql } from 'postgres';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import type { Log } from '#server/kernel/log.ts';

const channel = 'signalbox_alerts';

/** Who wants to know of opened alerts, in this process. */
export interface AlertSignals {
  /**
   * Calls `listener` with the id of each alert of the tenant that was opened; answers how to
   * unsubscribe.
   */
  readonly subscribe: (tenantId: TenantId, listener: (alertId: string) => void) => () => void;
  readonly close: () => Promise<void>;
}

/**
 * Tells every process, at the commit of this transaction, that an alert was opened. Only opened ones:
 * what grows an alert waits for the next poll.
 */
export async function tellAlertOpened(tx: Tx, ctx: Ctx, alertId: string): Promise<void> {
  await tx.execute(sql`select pg_notify(${channel}, ${`${ctx.tenantId} ${alertId}`})`);
}

/**
 * Listens on one connection and fans out in memory. A signal is a reason to look at once, never the
 * only one: whoever misses it, because the connection was lost, sees the alert with the next poll.
 */
export function createAlertSignals(client: Sql, log: Log): AlertSignals {
  const listeners = new Map<string, Set<(alertId: string) => void>>();
  const listening = client.listen(channel, (payload) => {
    const [tenantId = '', alertId = ''] = payload.split(' ');
    for (const listener of listeners.get(tenantId) ?? []) listener(alertId);
  });
  listening.catch((error: unknown) => log.error({ err: error }, 'opened alerts are not heard'));
  return {
    subscribe: (tenantId, listener) => {
      const set = listeners.get(tenantId) ?? new Set();
      listeners.set(tenantId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(tenantId);
      };
    },
    close: async () => {
      listeners.clear();
      // The database may be gone already; the connection ends with the pool then.
      await listening.then((one) => one.unlisten()).catch(() => undefined);
    },
  };
}
