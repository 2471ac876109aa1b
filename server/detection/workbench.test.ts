import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { approveRule } from '#server/detection/approve-rule.ts';
import { cancelBacktest } from '#server/detection/cancel-backtest.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { createDetector } from '#server/detection/detector.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { discardProposal } from '#server/detection/discard-proposal.ts';
import { enableRule } from '#server/detection/enable-rule.ts';
import { countAlerts } from '#server/detection/queries.ts';
import { proposeRule } from '#server/detection/propose-rule.ts';
import { exportPack } from '#server/detection/export-pack.ts';
import { importPack } from '#server/detection/import-pack.ts';
import { listBacktests, readBacktest } from '#server/detection/read-backtests.ts';
import { listRules, readRule } from '#server/detection/read-rules.ts';
import { readShadow } from '#server/detection/read-shadow.ts';
import { createBacktestRunner } from '#server/detection/run-backtests.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { shadowRule } from '#server/detection/shadow-rule.ts';
import { startBacktest } from '#server/detection/start-backtest.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

/** A rule over one tool, as somebody would write it; `more` goes into its tests' hits. */
const ruleOf = (name: string, tool: string, hits = 3) => `title: Calls of ${tool}
name: ${name}
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: ${tool} }
  condition: selection
level: high
tags: [owasp.asi02]
signalbox:
  tests:
    hits:
${`      - [{ gen_ai.tool.name: ${tool} }]\n`.repeat(hits)}    misses:
${'      - [{ gen_ai.tool.name: harmless }]\n'.repeat(3)}`;

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const person = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const commit = createGroupCommit(bed.app.$client);
  let calls = 0;
  return {
    tenantId: tenant.id,
    person,
    analyst: await person('analyst'),
    admin: await person('admin'),
    viewer: await person('viewer'),
    /** The agent calls these tools, each in a trace of its own. */
    calls: async (...tools: readonly string[]) => {
      for (const name of tools) {
        calls += 1;
        const traceId = calls.toString(16).padStart(32, '0');
        await commit.store(tenant.id, [makeEvent(agent, { id: `e-${calls}`, name, traceId })]);
      }
      await drainTail(bed, createDetector({ log }));
    },
    /** Runs every backtest that waits, and reads one. */
    runs: async (ctx: Ctx, id: string) => {
      const runner = createBacktestRunner({ db: bed.worker, log });
      while (await runner.pass()) continue;
      return readBacktest(ctx, id);
    },
  };
}

const auditOf = (ctx: Ctx, action: string) =>
  bed.admin`select actor_label, detail from audit_log
    where tenant_id = ${uuidOf(ctx.tenantId)} and action = ${action}`;

