import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { approveRule } from '#server/detection/approve-rule.ts';
import { checkRule } from '#server/detection/check-rule.ts';
import { alertFiltersSchema } from '#server/detection/contract.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { createDetector } from '#server/detection/detector.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { enableRule } from '#server/detection/enable-rule.ts';
import { exportPack } from '#server/detection/export-pack.ts';
import { importPack } from '#server/detection/import-pack.ts';
import { proposeRule } from '#server/detection/propose-rule.ts';
import { readAlertMatrix } from '#server/detection/read-alert-matrix.ts';
import { readBacktest } from '#server/detection/read-backtests.ts';
import { listRules, readRule } from '#server/detection/read-rules.ts';
import { createBacktestRunner } from '#server/detection/run-backtests.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { shadowRule } from '#server/detection/shadow-rule.ts';
import { startBacktest } from '#server/detection/start-backtest.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });
const shipped = 'metadata-service';
const address = 'http://169.254.169.254/latest';

const filterOf = (rules: string, agent = 'cloud-admin', effect = 'suppress') => `title: Admins may
name: admins-may
logsource: { product: ai_agent, category: tool_call }
filter:
  rules: ${rules}
  admins: { agent.slug: ${agent} }
  condition: admins
signalbox: { effect: ${effect} }
`;

