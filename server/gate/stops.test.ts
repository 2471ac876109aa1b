import { describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import type { Role } from '#db/enums.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  cliActor,
  keyActor,
  makeAgent,
  makeCtx,
  makePerson,
  makeTenant,
  systemActor,
} from '#server/testing/factories.ts';
import type { GateSubject, StopScope } from './contract.ts';
import { drainStop } from './drain-stop.ts';
import { liftStop } from './lift-stop.ts';
import { placeOwnStop, placeStop } from './place-stop.ts';
import { countLifters, listLifts, listStandingStops, listStops, readStop } from './queries.ts';
import { withGate } from './with-gate.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const as = async (...roles: Role[]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const subject: GateSubject = {
    agentId: agent.id,
    environment: 'production',
    sessionId: null,
    tool: 'send_money',
  };
  const asker = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
  const auditOf = (action: string) =>
    bed.admin`select subject_id, detail, actor_type from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = ${action} order by seq`;
  return { tenant, agent, as, subject, asker, auditOf };
}
const stopOf = (scope: StopScope, reason = 'looks hijacked') => ({ scope, level: 1, reason });
const all: StopScope = { kind: 'tenant' };

describe('placeStop', () => {
  it('refuses what begins after it, acknowledges after the drain, and leaves two audit rows', async () => {
    const { as, subject, asker, auditOf } = await makeScene();
    const placed = await placeStop(await as('responder'), stopOf({ kind: 'agent', id: 'payer' }));
    expect(placed).toMatchObject({ state: 'active', changed: true, epoch: 1 });
    await expect(withGate(asker, subject, async () => 'in')).rejects.toMatchObject({
      code: 'halted',
      extras: { stopId: placed.id, epoch: 1 },
    });
    expect(await auditOf('stop.placed')).toMatchObject([{ subject_id: placed.id }]);
    expect(await auditOf('stop.acknowledged')).toMatchObject([{ subject_id: placed.id }]);
  });

  it('keeps the first author when it is pressed again, and says that nothing changed', async () => {
    const { as, auditOf } = await makeScene();
    const first = await placeStop(await as('admin'), stopOf(all));
    const second = await placeStop(await as('analyst'), stopOf(all, 'me too'));
    expect(second).toEqual({ ...first, changed: false });
    expect(await auditOf('stop.repeated')).toMatchObject([{ subject_id: first.id }]);
    expect(await auditOf('stop.placed')).toHaveLength(1);
  });

  it('makes one stop of sixteen presses at once', async () => {
    const { tenant, as } = await makeScene();
    const people = await Promise.all(Array.from({ length: 16 }, () => as('responder')));
    const placed = await Promise.all(people.map((ctx) => placeStop(ctx, stopOf(all))));
    expect(new Set(placed.map(({ id }) => id)).size).toBe(1);
    expect(placed.filter(({ changed }) => changed)).toHaveLength(1);
    const rows = await bed.admin`select state from stops where tenant_id = ${uuidOf(tenant.id)}`;
    expect(rows).toMatchObject([{ state: 'active' }]);
  });

  it('is denied to viewers, auditors and foreign tenants', async () => {
    const { as, agent } = await makeScene();
    const stranger = await makeScene();
    for (const role of ['viewer', 'auditor'] as const) {
      await expect(placeStop(await as(role), stopOf(all))).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    await expect(
      placeStop(await stranger.as('admin'), stopOf({ kind: 'agent', id: agent.id })),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lets an agent stop itself and nobody else', async () => {
    const { asker, agent } = await makeScene();
    await expect(placeStop(asker, stopOf(all))).rejects.toMatchObject({ code: 'forbidden' });
    const placed = await placeOwnStop(asker, { level: 1, reason: 'lost my way' });
    expect(await listStandingStops(makeCtx(bed.app, asker.tenantId, systemActor))).toMatchObject([
      { id: placed.id, scope: { kind: 'agent', id: agent.id, label: 'payer' } },
    ]);
  });
});

describe('the drain', () => {
  it('grants nothing from the acknowledgement on, with sixteen callers at the gate', async () => {
    const { tenant, as, subject, asker } = await makeScene();
    const stopper = await as('responder');
    await bed.admin`create table if not exists granted (tenant uuid, at timestamptz)`;
    await bed.admin`grant insert on granted to signalbox_app`;
    let isOver = false;
    let passed = 0;
    const caller = async () => {
      while (!isOver) {
        try {
          await withGate(asker, subject, async (tx) => {
            await tx.execute(
              `insert into granted values ('${uuidOf(tenant.id)}', clock_timestamp())`,
            );
          });
          passed += 1;
        } catch (error) {
          expect(error).toMatchObject({ code: 'halted' });
        }
      }
    };
    const callers = Array.from({ length: 16 }, caller);
    await expect.poll(() => passed, { interval: 5 }).toBeGreaterThan(50);
    const placed = await placeStop(stopper, stopOf(all));
    const atAcknowledgement = await grants(tenant.id);
    await expect(withGate(asker, subject, async () => 'in')).rejects.toThrow(/stop/);
    isOver = true;
    await Promise.all(callers);
    expect(placed.state).toBe('active');
    expect(await grants(tenant.id)).toBe(atAcknowledgement);
  });

  const grants = async (tenantId: Parameters<typeof uuidOf>[0]) => {
    const [row] = await bed.admin`select count(*)::int as n from granted
      where tenant = ${uuidOf(tenantId)}`;
    return row?.['n'] as number;
  };

  it('waits two seconds at most for a process that sleeps in the gate, and hangs nobody', async () => {
    const { tenant, as, subject, asker } = await makeScene();
    const sleeper = createSql(bed.database.appUrl, { connectionsMax: 1 });
    const asleep = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    // A process that was paused inside: it holds the gate and sends nothing.
    const held = sleeper
      .begin(async (tx) => {
        await tx`select set_config('app.tenant', ${uuidOf(tenant.id)}, true),
          set_config('transaction_timeout', ${String(limits.gateTransactionMs)}, true),
          pg_advisory_xact_lock_shared(hashtextextended(${`gate:${tenant.id}`}::text, 0))`;
        asleep.resolve();
        await woken.promise;
        await tx`select 1`;
      })
      .then(
        () => 'committed',
        () => 'ended',
      );
    await asleep.promise;
    const begun = performance.now();
    const stopping = placeStop(await as('responder'), stopOf(all));
    await expect
      .poll(async () => (await listStandingStops(await as('viewer'))).length, { interval: 5 })
      .toBe(1);
    const asking = await Promise.allSettled(
      Array.from({ length: 8 }, () => withGate(asker, subject, async () => 'in')),
    );
    const askedMs = performance.now() - begun;
    expect(await stopping).toMatchObject({ state: 'active' });
    const stoppedMs = performance.now() - begun;
    woken.resolve();
    expect(await held).toBe('ended');
    await sleeper.end({ timeout: 1 });
    expect(asking.every(({ status }) => status === 'rejected')).toBe(true);
    // Bounds of the control with room for a busy machine, not measurements.
    expect(askedMs).toBeLessThan(limits.gateLockMs + 2000);
    expect(stoppedMs).toBeLessThan(limits.gateTransactionMs + 2000);
  });

  it('is finished by another process when the first died between the two steps', async () => {
    const { tenant, subject, asker, auditOf } = await makeScene();
    const id = newId('stop');
    await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, level, reason,
        state, epoch, placed_by_type, placed_by_id, placed_by_label)
      values (${uuidOf(tenant.id)}, ${uuidOf(id)}, 'tenant', '', 't', 1, 'x', 'draining', 1,
        'system', 's', 's')`;
    await expect(withGate(asker, subject, async () => 'in')).rejects.toMatchObject({
      code: 'halted',
    });
    const finisher = makeCtx(bed.worker, tenant.id, systemActor);
    expect(await drainStop(finisher, id)).toBe('active');
    expect(await drainStop(finisher, id)).toBe('active');
    expect(await auditOf('stop.acknowledged')).toMatchObject([{ actor_type: 'system' }]);
  });
});

describe('liftStop', () => {
  it('takes two distinct people for a tenant, and is open at once after the second', async () => {
    const { as, subject, asker } = await makeScene();
    const stopper = await as('responder');
    const { id } = await placeStop(stopper, stopOf(all));
    expect(await liftStop(stopper, id, 'cause found')).toMatchObject({ missing: 1 });
    expect(await liftStop(stopper, id, 'again')).toMatchObject({ missing: 1 });
    await expect(withGate(asker, subject, async () => 'in')).rejects.toThrow(/stop/);
    const second = await as('admin');
    expect(await liftStop(second, id, 'agreed')).toMatchObject({ state: 'lifted', missing: 0 });
    await expect(withGate(asker, subject, async () => 'in')).resolves.toBe('in');
    expect(await listLifts(second, id)).toHaveLength(3);
    await expect(liftStop(second, id, 'once more')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('forgets the first after half an hour, and whoever lost the role', async () => {
    const { tenant, as } = await makeScene();
    const first = await as('responder');
    const { id } = await placeStop(first, stopOf(all));
    await liftStop(first, id, 'early');
    await bed.admin`update stop_lifts set at = at - interval '31 minutes'
      where tenant_id = ${uuidOf(tenant.id)}`;
    expect(await liftStop(await as('admin'), id, 'late')).toMatchObject({ missing: 1 });
    await bed.admin`update memberships set roles = '{viewer}' where tenant_id = ${uuidOf(tenant.id)}`;
    expect(await liftStop(await as('responder'), id, 'third')).toMatchObject({ missing: 1 });
  });

  it('takes one person for an agent; other stops go on standing', async () => {
    const { as, subject, asker } = await makeScene();
    const responder = await as('responder');
    const { id } = await placeStop(responder, stopOf({ kind: 'agent', id: 'payer' }));
    const other = await placeStop(responder, stopOf({ kind: 'tool', id: 'send_money' }));
    expect(await liftStop(responder, id, 'fine')).toMatchObject({ state: 'lifted' });
    await expect(withGate(asker, subject, async () => 'in')).rejects.toMatchObject({
      extras: { stopId: other.id },
    });
  });

  it('takes effect later from the host, and tells so at once', async () => {
    const { tenant, as, subject, asker } = await makeScene();
    const { id } = await placeStop(await as('admin'), stopOf(all));
    const cli = makeCtx(bed.owner, tenant.id, cliActor);
    const { liftedAt, state } = await liftStop(cli, id, 'alone tonight');
    expect(state).toBe('active');
    expect(Date.parse(liftedAt ?? '')).toBeGreaterThan(Date.now() + 25 * 60_000);
    await expect(withGate(asker, subject, async () => 'in')).rejects.toThrow(/stop/);
    await bed.admin`update stops set lifted_at = now() where tenant_id = ${uuidOf(tenant.id)}`;
    await expect(withGate(asker, subject, async () => 'in')).resolves.toBe('in');
    expect(await readStop(cli, id)).toMatchObject({ state: 'lifted' });
    // The scope can be stopped again.
    expect(await placeStop(await as('admin'), stopOf(all))).toMatchObject({ changed: true });
  });

  it('is denied to whoever may only stop, to service keys, and to another tenant', async () => {
    const { tenant, as } = await makeScene();
    const { id } = await placeStop(await as('admin'), stopOf(all));
    for (const role of ['analyst', 'reviewer', 'viewer', 'auditor'] as const) {
      await expect(liftStop(await as(role), id, 'x')).rejects.toMatchObject({ code: 'forbidden' });
    }
    const service = makeCtx(bed.app, tenant.id, keyActor('service'));
    await expect(liftStop(service, id, 'x')).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = await makeScene();
    await expect(liftStop(await stranger.as('admin'), id, 'x')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('reading stops', () => {
  it('pages by time, and counts who could lift', async () => {
    const { as } = await makeScene();
    const viewer = await as('viewer');
    const admin = await as('admin', 'responder');
    for (const name of ['a', 'b', 'c']) {
      await placeStop(admin, stopOf({ kind: 'tool', id: name }));
    }
    const first = await listStops(viewer, { limit: 2, cursor: null });
    const second = await listStops(viewer, { limit: 2, cursor: first.next });
    expect([...first.items, ...second.items].map(({ scope }) => scope.id)).toEqual(['c', 'b', 'a']);
    expect(second.next).toBeNull();
    expect(await countLifters(viewer)).toBe(1);
    await as('responder');
    expect(await countLifters(viewer)).toBe(2);
    const stranger = await makeScene();
    expect((await listStops(await stranger.as('admin'), { limit: 9, cursor: null })).items).toEqual(
      [],
    );
  });
});
