import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createDb } from '#db/client.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { openTransaction } from './open-transaction.ts';

const bed = openTestDatabase();
const settings = { 'app.tenant': '01890000-0000-7000-8000-000000000001', lock_timeout: '1234' };

const readSettings = sql`select current_setting('app.tenant', true) as tenant,
  current_setting('lock_timeout') as lock_timeout,
  current_setting('transaction_isolation') as isolation,
  current_setting('transaction_read_only') as read_only`;

describe('openTransaction', () => {
  it('runs its work under the settings, READ COMMITTED, and leaves none behind', async () => {
    const db = createDb(bed.database.appUrl, { connectionsMax: 1 });
    try {
      const [inside] = await openTransaction(db, 'read write', settings, (tx) =>
        tx.execute(readSettings),
      );
      const [after] = await db.execute(readSettings);
      expect({ ...inside }).toEqual({
        tenant: settings['app.tenant'],
        lock_timeout: '1234ms',
        isolation: 'read committed',
        read_only: 'off',
      });
      expect(after).toMatchObject({ tenant: '', lock_timeout: '0' });
    } finally {
      await db.$client.end();
    }
  });

  it('is READ COMMITTED also where the database says otherwise by default', async () => {
    const db = createDb(bed.database.appUrl, { connectionsMax: 1 });
    try {
      await db.execute(sql`set default_transaction_isolation = 'repeatable read'`);
      const [inside] = await openTransaction(db, 'read write', settings, (tx) =>
        tx.execute(readSettings),
      );
      expect(inside).toMatchObject({ isolation: 'read committed' });
    } finally {
      await db.$client.end();
    }
  });

  it('writes nothing when read only', async () => {
    await expect(
      openTransaction(bed.app, 'read only', settings, (tx) =>
        tx.execute(sql`create temporary table nothing (id int)`),
      ),
    ).rejects.toMatchObject({ cause: { code: '25006' } });
  });

  it('rolls back what failed, hands on its error, and the connection serves the next', async () => {
    const db = createDb(bed.database.appUrl, { connectionsMax: 1 });
    try {
      const failure = new Error('not this time');
      await expect(
        openTransaction(db, 'read write', settings, async (tx) => {
          await tx.execute(sql`create temporary table kept (id int)`);
          throw failure;
        }),
      ).rejects.toBe(failure);
      const [row] = await openTransaction(db, 'read write', settings, (tx) =>
        tx.execute<{ kept: string | null }>(sql`select to_regclass('kept')::text as kept`),
      );
      expect(row?.kept).toBeNull();
    } finally {
      await db.$client.end();
    }
  });

  it('nests by savepoints', async () => {
    const value = await openTransaction(bed.app, 'read write', settings, async (tx) => {
      await expect(
        tx.transaction((inner) => inner.execute(sql`select 1 / 0`)),
      ).rejects.toMatchObject({ cause: { code: '22012' } });
      const [row] = await tx.execute<{ two: number }>(sql`select 2 as two`);
      return row?.two;
    });
    expect(value).toBe(2);
  });

  it.each(["'; drop table tenants; --", 'a b', 'x;y'])('takes no setting like %s', (value) => {
    expect(() =>
      openTransaction(bed.app, 'read only', { 'app.tenant': value }, async () => undefined),
    ).toThrow('not a plain setting');
  });
});
