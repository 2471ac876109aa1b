import { describe, expect, it } from 'vitest';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import { createControlSignals, type ControlSignal } from '#server/live/control-signals.ts';
import { noteChange } from '#server/live/note-change.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makeTenant } from '#server/testing/factories.ts';
import type { GateSubject } from './contract.ts';
import { setStopFile } from './stop-file.ts';
import { withGate } from './with-gate.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const ctx = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
  const subject: GateSubject = {
    agentId: agent.id,
    environment: 'production',
    sessionId: 's-1',
    tool: 'send_money',
  };
  /** A stop as a row, as another process would have committed it. */
  const placeRow = async (kind: string, id: string, liftedAt: string | null = null) => {
    const stopId = newId('stop');
    const [row] = await bed.admin`
      insert into stop_epochs (tenant_id, epoch) values (${uuidOf(tenant.id)}, 1)
      on conflict (tenant_id) do update set epoch = stop_epochs.epoch + 1 returning epoch::int`;
    await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, level, reason,
        state, epoch, placed_by_type, placed_by_id, placed_by_label, lifted_at)
      values (${uuidOf(tenant.id)}, ${uuidOf(stopId)}, ${kind}, ${id}, ${id}, 1, 'test', 'draining',
        ${row?.['epoch'] as number}, 'system', 'test', 'test', ${liftedAt})`;
    return stopId;
  };
  return { tenant, agent, ctx, subject, placeRow };
}

describe('withGate', () => {
  it('lets through what no stop covers, and tells the epoch', async () => {
    const { ctx, subject, placeRow } = await makeScene();
    const other = await makeScene();
    await other.placeRow('tenant', '');
    await placeRow('agent', newId('agent'));
    await placeRow('session', 's-2');
    const epoch = await withGate(ctx, subject, async (_tx, coverage) => coverage.epoch);
    expect(epoch).toBe(2);
  });

  it.each([
    ['tenant', () => ''],
    ['agent', (subject: GateSubject) => subject.agentId],
    ['environment', () => 'production'],
    ['session', () => 's-1'],
    ['tool', () => 'send_money'],
  ] as const)('refuses what a stop of the %s covers, with its id', async (kind, idOf) => {
    const { ctx, subject, placeRow } = await makeScene();
    const stopId = await placeRow(kind, idOf(subject));
    let hasRun = false;
    const run = withGate(ctx, subject, async () => {
      hasRun = true;
    });
    await expect(run).rejects.toMatchObject({
      code: 'halted',
      extras: { stopId, epoch: 1, scope: { kind } },
    });
    expect(hasRun).toBe(false);
  });

  it('is open after a lift, and closed while a lift lies ahead', async () => {
    const { ctx, subject, placeRow } = await makeScene();
    await placeRow('agent', subject.agentId, '2026-01-01T00:00:00Z');
    await expect(withGate(ctx, subject, async () => 'in')).resolves.toBe('in');
    await placeRow('tenant', '', '2999-01-01T00:00:00Z');
    await expect(withGate(ctx, subject, async () => 'in')).rejects.toMatchObject({
      code: 'halted',
    });
  });

  it('refuses everything while the stop file is there or cannot be told', async () => {
    const { ctx, subject } = await makeScene();
    const open = () => withGate(ctx, subject, async () => 'in');
    try {
      setStopFile(import.meta.filename);
      expect(open).toThrow(/stop file/);
      setStopFile(`${import.meta.filename}/not-a-folder`);
      expect(open).toThrow(/stop file/);
      setStopFile(`${import.meta.dirname}/absent`);
      await expect(open()).resolves.toBe('in');
    } finally {
      setStopFile(null);
    }
  });

  it('tells a change of the control plane to its own tenant, at the commit', async () => {
    const { tenant, ctx, subject, agent } = await makeScene();
    const stranger = await makeScene();
    const signals = createControlSignals(bed.app.$client, createLog('fatal', 'test'));
    const heard: (ControlSignal | null)[] = [];
    const foreign: (ControlSignal | null)[] = [];
    const leave = signals.subscribe(tenant.id, (signal) => heard.push(signal));
    signals.subscribe(stranger.tenant.id, (signal) => foreign.push(signal));
    await expect.poll(() => heard).toEqual([null]);
    const actionId = newId('action');
    await withGate(ctx, subject, (tx) =>
      noteChange(tx, ctx, {
        noun: 'action',
        subjectId: actionId,
        change: 'requested',
        agentId: agent.id,
      }),
    );
    await expect.poll(() => heard.length).toBe(2);
    expect(heard[1]).toMatchObject({ noun: 'action', subjectId: actionId, agentId: agent.id });
    expect(foreign).toEqual([null]);
    leave();
    await signals.close();
  });
});
