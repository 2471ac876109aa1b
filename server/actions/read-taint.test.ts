import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase, type TestBed } from '#server/testing/database.ts';
import { type HoldScene, makeHoldScene } from '#server/testing/hold-scene.ts';
import { makeOwnEvent } from '#server/testing/untrusted-event.ts';
import { recentDays, taintText } from './read-taint.ts';

const bed = openTestDatabase();
const traceEvents = 5_000;

/** A trace of this many trusted events: one that was stored, and copies of its row. */
async function makeLongTrace({ admin }: TestBed, scene: HoldScene): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  const output = 'Hello.';
  await makeOwnEvent(bed, scene, { traceId, output, origin: 'wiki/1', trust: 'trusted' });
  const columns = await admin<{ name: string }[]>`select quote_ident(column_name) as name
    from information_schema.columns where table_schema = 'public' and table_name = 'events'`;
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => (name === 'seq' ? 'seq + copy * 1000000::bigint' : name));
  await admin.unsafe(
    `insert into events (${names.join(', ')}) select ${values.join(', ')}
      from events, generate_series(1, ${traceEvents}) as copy where tenant_id = $1::uuid`,
    [uuidOf(scene.tenant.id)],
  );
  await admin`analyze events`;
  return traceId;
}

it('reads none of the events of a long trace that taint nothing', async () => {
  const scene = await makeHoldScene(bed);
  const traceId = await makeLongTrace(bed, scene);
  const plan = await bed.admin.unsafe<{ 'QUERY PLAN': string }[]>(
    `explain (analyze, timing off, summary off) ${taintText(recentDays())}`,
    [
      uuidOf(scene.tenant.id),
      uuidOf(scene.agent.id),
      null,
      traceId,
      JSON.stringify([scene.agent.id]),
      [],
    ],
  );
  const passedOver = plan.map(
    (line) => /Rows Removed by \w+: (\d+)/.exec(line['QUERY PLAN'])?.[1] ?? '0',
  );
  expect(plan.length).toBeGreaterThan(10);
  expect(Math.max(...passedOver.map(Number))).toBeLessThan(traceEvents / 10);
});
