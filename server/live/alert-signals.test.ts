import { describe, expect, it } from 'vitest';
import { sql } from 'drizzle-orm';
import { withTransaction } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson, makeTenant, systemActor } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import { createAlertSignals, tellAlertOpened } from './alert-signals.ts';
import type { LiveAlert } from './contract.ts';
import { createLiveHub } from './hub.ts';

const bed = openTestDatabase();
const log = createLog('fatal', 'test');

async function makeScene() {
  const tenant = await makeTenant(bed);
  const viewer = await makePerson(bed, tenant.id, ['viewer']);
  const ruleId = uuidOf(newId('rule'));
  await bed.admin`insert into rules (tenant_id, id, slug, title, severity, state, source, origin)
    values (${uuidOf(tenant.id)}, ${ruleId}, 'r', 'r', 'high', 'enabled', '', 'shipped')`;
  /** Opens an alert as the detector does, and tells of it when `isTold`. */
  const open = async (isTold: boolean): Promise<string> => {
    const id = newId('alert');
    const ctx = makeCtx(bed.worker, tenant.id, systemActor);
    await withTransaction(ctx, async (tx) => {
      await tx.execute(sql`insert into alerts (tenant_id, id, rule_id, rule_version, group_key,
          severity, state, title, explanation, trace_ids, labels, first_at, last_at, count)
        values (${uuidOf(tenant.id)}, ${uuidOf(id)}, ${ruleId}, 1, '[]', 'high', 'open', 'Opened',
          '{}', '{}', '{}', now(), now(), 1)`);
      await tx.execute(sql`insert into alert_changes (tenant_id, incarnation, alert_id, change)
        values (${uuidOf(tenant.id)}, (select incarnation from log_incarnation), ${uuidOf(id)},
          'opened')`);
      if (isTold) await tellAlertOpened(tx, ctx, id);
    });
    return id;
  };
  return { ctx: makeCtx(bed.app, tenant.id, viewer), open };
}

/** Follows a tenant until stopped; `seen` grows with the alerts told. */
async function follow(ctx: Awaited<ReturnType<typeof makeScene>>['ctx']) {
  const signals = createAlertSignals(bed.app.$client, log);
  const hub = createLiveHub(log, null, signals);
  const stop = new AbortController();
  const seen: LiveAlert[] = [];
  const started = Promise.withResolvers<void>();
  const following = (async () => {
    for await (const batch of hub.follow(ctx, null, stop.signal)) {
      started.resolve();
      seen.push(...batch.alerts);
    }
  })();
  await started.promise;
  return {
    seen,
    close: async () => {
      stop.abort();
      await following;
      hub.close();
      await signals.close();
    },
  };
}

describe('an opened alert', () => {
  it('is told at its commit, while an older transaction holds everything else back', async () => {
    const [one, other] = [await makeScene(), await makeScene()];
    const watched = await follow(one.ctx);
    const foreign = await follow(other.ctx);
    const slow = await bed.admin.reserve();
    await slow`begin`;
    await slow`select pg_current_xact_id()`;
    await one.open(false);
    const id = await one.open(true);
    await expect.poll(() => watched.seen.length, { timeout: 10_000 }).toBe(1);
    expect(watched.seen).toMatchObject([{ id, change: 'opened', title: 'Opened' }]);
    await slow`commit`;
    slow.release();
    await settleLog(bed);
    // Both in their places, when nothing can come before them any more.
    await expect.poll(() => watched.seen.length, { timeout: 10_000 }).toBe(3);
    expect(watched.seen[2]).toEqual(watched.seen[0]);
    expect(foreign.seen).toEqual([]);
    await watched.close();
    await foreign.close();
  });

  it('is told to nobody when its transaction is rolled back', async () => {
    const scene = await makeScene();
    const heard: string[] = [];
    const signals = createAlertSignals(bed.app.$client, log);
    const end = signals.subscribe(scene.ctx.tenantId, (alertId) => heard.push(alertId));
    // What is told before the connection listens is heard by nobody.
    const tellOne = async () => {
      await scene.open(true);
      return heard.length;
    };
    await expect.poll(tellOne, { timeout: 10_000 }).toBeGreaterThan(0);
    const ctx = makeCtx(bed.worker, scene.ctx.tenantId, systemActor);
    const lostId = newId('alert');
    const lost = withTransaction(ctx, async (tx) => {
      await tellAlertOpened(tx, ctx, lostId);
      throw new Error('died before the commit');
    });
    await expect(lost).rejects.toThrow('died');
    const id = await scene.open(true);
    await expect.poll(() => heard.at(-1), { timeout: 10_000 }).toBe(id);
    expect(heard).not.toContain(lostId);
    end();
    await signals.close();
  });
});
