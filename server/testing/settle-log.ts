import { vi } from 'vitest';
import type { TestBed } from './database.ts';

/**
 * Resolves when everything committed so far lies below the readers' horizon. The horizon belongs to
 * the whole cluster, so a transaction of another test file may hold it back for a moment.
 */
export async function settleLog(bed: TestBed): Promise<void> {
  const [now] = await bed.admin<{ xid: string }[]>`select pg_current_xact_id()::text as xid`;
  await vi.waitFor(
    async () => {
      const [row] = await bed.admin<{ isSettled: boolean }[]>`
        select pg_snapshot_xmin(pg_current_snapshot()) > ${now?.xid ?? '0'}::xid8 as "isSettled"`;
      if (row?.isSettled !== true) throw new Error('an older transaction is still running');
    },
    { timeout: 10_000, interval: 10 },
  );
}