/** A tenant with all shipped rules and two agents that both call the metadata service. */
async function makeScene() {
  const tenant = await makeTenant(bed);
  const owner = makeCtx(bed.owner, tenant.id, cliActor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  const agents = [
    await makeAgent(bed, tenant.id, 'cloud-admin'),
    await makeAgent(bed, tenant.id, 'mailer'),
  ];
  const person = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const analyst = await person('analyst');
  const rule = (await listRules(analyst)).find(({ name }) => name === shipped);
  const commit = createGroupCommit(bed.app.$client);
  return {
    tenantId: tenant.id,
    analyst,
    admin: await person('admin'),
    viewer: await person('viewer'),
    shippedId: rule?.id ?? '',
    /** Both agents call, each in a new trace; answers whom the shipped rule has found by then. */
    call: async (): Promise<string[]> => {
      const body = { ...makeDraft().body, input: { address } };
      for (const agent of agents) await commit.store(tenant.id, [makeEvent(agent, { body })]);
      await drainTail(bed, createDetector({ log }));
      const rows = await bed.admin<{ agent: string }[]>`
        select a.agent_slug as agent from alerts a
        join rules r on r.tenant_id = a.tenant_id and r.id = a.rule_id
        where a.tenant_id = ${uuidOf(tenant.id)} and r.slug = ${shipped} order by 1`;
      return rows.map(({ agent }) => agent);
    },
  };
}

async function enableFilter(analyst: Ctx, admin: Ctx, source: string): Promise<string> {
  const { id } = await createRule(analyst, { source });
  await approveRule(admin, { id, version: 1 });
  return id;
}

describe('a filter of one’s own', () => {
  it('silences a shipped rule in its tenant alone, once approved and as long as it is on', async () => {
    const [ours, theirs] = [await makeScene(), await makeScene()];
    const { analyst, admin } = ours;
    expect(await ours.call()).toEqual(['cloud-admin', 'mailer']);
    const { id } = await createRule(analyst, { source: filterOf(`[${shipped}]`) });
    expect(await ours.call()).toEqual(['cloud-admin', 'cloud-admin', 'mailer', 'mailer']);
    await expect(approveRule(analyst, { id, version: 1 })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await approveRule(admin, { id, version: 1 });
    const filtered = await ours.call();
    expect(filtered).toEqual(['cloud-admin', 'cloud-admin', 'mailer', 'mailer', 'mailer']);
    expect(await theirs.call()).toEqual(['cloud-admin', 'mailer']);
    await disableRule(admin, id);
    expect(await ours.call()).toEqual(['cloud-admin', ...filtered, 'mailer'].toSorted());
    const audit = await bed.admin`select action, detail from audit_log
      where tenant_id = ${uuidOf(analyst.tenantId)} and subject_id = ${id} order by seq`;
    expect(audit.map(({ action }) => action)).toEqual([
      'rule.proposed',
      'rule.approved',
      'rule.disabled',
    ]);
  });

  it('is told on both pages, with what it does not reach', async () => {
    const { analyst, admin, viewer, shippedId } = await makeScene();
    const quiet = (await listRules(analyst)).find(({ name }) => name === 'pipe-to-interpreter');
    await disableRule(admin, quiet?.id ?? '');
    const source = filterOf(`[${shipped}, pipe-to-interpreter, nowhere]`);
    const { id } = await createRule(analyst, { source });
    const unfound = [
      { name: 'pipe-to-interpreter', reason: expect.stringContaining('is switched off') },
      { name: 'nowhere', reason: expect.stringMatching(/^No rule/) },
    ];
    const shapes = [{ id: shippedId, parts: [shipped], tests: { hits: 3, silenced: 0 } }];
    expect(await readRule(viewer, id)).toMatchObject({
      kind: 'filter',
      severity: null,
      state: 'draft',
      shaping: null,
      reach: { shapes, unfound },
    });
    expect(await checkRule(analyst, source)).toMatchObject({
      missing: [],
      rule: { kind: 'filter', severity: null },
      reach: { shapes, unfound },
    });
    // What waits shapes nothing yet.
    expect(await readRule(viewer, shippedId)).toMatchObject({ shaping: null, reach: null });
    await approveRule(admin, { id, version: 1 });
    expect((await readRule(viewer, shippedId)).shaping).toEqual({
      filters: [{ id, name: 'admins-may', title: 'Admins may' }],
      conditions: [{ part: shipped, condition: '(address) and not (admins)' }],
      tests: { hits: 3, silenced: 0 },
    });
  });

  it('that leaves nothing of a rule is seen by the rule’s own tests', async () => {
    const { analyst, admin, shippedId } = await makeScene();
    await enableFilter(analyst, admin, filterOf(`[${shipped}]`, "'*'"));
    expect((await readRule(analyst, shippedId)).shaping?.tests).toEqual({ hits: 3, silenced: 3 });
  });

  it('is put on history as on what comes in', async () => {
    const { analyst, admin, shippedId, call } = await makeScene();
    await call();
    const { source } = await readRule(analyst, shippedId);
    const alertsOf = async (text: string, ruleId: string | null) => {
      const { id } = await startBacktest(analyst, { ruleId, source: text, days: 30 });
      const runner = createBacktestRunner({ db: bed.worker, log });
      while (await runner.pass()) continue;
      return (await readBacktest(analyst, id)).result?.alerts;
    };
    expect(await alertsOf(source, shippedId)).toBe(2);
    const id = await enableFilter(analyst, admin, filterOf(`[${shipped}]`));
    expect(await alertsOf(source, shippedId)).toBe(1);
    // A copy has another name, and the filter does not name it.
    expect(await alertsOf(source.replace(/name: .*\nid: .*\n/, 'name: a-copy\n'), null)).toBe(2);
    await disableRule(admin, id);
    expect(await alertsOf(source, shippedId)).toBe(2);
  });

  it.each([
    ['no name', filterOf('any').replace('name: admins-may\n', ''), 'name: my-filter'],
    ['a broken condition', filterOf('any').replace('condition: admins', 'condition: x'), 'Line 7'],
  ])('is not saved with %s', async (_name, source, message) => {
    const { analyst } = await makeScene();
    await expect(createRule(analyst, { source })).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining(message),
    });
  });

  it('is approved only when it says which way it works', async () => {
    const { analyst, admin } = await makeScene();
    const source = filterOf('any').replace(/signalbox.*\n/, '');
    const { id } = await createRule(analyst, { source });
    await expect(approveRule(admin, { id, version: 1 })).rejects.toMatchObject({
      code: 'unprocessable',
      message: expect.stringContaining('effect: suppress'),
    });
  });

  it('offers nothing that needs alerts of its own, and stays a filter', async () => {
    const { analyst, shippedId } = await makeScene();
    const source = filterOf(`[${shipped}]`);
    const { id } = await createRule(analyst, { source });
    const rule = (await readRule(analyst, shippedId)).source.replace(shipped, 'admins-may');
    for (const attempt of [
      () => startBacktest(analyst, { ruleId: id, source, days: 1 }),
      () => shadowRule(analyst, { id, version: 1, isOn: true }),
      () => proposeRule(analyst, { id, source: rule, basedOn: null }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'unprocessable' });
    }
  });

  it('is neither written by who only looks nor seen from another tenant', async () => {
    const { analyst, admin, viewer } = await makeScene();
    const foreign = await makeScene();
    const source = filterOf(`[${shipped}]`);
    for (const attempt of [() => createRule(viewer, { source }), () => checkRule(viewer, source)]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    }
    const id = await enableFilter(analyst, admin, source);
    for (const attempt of [
      () => readRule(foreign.analyst, id),
      () => disableRule(foreign.admin, id),
      () => enableRule(foreign.admin, id),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'not_found' });
    }
    expect((await checkRule(foreign.analyst, source)).reach?.shapes).toMatchObject([
      { id: foreign.shippedId },
    ]);
  });

  it('counts for no label of the matrix', async () => {
    const { analyst, admin } = await makeScene();
    const rulesOf = async () => {
      const filters = alertFiltersSchema.parse({});
      const { taxonomies } = await readAlertMatrix(analyst, filters);
      return taxonomies.flatMap(({ cells }) => cells.map(({ label, rules }) => [label, rules]));
    };
    const before = await rulesOf();
    await enableFilter(analyst, admin, `${filterOf(`[${shipped}]`)}tags: [owasp.asi02]\n`);
    expect(await rulesOf()).toEqual(before);
  });

  it('goes out and comes in with a pack', async () => {
    const { analyst, admin } = await makeScene();
    await enableFilter(analyst, admin, filterOf(`[${shipped}]`));
    const pack = await exportPack(analyst, false);
    expect(await importPack(analyst, pack)).toMatchObject([{ outcome: 'unchanged' }]);
    const other = await makeScene();
    expect(await importPack(other.analyst, pack)).toMatchObject([
      { name: 'admins-may', outcome: 'created', problems: [] },
    ]);
    // A pack of somebody else's, without our marks.
    const another = filterOf(`[${shipped}]`).replace('admins-may', 'others-may');
    expect(await importPack(other.analyst, another)).toMatchObject([
      { name: 'others-may', outcome: 'created' },
    ]);
  });
});
