import { afterEach, describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeTenant } from '#server/testing/factories.ts';
import { makeServices } from '#server/testing/make-services.ts';
import { type DrainUpkeep, finishDrains } from './finish-drains.ts';

const bed = openTestDatabase();
const running: DrainUpkeep[] = [];
afterEach(async () => {
  for (const upkeep of running.splice(0)) await upkeep.close();
});

/** A stop whose process died between its two steps, so many seconds ago. */
async function leaveDraining(tenantId: TenantId, secondsAgo: number): Promise<string> {
  const id = newId('stop');
  await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, level, reason,
      state, epoch, placed_by_type, placed_by_id, placed_by_label, placed_at)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, 'tool', ${id}, 'x', 1, 'x', 'draining', 1,
      'system', 's', 's', clock_timestamp() - make_interval(secs => ${secondsAgo}))`;
  return id;
}

async function stateOf(id: string): Promise<string> {
  const [row] = await bed.admin<{ state: string }[]>`
    select state from stops where id = ${uuidOf(id)}`;
  return row?.state ?? 'gone';
}

const sweep = () => {
  running.push(finishDrains({ ...makeServices(bed), db: bed.worker }));
};

describe('finishDrains', () => {
  it('acknowledges what dead processes left in any tenant, and leaves a young drain to its own', async () => {
    const tenants = [await makeTenant(bed), await makeTenant(bed)] as const;
    const left = await Promise.all(tenants.map(({ id }) => leaveDraining(id, 60)));
    const young = await leaveDraining(tenants[0].id, -600);
    // Two workers at once, as in a cluster.
    sweep();
    sweep();
    for (const id of left) await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('active');
    expect(await stateOf(young)).toBe('draining');
    for (const [index, id] of left.entries()) {
      const tenant = uuidOf(tenants[index as 0 | 1].id);
      expect(
        await bed.admin`select actor_type, actor_id from audit_log
          where tenant_id = ${tenant} and action = 'stop.acknowledged' and subject_id = ${id}`,
      ).toMatchObject([{ actor_type: 'system', actor_id: 'system:drain' }]);
    }
  });

  it('acknowledges nothing while somebody is still inside the gate, and tries again', async () => {
    const tenant = await makeTenant(bed);
    const id = await leaveDraining(tenant.id, 60);
    const inside = createSql(bed.database.adminUrl, { connectionsMax: 1 });
    const over = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const work = inside.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock_shared(hashtextextended(${`gate:${tenant.id}`}::text, 0))`;
      entered.resolve();
      await over.promise;
    });
    await entered.promise;
    sweep();
    // It stands at the gate and waits for the one inside.
    await expect
      .poll(
        () => bed.admin`select 1 from pg_stat_activity
          where datname = current_database() and wait_event = 'advisory'`,
        { timeout: 15_000 },
      )
      .not.toHaveLength(0);
    expect(await stateOf(id)).toBe('draining');
    over.resolve();
    await work;
    await inside.end();
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('active');
  });
});
