import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { driveTransaction, type TransactionClient } from '#db/drive-transaction.ts';
import { type CuttableDatabase, openCuttableDatabase } from '#server/testing/cuttable-database.ts';
import { openTestDatabase } from '#server/testing/database.ts';

const bed = openTestDatabase();

let database: CuttableDatabase;
let sql: Sql;
const faults: unknown[] = [];
const noteFault = (error: unknown) => faults.push(error);

beforeEach(async () => {
  database = await openCuttableDatabase(bed.database.adminUrl);
  sql = createSql(database.url, { connectionsMax: 1 });
  await bed.admin`drop table if exists kept`;
  await bed.admin`create table kept (n int primary key)`;
  process.on('uncaughtException', noteFault);
});

afterEach(async () => {
  process.off('uncaughtException', noteFault);
  await sql.end({ timeout: 1 });
  await database.close();
  expect(faults.splice(0)).toEqual([]);
});

const drive = <T>(work: (client: TransactionClient) => Promise<T>) =>
  driveTransaction(sql, 'begin', work);
const add = (n: number) => `insert into kept values (${n}) returning n`;
const addOne = 'insert into kept values ($1::int) returning n';
const kept = async () => (await bed.admin`select n from kept order by n`).map(({ n }) => n);
const backend = async (client: TransactionClient) => {
  const [row] = (await client.unsafe('select pg_backend_pid() as pid')) as { pid: number }[];
  return row?.pid ?? 0;
};
const cutOnce = async () => {
  await database.cut();
  await database.mend();
};
const isGone = { code: expect.stringMatching(/CONNECTION|57P01|EPIPE|ECONNRESET/) };

describe('driveTransaction', () => {
  it('commits what its work did, and answers its result', async () => {
    expect(await drive(async (client) => (await client.unsafe(add(1))) && 'done')).toBe('done');
    expect(await kept()).toEqual([1]);
  });

  it('rolls back what failed, and the connection serves the next', async () => {
    const failure = new Error('not this');
    const failed = drive(async (client) => {
      await client.unsafe(add(1));
      throw failure;
    });
    await expect(failed).rejects.toBe(failure);
    await drive((client) => client.unsafe(add(2)));
    expect(await kept()).toEqual([2]);
  });

  it('rolls back what throws before it asks anything', async () => {
    const failed = drive(() => {
      throw new Error('at once');
    });
    await expect(failed).rejects.toThrow('at once');
    await drive((client) => client.unsafe(add(1)));
    expect(await kept()).toEqual([1]);
  });

  it('rolls back when a question failed, even where its work took no notice', async () => {
    const failed = drive(async (client) => {
      await client.unsafe(add(1));
      await client.unsafe('select 1 / 0').catch(() => undefined);
      return 'all well';
    });
    await expect(failed).rejects.toMatchObject({ code: '22012' });
    const second = drive(async (client) => {
      await client.unsafe('select 1 / 0').catch(() => undefined);
      await client.unsafe(add(2));
    });
    await expect(second).rejects.toMatchObject({ code: '22012' });
    expect(await kept()).toEqual([]);
  });

  it('undoes what is inside a savepoint alone', async () => {
    await drive(async (client) => {
      await client.unsafe(add(1));
      const inner = client.savepoint(async (inside) => {
        await inside.unsafe(add(2));
        await inside.unsafe(add(2));
      });
      await expect(inner).rejects.toMatchObject({ code: '23505' });
      await client.savepoint((inside) => inside.unsafe(add(3)));
    });
    expect(await kept()).toEqual([1, 3]);
  });

  it('sends its questions in their order, prepared or not yet', async () => {
    const order = await drive(async (client) => {
      const ask = (n: number) =>
        client.unsafe(`select $1::int + ${n} as n`, [1], { prepare: true });
      const answers = await Promise.all([ask(1), client.unsafe('select 9 as n'), ask(2), ask(1)]);
      return (answers as { n: number }[][]).map(([row]) => row?.n);
    });
    expect(order).toEqual([2, 9, 3, 2]);
  });

  it('runs many at once on few connections, each by itself', async () => {
    const pool = createSql(bed.database.adminUrl, { connectionsMax: 3 });
    try {
      const one = (n: number) =>
        driveTransaction(pool, 'begin', async (client) => {
          await client.unsafe(addOne, [n], { prepare: true });
          await client.unsafe('select pg_sleep(0.001)');
          if (n % 3 === 0) throw new Error('every third fails');
          if (n % 3 === 1) return client.last(addOne, [n + 1000]);
          return client.unsafe(addOne, [n + 2000]);
        });
      const numbers = Array.from({ length: 60 }, (_, index) => index);
      const outcomes = await Promise.allSettled(numbers.map(one));
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(20);
      const expected = numbers.flatMap((n) =>
        n % 3 === 0 ? [] : n % 3 === 1 ? [n, n + 1000] : [n, n + 2000],
      );
      expect(await kept()).toEqual(expected.toSorted((a, b) => a - b));
    } finally {
      await pool.end();
    }
  });
});

