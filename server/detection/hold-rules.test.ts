import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { readActionChain } from '#server/actions/read-action-chain.ts';
import { readCallCoverage } from '#server/actions/read-call-coverage.ts';
import { leaseInput } from '#server/credentials/contract.ts';
import { issueLease } from '#server/credentials/issue-lease.ts';
import { redeemPermit } from '#server/actions/redeem-permit.ts';
import { reportFalseBlock } from '#server/actions/report-false-block.ts';
import { reportOutcome } from '#server/actions/report-outcome.ts';
import { createDetector } from '#server/detection/detector.ts';
import { readAlertActions } from '#server/detection/read-alert-actions.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { createHoldSweeper } from '#server/detection/sweep-hold.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { idOf, newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeAgent, makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask, makeHoldScene, placeStopRow, vote } from '#server/testing/hold-scene.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

type Sent = Partial<EventDraft> & { readonly isVerified?: boolean; readonly by?: string };

async function makeScene() {
  const scene = await makeHoldScene(bed);
  const tenantId = scene.tenant.id;
  await withTransaction(makeCtx(bed.owner, tenantId, cliActor), (tx) =>
    seedRules(tx, makeCtx(bed.owner, tenantId, cliActor)),
  );
  const commit = createGroupCommit(bed.app.$client);
  /** Telemetry of calls that are just over; without `isVerified: false`, with the agent's own key. */
  const tell = async (...events: Sent[]): Promise<void> => {
    const now = new Date().toISOString();
    await commit.store(
      tenantId,
      events.map(({ isVerified = true, ...draft }) =>
        makeEvent(scene.agent, { startedAt: now, endedAt: now, ...draft }, { isVerified }),
      ),
    );
  };
  /** Asks for a harmless read, which is allowed, and redeems its permit. */
  const run = async (traceId: string | null = null, as: Ctx = scene.agentCtx) => {
    const args = { path: randomBytes(4).toString('hex') };
    const from = { ...scene, agentCtx: as };
    const answer = await ask(from, { tool: 'read_file', args, traceId });
    if (answer.permit === null) throw new Error('it was not allowed');
    await redeemPermit(as, scene.tools, { permit: answer.permit, args }, null);
    return answer.id;
  };
  const detect = () => drainTail(bed, createDetector({ log }));
  return { ...scene, tenantId, tell, run, detect };
}

interface Found {
  readonly count: number;
  readonly severity: string;
  readonly events: string[];
  readonly action_ids: string[];
}

const alertsOf = (tenantId: TenantId, slug: string) =>
  bed.admin<Found[]>`select a.count, a.severity,
      array(select event_id from alert_evidence e where e.alert_id = a.id order by event_id) as events,
      array(select jsonb_array_elements_text(a.explanation->'actionIds')) as action_ids
    from alerts a join rules r on r.id = a.rule_id
    where a.tenant_id = ${uuidOf(tenantId)} and r.slug = ${slug} order by a.id`;

const callsOf = async (tenantId: TenantId) =>
  Object.fromEntries(
    (
      await bed.admin<{ event_id: string; permit: string | null }[]>`select event_id, permit
        from governed_calls where tenant_id = ${uuidOf(tenantId)} order by event_id`
    ).map((row) => [row.event_id, row.permit]),
  );

const trace = (digit: string) => digit.repeat(32);
const govern = (tenantId: TenantId, tool: string) =>
  bed.admin`update tools set is_governed = true
    where tenant_id = ${uuidOf(tenantId)} and name = ${tool}`;

