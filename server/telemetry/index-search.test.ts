import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { withRead } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { makeAgent, makeCtx, makeTenant, systemActor } from '#server/testing/factories.ts';
import type { Json } from './contract.ts';
import { createGroupCommit } from './group-commit.ts';
import { indexer } from './index-search.ts';
import { searchQueryOf } from './search-words.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const commit = createGroupCommit(bed.app.$client);
  const post = async (traceId: string, output: Json): Promise<void> => {
    const body = { ...makeDraft().body, output };
    await commit.store(tenant.id, [makeEvent(agent, { traceId, body })]);
  };
  return { tenant, post };
}

/** What the application's login finds, newest first. */
async function find(
  tenantId: TenantId,
  question: string,
  hitsMax = 10,
  newestMax = 100,
): Promise<string[]> {
  const query = searchQueryOf(question, uuidOf(tenantId));
  const rows = await withRead(makeCtx(bed.app, tenantId, systemActor), (tx) =>
    tx.execute<{ id: string }>(sql`select translate(trace_id::text, '-', '') as id
      from search_events(${query}::tsquery, '2000-01-01', ${hitsMax}, ${newestMax})`),
  );
  return rows.map((row) => row.id);
}

const [a, b, c] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)];

describe('the indexer', () => {
  it('finds events by words that occur together, newest first', async () => {
    const { tenant, post } = await makeScene();
    await post(a, 'transfer refused: limit reached');
    await post(b, { text: 'Transfer accepted' });
    await post(c, ['limit', { note: 'raised' }]);
    await drainTail(bed, indexer);
    expect(await find(tenant.id, 'transfer')).toEqual([b, a]);
    expect(await find(tenant.id, 'limit transfer')).toEqual([a]);
    expect(await find(tenant.id, 'trans')).toEqual([b, a]);
    expect(await find(tenant.id, 'trans limit')).toEqual([]);
    expect(await find(tenant.id, 'billing-bot')).toEqual([c, b, a]);
    expect(await find(tenant.id, 'billing-bot', 2)).toEqual([c, b]);
  });

  it('finds the same wherever the newest events end and the older ones begin', async () => {
    const { tenant, post } = await makeScene();
    for (const id of [a, b, c]) await post(id, 'boundary');
    await drainTail(bed, indexer);
    for (const newestMax of [0, 1, 2, 3, 4]) {
      expect(await find(tenant.id, 'boundary', 10, newestMax)).toEqual([c, b, a]);
      expect(await find(tenant.id, 'boundary', 2, newestMax)).toEqual([c, b]);
      expect(await find(tenant.id, 'elsewhere', 10, newestMax)).toEqual([]);
    }
  });

  it('finds no other tenant’s events, and none without a tenant', async () => {
    const [mine, other] = [await makeScene(), await makeScene()];
    await other.post(a, 'secretplan');
    await drainTail(bed, indexer);
    expect(await find(other.tenant.id, 'secretplan')).toEqual([a]);
    expect(await find(mine.tenant.id, 'secretplan')).toEqual([]);
    // The question names the other tenant, the session its own.
    const query = searchQueryOf('secretplan', uuidOf(other.tenant.id));
    const foreign = await withRead(makeCtx(bed.app, mine.tenant.id, systemActor), (tx) =>
      tx.execute(sql`select * from search_events(${query}::tsquery, '2000-01-01', 10, 10)`),
    );
    const none = await bed.app.execute(
      sql`select * from search_events(${query}::tsquery, '2000-01-01', 10, 10)`,
    );
    const direct = await withRead(makeCtx(bed.app, mine.tenant.id, systemActor), (tx) =>
      tx.execute(sql`select * from event_search`),
    );
    expect([...foreign, ...none, ...direct]).toEqual([]);
  });

  it('keeps one row of what a batch holds of a trace, and more when its words are too many', async () => {
    const { tenant, post } = await makeScene();
    const flood = (letter: string) => Array.from({ length: 500 }, (_, at) => `${letter}${at}`);
    await post(a, 'first word');
    await post(b, 'between');
    await post(a, 'second word');
    for (const letter of 'defghi') await post(c, flood(letter));
    await drainTail(bed, indexer);
    const rows = await bed.admin<{ trace: string; rows: number }[]>`
      select left(trace_id::text, 1) as trace, count(*)::int as rows from event_search
      where tenant_id = ${uuidOf(tenant.id)} group by 1 order by 1`;
    expect([...rows]).toEqual([
      { trace: 'a', rows: 1 },
      { trace: 'b', rows: 1 },
      { trace: 'c', rows: 2 },
    ]);
    expect(await find(tenant.id, 'first second')).toEqual([a]);
    expect(await find(tenant.id, 'between word')).toEqual([]);
    expect(await find(tenant.id, 'd1')).toEqual([c]);
    expect(await find(tenant.id, 'i499')).toEqual([c]);
  });

  it('takes any text', async () => {
    const { tenant, post } = await makeScene();
    await post(
      a,
      `' \\ " & | ! :* <-> {NULL} ${'🧨'.repeat(3000)} 支払い ${'x'.repeat(100_000)} \u202e`,
    );
    await drainTail(bed, indexer);
    expect(await find(tenant.id, '支払い')).toEqual([a]);
    expect(await find(tenant.id, 'null')).toEqual([a]);
  });
});