describe('the last question of a transaction', () => {
  it.each([1, 2])('is durable when it is answered, time %i', async (n) => {
    const rows = await drive(async (client) => {
      const answer = await client.last(addOne, [n]);
      expect(await kept()).toEqual([n]);
      return answer;
    });
    expect(rows).toEqual([{ n }]);
  });

  it('rolls everything back when it fails', async () => {
    const failed = drive(async (client) => {
      await client.unsafe(add(1));
      return client.last(addOne, [1]);
    });
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    await drive((client) => client.last(addOne, [2]));
    expect(await kept()).toEqual([2]);
  });

  it('is followed by none', async () => {
    const failed = drive(async (client) => {
      await client.last(addOne, [1]);
      await client.unsafe(add(2));
    });
    await expect(failed).rejects.toThrow('this transaction is over');
    expect(await kept()).toEqual([1]);
  });

  it('tells what failed after it, though it stands', async () => {
    const failure = new Error('later');
    const failed = drive(async (client) => {
      await client.last(addOne, [1]);
      throw failure;
    });
    await expect(failed).rejects.toBe(failure);
    expect(await kept()).toEqual([1]);
  });
});

describe.each(['cut', 'terminated'] as const)('a connection that is %s', (how) => {
  const lose = async (pid: number) => {
    if (how === 'cut') await cutOnce();
    else await bed.admin`select pg_terminate_backend(${pid})`;
  };

  it.each(['while it waits', 'while a query runs', 'before a further query', 'before the last'])(
    '%s fails its transaction, and the pool works on',
    async (when) => {
      const failed = drive(async (client) => {
        await client.unsafe(add(1));
        const losing = backend(client).then(lose);
        if (when === 'while a query runs') await client.unsafe('select pg_sleep(5)');
        await losing;
        await wait(when === 'while it waits' ? 100 : 30);
        return when === 'before the last' ? client.last(addOne, [2]) : client.unsafe(add(3));
      });
      await expect(failed).rejects.toMatchObject(isGone);
      await drive((client) => client.unsafe(add(4)));
      expect(await kept()).toEqual([4]);
    },
  );

  it('while the work waits for something else fails it at once', async () => {
    const failed = drive(async (client) => {
      await lose(await backend(client));
      await new Promise(() => undefined);
    });
    await expect(failed).rejects.toMatchObject(isGone);
    expect(await drive(async (client) => client.unsafe('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  it('while it was idle costs the next transaction nothing', async () => {
    const pid = await drive(backend);
    await lose(pid);
    await wait(30);
    await drive((client) => client.last(addOne, [1]));
    expect(await kept()).toEqual([1]);
  });

  it('between its opening and the first answer begins again', async () => {
    let runs = 0;
    await drive(async (client) => {
      runs += 1;
      if (runs === 1) await cutOnce();
      return client.last(addOne, [runs]);
    });
    expect({ runs, kept: await kept() }).toEqual({ runs: 2, kept: [2] });
  });
});