describe('a call of a governed tool', () => {
  it('is covered by its own redeem, and a bypass without', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    const actionId = await run(trace('a'));
    await tell({ id: 'named', actionId }, { id: 'bare' });
    await detect();
    expect(await callsOf(tenantId)).toEqual({ named: 'redeemed', bare: 'missing' });
    expect(await alertsOf(tenantId, 'permit-bypass')).toMatchObject([
      { count: 1, severity: 'high', events: ['bare'] },
    ]);
  });

  it('is joined by its trace when it names no action', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    await run(trace('a'));
    await tell({ id: 'one', traceId: trace('a') }, { id: 'two', traceId: trace('a') });
    await detect();
    const calls = await callsOf(tenantId);
    expect(new Set(Object.values(calls))).toEqual(new Set(['missing', 'redeemed']));
    expect(await alertsOf(tenantId, 'permit-bypass')).toMatchObject([{ count: 1 }]);
  });

  it('gets nothing from an action of another agent, a used one, or one that was not redeemed', async () => {
    const scene = await makeScene();
    const { tenantId, tell, run, detect } = scene;
    const other = await makeAgent(bed, tenantId, 'other');
    const actor = { ...scene.agentCtx.actor, agent: other } as Ctx['actor'];
    const foreign = await run(null, makeCtx(bed.app, tenantId, actor));
    const own = await run();
    const asked = await ask(scene, { tool: 'read_file', args: { path: 'x' } });
    await tell(
      { id: 'a-own', actionId: own },
      { id: 'b-again', actionId: own },
      { id: 'c-foreign', actionId: foreign },
      { id: 'd-asked', actionId: asked.id },
      { id: 'e-invented', actionId: newId('action') },
      { id: 'f-nonsense', actionId: 'act_nonsense' },
    );
    await detect();
    const { 'a-own': first, ...rest } = await callsOf(tenantId);
    expect(first).toBe('redeemed');
    expect(new Set(Object.values(rest))).toEqual(new Set(['missing']));
    expect(await alertsOf(tenantId, 'permit-bypass')).toMatchObject([{ count: 5 }]);
  });

  it('is not covered by what another key tells in the agent’s name, and does not lose its permit to it', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    const actionId = await run(trace('a'));
    await tell({ id: 'claimed', actionId, traceId: trace('a'), isVerified: false });
    await detect();
    await tell({ id: 'own', actionId, traceId: trace('a') });
    await detect();
    expect(await callsOf(tenantId)).toEqual({ claimed: 'unverified', own: 'redeemed' });
    expect(await alertsOf(tenantId, 'permit-bypass')).toMatchObject([{ events: ['claimed'] }]);
  });

  it('that ended before the redeem is none that was permitted', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    const actionId = await run();
    const early = new Date(Date.now() - limits.evidenceSkewMs - 60_000).toISOString();
    await tell({ id: 'early', actionId, startedAt: early, endedAt: early });
    // An end in the future is one at the time of its arrival.
    await tell({ id: 'late', actionId, endedAt: '2099-01-01T00:00:00.000Z' });
    await detect();
    expect(await callsOf(tenantId)).toEqual({ early: 'missing', late: 'redeemed' });
  });

  it('gives its permit up to a later call that names the action, and is a bypass then', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    const actionId = await run(trace('a'));
    await tell({ id: 'guess', traceId: trace('a') });
    await detect();
    expect(await alertsOf(tenantId, 'permit-bypass')).toEqual([]);
    await tell({ id: 'named', traceId: trace('a'), actionId });
    await detect();
    expect(await callsOf(tenantId)).toEqual({ guess: 'missing', named: 'redeemed' });
    expect(await alertsOf(tenantId, 'permit-bypass')).toMatchObject([{ events: ['guess'] }]);
  });

  it('counts once, at its end, whichever phase arrives first', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    const call = { traceId: trace('a'), callId: 'c-1' };
    const start: Sent = { ...call, id: 'start', phase: 'start', endedAt: null };
    await run(trace('b'));
    await tell(start);
    await detect();
    expect(await callsOf(tenantId)).toEqual({ start: null });
    await run(trace('a'));
    await tell({ ...call, id: 'end', phase: 'end' });
    await detect();
    await tell({ ...start, id: 'start-again' });
    await detect();
    expect(await callsOf(tenantId)).toEqual({ end: 'redeemed' });
    expect(await alertsOf(tenantId, 'permit-bypass')).toEqual([]);
  });

  it('that never ends is judged all the same', async () => {
    const { tenantId, tell, run, detect } = await makeScene();
    await run(trace('b'));
    await tell({ id: 'start', callId: 'c-1', phase: 'start', endedAt: null });
    await detect();
    await bed.admin`update governed_calls set ended_at = ended_at - interval '1 hour'
      where tenant_id = ${uuidOf(tenantId)}`;
    await tell({ id: 'other', kind: 'lifecycle' });
    await detect();
    expect(await callsOf(tenantId)).toEqual({ start: 'missing' });
    expect(await alertsOf(tenantId, 'permit-bypass')).toMatchObject([{ events: ['start'] }]);
  });

  it.each(['nobody', 'a mark in the table', 'an enforcer', 'a revoked enforcer'] as const)(
    'of an agent that only reports, governed by %s',
    async (by) => {
      const { tenantId, tell, detect } = await makeScene();
      if (by === 'a mark in the table') await govern(tenantId, 'send_money');
      if (by.endsWith('enforcer')) {
        const revoked = by.startsWith('a revoked') ? new Date() : null;
        await bed.admin`insert into api_keys (tenant_id, id, kind, name, prefix, secret_hash, tools,
            created_by, revoked_at)
          values (${uuidOf(tenantId)}, ${uuidOf(newId('key'))}, 'enforcer', 'gateway', 'p',
            ${randomBytes(32)}, ${['send_money']}, 'test', ${revoked})`;
      }
      await tell({ id: 'pay', name: 'send_money' });
      await detect();
      const isGoverned = by === 'a mark in the table' || by === 'an enforcer';
      expect(await alertsOf(tenantId, 'permit-bypass')).toHaveLength(isGoverned ? 1 : 0);
      expect(await callsOf(tenantId)).toEqual(isGoverned ? { pay: 'missing' } : {});
    },
  );

  it('leads to the same alerts in any order of arrival, one batch or many', async () => {
    const outcomes = [];
    for (const order of ['as told', 'backwards', 'at once'] as const) {
      const { tenantId, tell, run, detect } = await makeScene();
      const named = await run(trace('a'));
      await run(trace('a'));
      const base = Date.now();
      const at = (second: number) => new Date(base + second).toISOString();
      const calls: Sent[] = [
        { id: 'one', traceId: trace('a'), endedAt: at(1) },
        { id: 'two', traceId: trace('a'), endedAt: at(2), actionId: named },
        { id: 'three', traceId: trace('a'), endedAt: at(3) },
        { id: 'four', traceId: trace('b'), endedAt: at(4) },
      ];
      // Later than every end, so that each of them is its own word.
      await bed.admin`select pg_sleep(0.01)`;
      if (order === 'at once') await tell(...calls);
      for (const call of order === 'backwards' ? calls.toReversed() : calls) {
        if (order !== 'at once') await tell(call);
        await detect();
      }
      const [alert] = await alertsOf(tenantId, 'permit-bypass');
      outcomes.push({ calls: await callsOf(tenantId), count: alert?.count, is: alert?.events });
    }
    expect(outcomes[0]).toEqual({
      calls: { one: 'redeemed', two: 'redeemed', three: 'missing', four: 'missing' },
      count: 2,
      is: ['four', 'three'],
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
  });
});

