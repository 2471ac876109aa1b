import { describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import type { GateSubject } from './contract.ts';
import { placeStop } from './place-stop.ts';
import { withGate } from './with-gate.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const asker = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
  const stopper = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const subject: GateSubject = {
    agentId: agent.id,
    environment: 'production',
    sessionId: null,
    tool: 'send_money',
  };
  const gate = `gate:${tenant.id}`;
  const waiters = async () => {
    const [row] = await bed.admin`select count(*)::int as n from pg_locks
      where locktype = 'advisory' and not granted
        and ((classid::bigint << 32) | objid::bigint) = hashtextextended(${gate}, 0)`;
    return row?.['n'] as number;
  };
  const place = () =>
    placeStop(stopper, { scope: { kind: 'tenant' }, level: 1, reason: 'looks hijacked' });
  return { tenant, asker, subject, gate, waiters, place };
}

describe('the order at the gate', () => {
  it('acknowledges no stop while somebody who entered before it is inside', async () => {
    const { asker, subject, waiters, place } = await makeScene();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const told: string[] = [];
    const inside = withGate(asker, subject, async () => {
      entered.resolve();
      await leave.promise;
    }).then(() => told.push('committed'));
    await entered.promise;
    const stopping = place().then(({ state }) => told.push(state));
    // Either it waits at the gate, or it has been acknowledged past the one inside.
    await expect.poll(async () => (await waiters()) + told.length, { interval: 5 }).toBe(1);
    const toldMeanwhile = [...told];
    leave.resolve();
    await Promise.all([inside, stopping]);
    expect(toldMeanwhile).toEqual([]);
    expect([...told].sort()).toEqual(['active', 'committed']);
  });

  it('sees a stop that was placed while it waited for the gate', async () => {
    const { tenant, asker, subject, gate, waiters } = await makeScene();
    const holder = createSql(bed.database.appUrl, { connectionsMax: 1 });
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const draining = holder.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${gate}, 0))`;
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const asking = Promise.allSettled([withGate(asker, subject, async () => 'in')]);
    await expect.poll(waiters, { interval: 5 }).toBe(1);
    await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, level, reason,
        state, epoch, placed_by_type, placed_by_id, placed_by_label)
      values (${uuidOf(tenant.id)}, gen_random_uuid(), 'tenant', '', 't', 1, 'x', 'draining', 1,
        'system', 's', 's')`;
    release.resolve();
    await draining;
    await holder.end({ timeout: 1 });
    expect(await asking).toMatchObject([{ status: 'rejected', reason: { code: 'halted' } }]);
  });

  it('reads the stops anew at each entrance', async () => {
    const { asker, subject, place } = await makeScene();
    const open = () => withGate(asker, subject, async () => 'in');
    await expect(open()).resolves.toBe('in');
    await place();
    await expect(open()).rejects.toMatchObject({ code: 'halted' });
  });
});
