import { describe, expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import type { LiveBatch } from './contract.ts';
import { createLiveHub } from './hub.ts';
import { decodeLiveCursor, readChanges } from './read-changes.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const viewer = await makePerson(bed, tenant.id, ['viewer']);
  const commit = createGroupCommit(bed.app.$client);
  const post = (...ids: string[]) =>
    commit.store(
      tenant.id,
      ids.map((id) => makeEvent(agent, { id })),
    );
  return { ctx: makeCtx(bed.app, tenant.id, viewer), post };
}

const idsOf = (batch: LiveBatch) => batch.events.map((event) => event.eventId);

describe('reading changes', () => {
  it('starts at the present end and then tells each event once', async () => {
    const { ctx, post } = await makeScene();
    await post('before');
    await settleLog(bed);
    const start = await readChanges(ctx, null);
    expect(idsOf(start.batch)).toEqual([]);
    await post('a', 'b');
    await settleLog(bed);
    const next = await readChanges(ctx, start.cursor);
    expect(idsOf(next.batch).toSorted()).toEqual(['a', 'b']);
    expect(idsOf((await readChanges(ctx, next.cursor)).batch)).toEqual([]);
    expect(decodeLiveCursor(next.batch.id)).toEqual(next.cursor);
  });

  it('goes by the number of a transaction, not by its digits', async () => {
    const { ctx, post } = await makeScene();
    const { cursor } = await readChanges(ctx, null);
    await post('nine');
    await post('ten');
    await bed.admin`update events set xid = (case event_id when 'nine' then '9' else '10' end)::xid8
      where tenant_id = ${uuidOf(ctx.tenantId)}`;
    await settleLog(bed);
    const { batch } = await readChanges(ctx, { ...cursor, eventXid: '8' });
    expect(idsOf(batch)).toEqual(['nine', 'ten']);
  });

  it('says resync when the cursor belongs to another life of the database', async () => {
    const { ctx } = await makeScene();
    const { cursor } = await readChanges(ctx, null);
    const foreign = await readChanges(ctx, { ...cursor, incarnation: cursor.incarnation + 7 });
    expect(foreign.batch.isResync).toBe(true);
  });

  it.each(['', 'x', '1.2.3', '1.2.3.4.-5', '1.2.3.4.5.6', "1.2.3.4.5'"])(
    'takes %j for no cursor of ours',
    (text) => {
      expect(decodeLiveCursor(text)).toBeNull();
    },
  );
});

describe('the hub', () => {
  it('brings every event to every follower, and nothing of another tenant', async () => {
    const one = await makeScene();
    const two = await makeScene();
    const hub = createLiveHub(createLog('fatal', 'test'));
    const stop = new AbortController();
    const seen: string[][] = [[], [], []];
    let started = 0;
    const follow = async (ctx: typeof one.ctx, into: string[]) => {
      let isFirst = true;
      for await (const batch of hub.follow(ctx, null, stop.signal)) {
        if (isFirst) started += 1;
        isFirst = false;
        into.push(...idsOf(batch));
      }
    };
    const followers = [
      follow(one.ctx, seen[0] ?? []),
      follow(one.ctx, seen[1] ?? []),
      follow(two.ctx, seen[2] ?? []),
    ];
    await expect.poll(() => started, { timeout: 10_000 }).toBe(3);
    const wanted = Array.from({ length: 20 }, (_, index) => `e${index}`);
    for (const id of wanted) await one.post(id);
    await expect
      .poll(() => seen[0]?.includes('e19') && seen[1]?.includes('e19'), { timeout: 10_000 })
      .toBe(true);
    stop.abort();
    await Promise.all(followers);
    hub.close();
    for (const list of seen.slice(0, 2)) {
      expect(list).toEqual(wanted);
    }
    expect(seen[2]).toEqual([]);
  });

  it('resumes behind the last batch without a gap or a repeat', async () => {
    const { ctx, post } = await makeScene();
    const hub = createLiveHub(createLog('fatal', 'test'));
    await settleLog(bed);
    const { batch: start } = await readChanges(ctx, null);
    await post('while-away');
    await settleLog(bed);
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const batch of hub.follow(ctx, start.id, stop.signal)) seen.push(...idsOf(batch));
    })();
    await expect.poll(() => seen, { timeout: 10_000 }).toContain('while-away');
    await post('after');
    await expect.poll(() => seen, { timeout: 10_000 }).toContain('after');
    stop.abort();
    await following;
    hub.close();
    expect(seen).toEqual(['while-away', 'after']);
  });
});