describe('coverage and chain', () => {
  it('count redeems and calls, never what the agent says of itself', async () => {
    const scene = await makeScene();
    const { tenantId, tell, run, detect } = scene;
    const reader = makeCtx(bed.app, tenantId, await makePerson(bed, tenantId, ['viewer']));
    const done = await run(trace('a'));
    await reportOutcome(scene.agentCtx, scene.tools, done, {
      status: 'succeeded',
      executedArgs: { path: 'another' },
    });
    const asked = await ask(scene, { tool: 'read_file', args: { path: 'x' }, traceId: trace('a') });
    const unredeemed = reportOutcome(scene.agentCtx, scene.tools, asked.id, {
      status: 'succeeded',
    });
    await expect(unredeemed).rejects.toMatchObject({ code: 'conflict' });
    await tell(
      { id: 'a-done', traceId: trace('a'), actionId: done },
      { id: 'b-asked', traceId: trace('a'), actionId: asked.id },
      { id: 'c-bare', traceId: trace('a') },
      { id: 'd-claimed', traceId: trace('a'), actionId: done, isVerified: false },
      { id: 'e-ungoverned', traceId: trace('a'), name: 'get_balance' },
    );
    await detect();
    expect(await readCallCoverage(reader, [scene.agent.id])).toEqual([
      {
        agentId: scene.agent.id,
        agent: 'payer',
        tool: 'read_file',
        calls: 3,
        permitted: 1,
        percent: 33,
        unverified: 1,
      },
    ]);
    const chain = await readActionChain(reader, { traceId: trace('a') });
    expect(chain.actions).toMatchObject([
      {
        actionId: done,
        decision: 'allow',
        redeem: { by: 'agent' },
        call: { eventId: 'a-done' },
        outcome: { status: 'succeeded', isAsDecided: false },
      },
      { actionId: asked.id, permit: {}, redeem: null, call: null, outcome: null },
    ]);
    expect(chain.loose.map((call) => [call.eventId, call.permit])).toEqual([
      ['b-asked', 'missing'],
      ['c-bare', 'missing'],
      ['d-claimed', 'unverified'],
    ]);
    expect((await readActionChain(reader, { actionId: done })).actions).toHaveLength(1);
    const stranger = await makeHoldScene(bed);
    const foreign = stranger.reviewers[0] ?? reader;
    expect(await readCallCoverage(foreign, null)).toEqual([]);
    await expect(readActionChain(foreign, { actionId: done })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(readActionChain(scene.agentCtx, { actionId: done })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('work under a stop', () => {
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

  async function stopped(secondsAgo: number) {
    const scene = await makeScene();
    const stopId = await placeStopRow(bed, scene.tenantId, 'agent', scene.agent.id);
    await bed.admin`update stops set placed_at = now() - make_interval(secs => ${secondsAgo})
      where id = ${uuidOf(stopId)}`;
    const acknowledge = (instanceId: string, secondsAgoToo: number) =>
      bed.admin`insert into stop_receipts (tenant_id, stop_id, agent_id, instance_id, state,
          acknowledged_at)
        values (${uuidOf(scene.tenantId)}, ${uuidOf(stopId)}, ${uuidOf(scene.agent.id)},
          ${instanceId}, 'acknowledged', now() - make_interval(secs => ${secondsAgoToo}))`;
    const violations = async () =>
      (await alertsOf(scene.tenantId, 'stop-violated')).flatMap((alert) => alert.events);
    return { ...scene, acknowledge, violations };
  }

  it('violates it once the instance acknowledged, or had time to hear of it', async () => {
    const { tell, detect, acknowledge, violations } = await stopped(60);
    await acknowledge('pod-1', 50);
    const at = (seconds: number) => ({ startedAt: ago(seconds * 1000), endedAt: null });
    await tell(
      { id: 'a-before', instanceId: 'pod-1', ...at(70) },
      { id: 'b-skew', instanceId: 'pod-1', ...at(47) },
      { id: 'c-after', instanceId: 'pod-1', ...at(40) },
      { id: 'd-other-in-time', instanceId: 'pod-2', ...at(40) },
      { id: 'e-other-late', instanceId: 'pod-2', ...at(10) },
      { id: 'f-nameless-late', ...at(10) },
      { id: 'g-says-so', kind: 'lifecycle', instanceId: 'pod-1', ...at(10) },
    );
    await detect();
    expect(await violations()).toEqual(['c-after', 'e-other-late', 'f-nameless-late']);
  });

  it('is none outside the stop, nor after its lift', async () => {
    const { tenantId, tell, detect, violations } = await stopped(120);
    await bed.admin`update stops set state = 'lifted', lifted_at = now() - interval '20 seconds'
      where tenant_id = ${uuidOf(tenantId)}`;
    await tell({ id: 'lifted', startedAt: ago(10_000) }, { id: 'under', startedAt: ago(60_000) });
    await detect();
    expect(await violations()).toEqual(['under']);
  });

  it('includes asking, redeeming and wishing for a lease, each told once', async () => {
    const scene = await makeScene();
    const granted = await ask(scene, { tool: 'read_file', args: { path: 'x' } });
    const stopId = await placeStopRow(bed, scene.tenantId, 'agent', scene.agent.id);
    const attempt = async () => {
      const input = { permit: granted.permit ?? '', args: { path: 'x' } };
      const redeem = redeemPermit(scene.agentCtx, scene.tools, input, null);
      await expect(redeem).rejects.toMatchObject({ code: 'halted' });
      const asked = ask(scene, { tool: 'read_file', args: { path: 'y' } });
      await expect(asked).rejects.toMatchObject({ code: 'halted' });
      const wish = leaseInput.parse({ tool: 'read_file', scopes: ['read'] });
      const taken = issueLease(scene.agentCtx, scene.tools, wish);
      await expect(taken).rejects.toMatchObject({ code: 'halted' });
      await settleLog(bed);
    };
    const sweeper = createHoldSweeper({ db: bed.worker, log });
    await attempt();
    await sweeper.pass();
    // It could not know yet.
    expect(await alertsOf(scene.tenantId, 'stop-violated')).toEqual([]);
    await bed.admin`update stops set placed_at = now() - interval '1 minute'
      where id = ${uuidOf(stopId)}`;
    await attempt();
    await Promise.all([sweeper.pass(), createHoldSweeper({ db: bed.worker, log }).pass()]);
    await sweeper.pass();
    expect(await alertsOf(scene.tenantId, 'stop-violated')).toMatchObject([
      { severity: 'critical', count: 3, action_ids: [granted.id] },
    ]);
  });
});

describe('an outcome that is owed', () => {
  it('is missed once, by the clock alone, and not where it was told', async () => {
    const scene = await makeScene();
    const [told, silent, early] = [await scene.run(), await scene.run(), await scene.run()];
    await reportOutcome(scene.agentCtx, scene.tools, told, { status: 'succeeded' });
    const owe = (ids: readonly string[]) =>
      bed.admin`update permits set outcome_due_at = now() - interval '1 second'
        where action_id = any (${ids.map(uuidOf)})`;
    await owe([told, silent]);
    const sweeper = createHoldSweeper({ db: bed.worker, log });
    await sweeper.pass();
    await sweeper.pass();
    await createHoldSweeper({ db: bed.worker, log }).pass();
    expect(await alertsOf(scene.tenantId, 'outcome-missing')).toMatchObject([
      { severity: 'medium', count: 1, action_ids: [silent] },
    ]);
    await owe([early]);
    await sweeper.pass();
    expect(await alertsOf(scene.tenantId, 'outcome-missing')).toMatchObject([
      { count: 2, action_ids: [silent, early] },
    ]);
  });
});

describe('a denial that its agent calls false', () => {
  it('is one alert, in the agent’s own words, redacted, and gives nothing', async () => {
    const scene = await makeScene();
    const denied = await ask(scene, { tool: 'query_database', args: {}, traceId: trace('f') });
    await vote(scene.reviewers[0] as Ctx, denied.approval?.id ?? '', 'deny');
    const held = await ask(scene, { tool: 'send_money', args: { recipient: 'x', amount: 1 } });
    const say = (
      id: string,
      reason = 'ask ann.lee@example.com, it is harmless',
      as = scene.agentCtx,
    ) => reportFalseBlock(as, scene.tools, id, { reason });
    expect(await say(denied.id)).toMatchObject({ actionId: denied.id, changed: true });
    expect(await say(denied.id, 'once more')).toMatchObject({ changed: false });
    await expect(say(held.id)).rejects.toMatchObject({ code: 'conflict' });
    const other = await makeScene();
    await expect(say(denied.id, 'mine', other.agentCtx)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(say(denied.id, 'mine', scene.reviewers[0])).rejects.toMatchObject({
      code: 'forbidden',
    });
    await settleLog(bed);
    const sweeper = createHoldSweeper({ db: bed.worker, log });
    for (let pass = 0; pass < 3; pass += 1) await sweeper.pass();
    expect(await alertsOf(scene.tenantId, 'false-block-reported')).toMatchObject([
      { severity: 'low', count: 1, action_ids: [denied.id] },
    ]);
    const [alert] = await bed.admin<{ id: string }[]>`select a.id from alerts a
      join rules r on r.id = a.rule_id where a.tenant_id = ${uuidOf(scene.tenantId)}
        and r.slug = 'false-block-reported'`;
    const reader = makeCtx(
      bed.app,
      scene.tenantId,
      await makePerson(bed, scene.tenantId, ['analyst']),
    );
    const alertId = idOf('alert', alert?.id ?? '');
    const [about] = await readAlertActions(reader, alertId);
    expect(about).toMatchObject({ id: denied.id, decision: 'hold', traceId: trace('f') });
    expect(about?.falseBlock?.reason).toMatch(/^ask \[EMAIL:\w+\], it is harmless$/);
    const stranger = makeCtx(
      bed.app,
      other.tenantId,
      await makePerson(bed, other.tenantId, ['analyst']),
    );
    await expect(readAlertActions(stranger, alertId)).rejects.toMatchObject({ code: 'not_found' });
    const audited = await bed.admin`select subject_id from audit_log
      where tenant_id = ${uuidOf(scene.tenantId)} and action = 'action.false_block_reported'`;
    expect(audited.map((row) => row['subject_id'])).toEqual([denied.id]);
  });
});