describe('a rule of one’s own', () => {
  it('does nothing as a draft, and alerts once somebody else has approved it', async () => {
    const { analyst, admin, calls } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    await calls('wire');
    expect(await countAlerts(analyst)).toMatchObject({ open: 0 });
    const draft = await readRule(admin, id);
    expect(draft).toMatchObject({
      name: 'mine',
      state: 'draft',
      isBuiltin: false,
      proposal: { version: 1, state: 'draft', isOwn: false, refusal: null, isAlone: false },
    });
    await expect(enableRule(admin, id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(approveRule(analyst, { id, version: 1 })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await approveRule(admin, { id, version: 1 });
    await calls('wire', 'read');
    expect(await countAlerts(analyst)).toMatchObject({ open: 1 });
    expect(await readRule(analyst, id)).toMatchObject({
      state: 'enabled',
      version: 1,
      proposal: null,
      versions: [{ version: 1, isAlone: false }],
    });
    expect(await auditOf(analyst, 'rule.approved')).toMatchObject([
      { detail: { rule: 'mine', version: 1, alone: false } },
    ]);
  });

  it('goes on running as it is while a change of it waits, and a discarded number never returns', async () => {
    const { analyst, admin, calls } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    await approveRule(admin, { id, version: 1 });
    const changed = ruleOf('mine', 'mail');
    expect(await proposeRule(analyst, { id, source: changed, basedOn: null })).toEqual({
      version: 2,
    });
    await calls('wire', 'mail');
    expect(await countAlerts(analyst)).toMatchObject({ open: 1 });
    await discardProposal(analyst, { id, version: 2 });
    expect((await readRule(analyst, id)).source).toContain('wire');
    expect(await proposeRule(analyst, { id, source: changed, basedOn: null })).toEqual({
      version: 3,
    });
    await expect(approveRule(admin, { id, version: 2 })).rejects.toMatchObject({
      code: 'conflict',
      extras: { version: 3 },
    });
    await approveRule(admin, { id, version: 3 });
    await calls('wire', 'mail');
    expect(await countAlerts(analyst)).toMatchObject({ open: 2 });
    await disableRule(admin, id);
    expect(await enableRule(admin, id)).toEqual({ isChanged: true });
  });

  it('is approved by its author only where nobody else could, and that is said', async () => {
    const { admin, tenantId, person } = await makeScene();
    const { id } = await createRule(admin, { source: ruleOf('mine', 'wire') });
    const second = await person('admin');
    await expect(approveRule(admin, { id, version: 1 })).rejects.toMatchObject({
      code: 'self_approval',
    });
    expect((await readRule(admin, id)).proposal).toMatchObject({
      isOwn: true,
      isAlone: false,
      refusal: expect.stringContaining('another administrator'),
    });
    const secondId = second.actor.type === 'person' ? second.actor.userId : '';
    await bed.admin`update users set disabled_at = now() where id = ${uuidOf(secondId)}`;
    expect((await readRule(admin, id)).proposal).toMatchObject({ isAlone: true, refusal: null });
    await approveRule(admin, { id, version: 1 });
    expect((await readRule(admin, id)).versions).toMatchObject([{ isAlone: true }]);
    expect(await auditOf(makeCtx(bed.app, tenantId, cliActor), 'rule.approved')).toMatchObject([
      { detail: { alone: true } },
    ]);
  });

  it.each([
    ['does not compile', 'title: x\nname: mine\nlogsource: {}\n', 'unprocessable'],
    ['has no name', ruleOf('mine', 'wire').replace('name: mine\n', ''), 'unprocessable'],
    ['is taken', ruleOf('taken', 'wire'), 'conflict'],
  ])('is refused when its text %s', async (_name, source, code) => {
    const { analyst } = await makeScene();
    await createRule(analyst, { source: ruleOf('taken', 'wire') });
    await expect(createRule(analyst, { source })).rejects.toMatchObject({ code });
    expect(await auditOf(analyst, 'rule.proposed')).toHaveLength(1);
  });

  it.each([
    ['too few tests', ruleOf('mine', 'wire', 2), /3 tests under signalbox.tests.hits/],
    [
      'a test that fails',
      `${ruleOf('mine', 'wire')}      - [{ gen_ai.tool.name: wire }]\n`,
      /fails/,
    ],
    ['a tag of nothing', ruleOf('mine', 'wire').replace('owasp.asi02', 'owasp.asi99'), /asi99/],
  ])('cannot be approved with %s', async (_name, source, message) => {
    const { analyst, admin } = await makeScene();
    const { id } = await createRule(analyst, { source });
    await expect(approveRule(admin, { id, version: 1 })).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringMatching(message),
    });
  });

  it('is not saved over what somebody else has saved meanwhile', async () => {
    const { analyst, admin } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    await proposeRule(admin, { id, source: ruleOf('mine', 'mail'), basedOn: 1 });
    await expect(
      proposeRule(analyst, { id, source: ruleOf('mine', 'fax'), basedOn: 1 }),
    ).rejects.toMatchObject({ code: 'conflict', extras: { version: 2 } });
    expect((await readRule(analyst, id)).proposal).toMatchObject({ version: 2 });
    expect((await readRule(analyst, id)).proposal?.source).toContain('mail');
  });

  it('keeps its name, and a shipped one keeps its text', async () => {
    const { analyst, tenantId } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    await expect(
      proposeRule(analyst, { id, source: ruleOf('other', 'wire'), basedOn: null }),
    ).rejects.toMatchObject({ code: 'unprocessable' });
    await expect(discardProposal(analyst, { id, version: 1 })).rejects.toMatchObject({
      code: 'conflict',
    });
    const owner = makeCtx(bed.owner, tenantId, cliActor);
    await withTransaction(owner, (tx) => seedRules(tx, owner));
    const shipped = (await listRules(analyst)).find((rule) => rule.isBuiltin);
    const source = ruleOf(shipped?.name ?? '', 'wire');
    await expect(
      proposeRule(analyst, { id: shipped?.id ?? '', source, basedOn: null }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('is written by analysts and administrators, not by those who only look', async () => {
    const { viewer, analyst } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    const source = ruleOf('mine', 'mail');
    for (const attempt of [
      () => createRule(viewer, { source }),
      () => proposeRule(viewer, { id, source, basedOn: null }),
      () => shadowRule(viewer, { id, version: 1, isOn: true }),
      () => startBacktest(viewer, { ruleId: id, source, days: 1 }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(await readRule(viewer, id)).toMatchObject({ version: 1 });
  });
});

describe('a rule in the shadow', () => {
  it('is matched against what comes in, and alerts nobody', async () => {
    const { analyst, admin, calls } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    await calls('wire');
    await shadowRule(analyst, { id, version: 1, isOn: true });
    await calls('wire', 'wire', 'read');
    expect(await countAlerts(analyst)).toMatchObject({ open: 0 });
    expect(await readShadow(analyst, id)).toMatchObject({
      version: 1,
      alerts: 2,
      alertsOpened: null,
      isCut: false,
    });
    const samples = (await readShadow(analyst, id))?.samples ?? [];
    expect(new Set(samples.map(({ eventId }) => eventId))).toEqual(new Set(['e-2', 'e-3']));
    expect(samples[0]).toMatchObject({ agent: 'billing-bot', count: 1 });
    await shadowRule(analyst, { id, version: 1, isOn: false });
    await calls('wire');
    expect((await readShadow(analyst, id))?.alerts).toBe(2);
    await approveRule(admin, { id, version: 1 });
    expect(await readShadow(analyst, id)).toBeNull();
    await expect(readShadow(analyst, newId('rule'))).rejects.toMatchObject({ code: 'not_found' });
    await calls('wire');
    expect(await countAlerts(analyst)).toMatchObject({ open: 1 });
  });

  it('stands beside the version that runs, which alerts as before', async () => {
    const { analyst, admin, calls } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('mine', 'wire') });
    await approveRule(admin, { id, version: 1 });
    await proposeRule(analyst, { id, source: ruleOf('mine', '[wire, mail]'), basedOn: null });
    await shadowRule(analyst, { id, version: 2, isOn: true });
    await calls('wire', 'mail');
    expect(await countAlerts(analyst)).toMatchObject({ open: 1 });
    expect(await readShadow(analyst, id)).toMatchObject({ alerts: 2, alertsOpened: 1 });
    // Another text begins anew, as a draft.
    await proposeRule(analyst, { id, source: ruleOf('mine', 'mail'), basedOn: null });
    expect(await readShadow(analyst, id)).toMatchObject({ version: 3, since: null, alerts: 0 });
  });
});

describe('a backtest', () => {
  it('tells what a text would have opened, and by which events', async () => {
    const { analyst, calls, runs } = await makeScene();
    await calls('wire', 'read', 'wire', 'mail');
    const source = ruleOf('mine', 'wire');
    const { id } = await startBacktest(analyst, { ruleId: null, source, days: 30 });
    expect(await readBacktest(analyst, id)).toMatchObject({ state: 'queued', eventsTotal: null });
    const done = await runs(analyst, id);
    expect(done).toMatchObject({
      state: 'done',
      eventsTotal: 4,
      eventsRead: 4,
      failure: null,
      source,
      result: {
        alerts: 2,
        matches: 2,
        traces: 2,
        approvals: 0,
        unknownFields: [],
        groupsForgotten: 0,
        isCut: false,
      },
    });
    expect(done.result?.byDay.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(2);
    expect(done.result?.samples.map(({ eventId }) => eventId).toSorted()).toEqual(['e-1', 'e-3']);
    expect(await countAlerts(analyst)).toMatchObject({ open: 0 });
    expect((await listBacktests(analyst, null)).map((one) => one.id)).toEqual([id]);
    expect(await auditOf(analyst, 'rule.backtested')).toHaveLength(1);
  });

  it('begins at the first event by the number of its transaction, not by its digits', async () => {
    const { analyst, calls, runs, tenantId } = await makeScene();
    await calls('wire', 'wire', 'wire');
    for (const [event, xid] of [
      ['e-1', '9'],
      ['e-2', '10'],
      ['e-3', '11'],
    ] as const) {
      await bed.admin`update events set xid = ${xid}
        where tenant_id = ${uuidOf(tenantId)} and event_id = ${event}`;
    }
    const source = ruleOf('mine', 'wire');
    // Two days, so that midnight may pass meanwhile.
    const { id } = await startBacktest(analyst, { ruleId: null, source, days: 2 });
    expect(await runs(analyst, id)).toMatchObject({
      eventsTotal: 3,
      eventsRead: 3,
      result: { alerts: 3 },
    });
  });

  it('of a text that was not saved yet is found again with the rule that it became', async () => {
    const { analyst } = await makeScene();
    const [mine, other] = [ruleOf('mine', 'wire'), ruleOf('other', 'wire')];
    const unsaved = await startBacktest(analyst, { ruleId: null, source: mine, days: 1 });
    await startBacktest(analyst, { ruleId: null, source: other, days: 1 });
    const { id } = await createRule(analyst, { source: mine });
    const own = await startBacktest(analyst, { ruleId: id, source: other, days: 1 });
    expect((await listBacktests(analyst, id)).map((one) => one.id)).toEqual([own.id, unsaved.id]);
  });

  it('counts approvals that came after a match in their trace', async () => {
    const { analyst, calls, runs, tenantId } = await makeScene();
    await calls('wire', 'read');
    const approve = async (traceId: string, at: string) => {
      const [action, approval] = [newId('action'), newId('approval')];
      await bed.admin`insert into actions (tenant_id, id, agent_id, agent_slug, environment, key_id,
          idempotency_key, request_digest, tool, schema_digest, digest, decision, risk_score,
          risk_band, risk_factors, risk_input, reasons, policy_version, needs,
          is_fresh_sign_in_needed, trace_id)
        values (${uuidOf(tenantId)}, ${uuidOf(action)}, gen_random_uuid(), 'billing-bot',
          'production', gen_random_uuid(), ${action}, '', 'wire', '', 'sha-256:x', 'hold', 55,
          'medium', '[]', '{}', '[]', '', 1, false, ${traceId})`;
      await bed.admin`insert into approvals (tenant_id, id, action_id, band, needs,
          is_fresh_sign_in_needed, fingerprint, expires_at, excluded, result, resolved_at)
        values (${uuidOf(tenantId)}, ${uuidOf(approval)}, ${uuidOf(action)}, 'medium', 1, false,
          '00000000', now(), '{}', 'approved', ${at})`;
    };
    const trace = (call: number) => call.toString(16).padStart(32, '0');
    await approve(trace(1), '2090-01-01T00:00:00Z');
    await approve(trace(1), '1990-01-01T00:00:00Z');
    await approve(trace(2), '2090-01-01T00:00:00Z');
    const source = ruleOf('mine', 'wire');
    const { id } = await startBacktest(analyst, { ruleId: null, source, days: 1 });
    expect((await runs(analyst, id)).result).toMatchObject({ alerts: 1, approvals: 1 });
  });

  it('says which fields it could not know', async () => {
    const { analyst, runs, calls } = await makeScene();
    await calls('wire');
    const source = ruleOf('mine', 'wire').replace(
      'condition: selection',
      'stopped: { agent.stopped: true }\n  condition: selection and stopped',
    );
    const { id } = await startBacktest(analyst, { ruleId: null, source, days: 1 });
    expect((await runs(analyst, id)).result).toMatchObject({ unknownFields: ['agent.stopped'] });
  });

  it('is cancelled before and while it runs, and taken over from a silent worker', async () => {
    const { analyst, runs, calls } = await makeScene();
    await calls('wire');
    const start = () =>
      startBacktest(analyst, { ruleId: null, source: ruleOf('mine', 'wire'), days: 1 });
    const waiting = await start();
    expect(await cancelBacktest(analyst, waiting.id)).toEqual({ isChanged: true });
    expect(await cancelBacktest(analyst, waiting.id)).toEqual({ isChanged: false });
    expect(await runs(analyst, waiting.id)).toMatchObject({ state: 'cancelled', result: null });
    const { id } = await start();
    const silence = (ms: number) => bed.admin`update backtests set state = 'running',
      beat_at = now() - make_interval(secs => ${ms / 1000}) where id = ${uuidOf(id)}`;
    await silence(limits.backtestSilentMs / 2);
    expect(await runs(analyst, id)).toMatchObject({ state: 'running' });
    await silence(limits.backtestSilentMs + 1000);
    expect(await runs(analyst, id)).toMatchObject({ state: 'done', result: { alerts: 1 } });
  });

  it('is one of a few at a time', async () => {
    const { analyst } = await makeScene();
    const start = () =>
      startBacktest(analyst, { ruleId: null, source: ruleOf('mine', 'wire'), days: 1 });
    for (let count = 0; count < limits.backtestsAtOnceMax; count += 1) await start();
    await expect(start()).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a pack of rules', () => {
  it('comes back as drafts, each answered for itself, and never touches what runs', async () => {
    const { analyst, admin, viewer } = await makeScene();
    const { id } = await createRule(analyst, { source: ruleOf('kept', 'wire') });
    await approveRule(admin, { id, version: 1 });
    const exported = await exportPack(viewer, false);
    const broken = 'title: Broken\nname: broken\nlogsource: {}\ndetection:\n  condition: nothing\n';
    const pack = [exported, ruleOf('fresh', 'mail'), broken, ruleOf('kept', 'fax')]
      .map((text, index) => (index === 0 ? text : `# rule: part-${index}\n${text}`))
      .join('---\n');
    const items = await importPack(analyst, pack);
    expect(items.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['kept', 'unchanged'],
      ['fresh', 'created'],
      [null, 'refused'],
      ['kept', 'proposed'],
    ]);
    const [problem] = items[2]?.problems ?? [];
    expect(pack.split('\n')[(problem?.line ?? 0) - 1]).toContain('condition: nothing');
    expect(await readRule(analyst, id)).toMatchObject({
      state: 'enabled',
      version: 1,
      proposal: { version: 2, state: 'draft' },
    });
    await expect(importPack(viewer, pack)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      importPack(analyst, '# rule: x\ntitle: x\n'.repeat(limits.packRulesMax + 1)),
    ).rejects.toMatchObject({ code: 'bad_request' });
  });
});
