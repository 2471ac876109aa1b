import { describe, expect, it } from 'vitest';
import { withGate } from '#server/gate/with-gate.ts';
import { readEnv } from '#server/kernel/env.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makeTenant } from '#server/testing/factories.ts';
import type { Command, Flags } from './command.ts';
import { UsageError } from './command.ts';
import { liftCommand, stopCommand, stopsCommand } from './stop.ts';

const bed = openTestDatabase();

/** Runs a command as the shell would, on a database of the user's own. */
async function run(command: Command, flags: Flags, positionals: readonly string[] = []) {
  const answers: { value: Readonly<Record<string, unknown>>; text: string }[] = [];
  const env = readEnv({
    NODE_ENV: 'test',
    DATABASE_URL: bed.database.appUrl,
    SIGNALBOX_WORKER_DATABASE_URL: bed.database.workerUrl,
    SIGNALBOX_OWNER_DATABASE_URL: bed.database.ownerUrl,
  });
  const answer = (value: Readonly<Record<string, unknown>>, text: string) => {
    answers.push({ value, text });
  };
  const code = await command.run({ env, flags, positionals, say: () => undefined, answer });
  expect(answers).toHaveLength(1);
  return { code, value: answers[0]?.value ?? {}, text: answers[0]?.text ?? '' };
}

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const ctx = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
  const subject = { agentId: agent.id, environment: null, sessionId: null, tool: 'read_file' };
  return {
    tenant,
    enter: () => withGate(ctx, subject, async () => 'in'),
    stop: (flags: Flags = {}) =>
      run(stopCommand, { scope: 'tenant', reason: 'runaway', tenant: tenant.slug, ...flags }),
    auditOf: (
      action: string,
    ) => bed.admin`select actor_type, actor_label, cause, detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = ${action}`,
  };
}
const ofTenant = (listed: { value: Readonly<Record<string, unknown>> }, slug: string) =>
  (listed.value['items'] as { id: string; tenant: string }[]).filter((one) => one.tenant === slug);

describe('signalbox stop', () => {
  it('is in force when it answers, is audited, and changes nothing the second time', async () => {
    const { enter, stop, auditOf } = await makeScene();
    await expect(enter()).resolves.toBe('in');
    const first = await stop();
    expect(first).toMatchObject({ code: 0, value: { epoch: 1, state: 'active', changed: true } });
    expect(first.text).toMatch(/nothing is granted or redeemed/);
    await expect(enter()).rejects.toMatchObject({ code: 'halted' });
    expect(await auditOf('stop.placed')).toMatchObject([
      { actor_type: 'cli', actor_label: expect.stringMatching(/^cli:.+@.+/), cause: 'runaway' },
    ]);
    const second = await stop();
    expect(second.value).toEqual({ ...first.value, changed: false });
    expect(second.text).toMatch(/stood already, placed by cli:/);
  });

  it('takes an agent by its name, and says what a scope looks like', async () => {
    const { enter, stop } = await makeScene();
    const placed = await stop({ scope: 'agent:payer', level: '2' });
    expect(placed.value).toMatchObject({ changed: true });
    await expect(enter()).rejects.toMatchObject({ extras: { stopId: placed.value['id'] } });
    await expect(stop({ scope: 'agent:nobody' })).rejects.toMatchObject({ code: 'not_found' });
    for (const flags of [
      { scope: 'agent' },
      { scope: 'everything' },
      { scope: 'tenant', level: '5' },
      { scope: 'tenant', reason: '' },
    ]) {
      await expect(stop(flags)).rejects.toThrow(UsageError);
    }
  });

  it('has the tenant named when there are several', async () => {
    await makeScene();
    const { tenant } = await makeScene();
    await expect(run(stopCommand, { scope: 'tenant', reason: 'x' })).rejects.toThrow(tenant.slug);
  });
});

describe('signalbox stops', () => {
  it('lists what stands, in every tenant, with its author', async () => {
    const [one, two] = [await makeScene(), await makeScene()];
    const placed = [await one.stop(), await two.stop({ scope: 'tool:read_file' })];
    const listed = await run(stopsCommand, {});
    for (const [index, { tenant }] of [one, two].entries()) {
      expect(ofTenant(listed, tenant.slug)).toMatchObject([{ id: placed[index]?.value['id'] }]);
    }
    expect(listed.text).toMatch(/tool:read_file {2}active {2}by cli:/);
  });
});

describe('signalbox lift', () => {
  it('takes effect only when the time for objections is over, and is told at once', async () => {
    const { tenant, enter, stop, auditOf } = await makeScene();
    const { id } = (await stop()).value;
    const lifted = await run(liftCommand, { reason: 'alone tonight' }, [String(id)]);
    expect(lifted).toMatchObject({ code: 0, value: { id, state: 'active', missing: 0 } });
    const untilMs = Date.parse(String(lifted.value['liftedAt'])) - Date.now();
    expect(untilMs).toBeGreaterThan((limits.liftHostMinutes - 1) * 60_000);
    expect(untilMs).toBeLessThanOrEqual(limits.liftHostMinutes * 60_000 + 1000);
    expect(lifted.text).toMatch(/30 minutes for anybody to object/);
    await expect(enter()).rejects.toMatchObject({ code: 'halted' });
    expect(await auditOf('stop.lift_requested')).toMatchObject([
      { actor_type: 'cli', cause: 'alone tonight' },
    ]);
    // It stands and says until when; a second call puts nothing forward.
    expect((await run(stopsCommand, {})).text).toContain(`lifts at`);
    const again = await run(liftCommand, {}, [String(id)]);
    expect(again.value['liftedAt']).toBe(lifted.value['liftedAt']);

    await bed.admin`update stops set lifted_at = lifted_at - interval '30 minutes'
      where tenant_id = ${uuidOf(tenant.id)}`;
    await expect(enter()).resolves.toBe('in');
    expect(ofTenant(await run(stopsCommand, {}), tenant.slug)).toEqual([]);
    await expect(run(liftCommand, {}, [String(id)])).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is taken back by whoever objects and stops the same again', async () => {
    const { tenant, enter, stop, auditOf } = await makeScene();
    const { id } = (await stop()).value;
    await run(liftCommand, {}, [String(id)]);
    expect((await stop({ reason: 'it goes on' })).value).toMatchObject({
      id,
      state: 'active',
      changed: true,
    });
    expect((await run(stopsCommand, {})).text).not.toContain('lifts at');
    expect(await auditOf('stop.repeated')).toMatchObject([
      { cause: 'it goes on', detail: { changed: true, liftTakenBack: true } },
    ]);
    await bed.admin`update stops set lifted_at = lifted_at - interval '30 minutes'
      where tenant_id = ${uuidOf(tenant.id)}`;
    await expect(enter()).rejects.toMatchObject({ code: 'halted' });
    // Nothing lies ahead: another press changes nothing, and another lift has its whole time.
    expect((await stop()).value).toMatchObject({ id, changed: false });
    expect((await run(liftCommand, {}, [String(id)])).value).toMatchObject({ state: 'active' });
  });

  it('knows the stops that there are', async () => {
    await makeScene();
    await expect(run(liftCommand, {}, ['stp_nothing'])).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
