import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createDetector } from '#server/detection/detector.ts';
import { acknowledgeAlerts } from '#server/detection/acknowledge-alerts.ts';
import {
  alertCountsSchema,
  alertDetailSchema,
  alertFeedInputSchema,
  alertPageSchema,
  listAlertsInputSchema,
  ruleDetailSchema,
  ruleSchema,
} from '#server/detection/contract.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { enableRule } from '#server/detection/enable-rule.ts';
import { countAlerts, listAlertChanges, listAlerts, readAlert } from '#server/detection/queries.ts';
import { listRules, readRule } from '#server/detection/read-rules.ts';
import { resolveAlerts } from '#server/detection/resolve-alerts.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import type { EventDraft, Finding, Json } from '#server/telemetry/contract.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import {
  cliActor,
  keyActor,
  makeAgent,
  makeCtx,
  makePerson,
  makeTenant,
} from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const owner = makeCtx(bed.owner, tenant.id, cliActor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  const analyst = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['analyst']));
  const admin = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
  const commit = createGroupCommit(bed.app.$client);
  /** An alert "injected-instructions" for each trace digit. */
  const raise = async (digits: string, more: Partial<EventDraft> = {}): Promise<void> => {
    for (const digit of digits.split('')) {
      const made = makeEvent(agent, { id: `e-${digit}`, traceId: digit.repeat(32), ...more });
      const findings = [injected];
      await commit.store(tenant.id, [{ ...made, event: { ...made.event, findings } }]);
      await drainTail(bed, createDetector({ log }));
    }
    await settleLog(bed);
  };
  return { tenantId: tenant.id, analyst, admin, viewer, raise };
}

const injected: Finding = {
  type: 'injected_instruction',
  detector: 'override',
  path: '/output',
  start: 0,
  end: 5,
  score: 1,
  detail: 'd',
};

const list = (ctx: Ctx, filters: object = {}) =>
  listAlerts(ctx, listAlertsInputSchema.parse(filters));
const feed = (ctx: Ctx, input: object = {}) =>
  listAlertChanges(ctx, alertFeedInputSchema.parse(input));

async function firstId(ctx: Ctx): Promise<string> {
  const { items } = await list(ctx);
  const [alert] = items;
  if (!alert) throw new Error('no alert');
  return alert.id;
}

const auditOf = (ctx: Ctx, action: string) =>
  bed.admin`select actor_label, subject_id, decision, detail from audit_log
    where tenant_id = ${uuidOf(ctx.tenantId)} and action = ${action}`;

describe('the list of alerts', () => {
  it('tells the last change by the number of its transaction, not by its digits', async () => {
    const { tenantId, viewer, raise } = await makeScene();
    await raise('a');
    const [alert] = (await list(viewer)).items;
    await bed.admin`update alert_changes set xid = '9' where tenant_id = ${uuidOf(tenantId)}`;
    await bed.admin`insert into alert_changes (tenant_id, incarnation, xid, alert_id, change)
      select tenant_id, incarnation, '10', alert_id, 'resolved' from alert_changes
      where tenant_id = ${uuidOf(tenantId)}`;
    expect((await list(viewer)).items).toMatchObject([{ id: alert?.id, change: 'resolved' }]);
  });

  it('tells what an alert is, latest change first', async () => {
    const { viewer, raise } = await makeScene();
    await raise('abc', { sessionId: 's-1', startedAt: '2026-11-22T08:00:00.000Z' });
    const page = await list(viewer);
    expect(() => alertPageSchema.parse(page)).not.toThrow();
    expect(page.next).toBeNull();
    expect(page.items.map((item) => item.traceIds)).toEqual([
      ['c'.repeat(32)],
      ['b'.repeat(32)],
      ['a'.repeat(32)],
    ]);
    expect(page.items[0]).toMatchObject({
      rule: 'injected-instructions',
      change: 'opened',
      severity: 'high',
      state: 'open',
      verdict: null,
      agent: 'billing-bot',
      session: 's-1',
      eventIds: ['e-c'],
      firstAt: '2026-11-22T08:00:00Z',
      count: 1,
      labels: ['ASI01', 'LLM01:2026', 'AML.T0051.001'],
    });
  });

  it('pages without losing or repeating one', async () => {
    const { viewer, raise } = await makeScene();
    await raise('abcde');
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(viewer, { limit: 2, cursor });
      seen.push(...page.items.map((item) => item.traceIds[0]?.charAt(0) ?? ''));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
    await expect(list(viewer, { cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it.each([
    [{ states: ['open'] }, 2],
    [{ states: ['resolved'] }, 0],
    [{ severities: ['high', 'low'] }, 2],
    [{ severities: ['critical'] }, 0],
    [{ rule: 'injected-instructions' }, 2],
    [{ rule: 'write-burst' }, 0],
    [{ agent: 'billing-bot' }, 2],
    [{ agent: 'other' }, 0],
    [{ traceId: 'a'.repeat(32) }, 1],
    [{ from: '2026-11-22T08:00:00Z' }, 2],
    [{ until: '2026-11-22T08:00:00Z' }, 0],
  ])('narrows by %j', async (filters, count) => {
    const { viewer, raise } = await makeScene();
    await raise('ab', { startedAt: '2026-11-22T08:00:00.000Z' });
    expect((await list(viewer, filters)).items).toHaveLength(count);
  });

  it('counts what needs somebody now', async () => {
    const { viewer, analyst, raise } = await makeScene();
    await raise('abc');
    await acknowledgeAlerts(analyst, [await firstId(viewer)]);
    const counts = await countAlerts(viewer);
    expect(alertCountsSchema.parse(counts)).toEqual({
      open: 2,
      acknowledged: 1,
      snoozed: 0,
      archived: 0,
      nextReturnAt: null,
      bySeverity: { critical: 0, high: 2, medium: 0, low: 0, informational: 0 },
    });
  });
});

describe('an alert over a baseline', () => {
  it('shows what is usual, with the numbers, over batches and a restart', async () => {
    const tenant = await makeTenant(bed);
    const agent = await makeAgent(bed, tenant.id, 'billing-bot');
    const owner = makeCtx(bed.owner, tenant.id, cliActor);
    await withTransaction(owner, (tx) => seedRules(tx, owner));
    const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
    const commit = createGroupCommit(bed.app.$client);
    const { body } = makeEvent(agent).event;
    const pay = async (count: number, input: Json) => {
      const made = Array.from({ length: count }, () =>
        makeEvent(agent, { name: 'pay', body: { ...body, input } }),
      );
      await commit.store(tenant.id, made);
      await drainTail(bed, createDetector({ log }));
    };
    await pay(40, { to: 'a', amount: 1 });
    await pay(20, { to: 'b', amount: 2 });
    await pay(1, { to: 'b', amount: 2, memo: 'x' });
    await settleLog(bed);
    const [alert] = (await list(viewer, { rule: 'new-argument-shape' })).items;
    const detail = alertDetailSchema.parse(await readAlert(viewer, alert?.id ?? ''));
    expect(detail).toMatchObject({ severity: 'low', count: 1 });
    expect(detail.readings).toEqual([
      {
        kind: 'shape',
        tool: 'pay',
        shape: 'amount:number, memo:string, to:string',
        isNew: true,
        calls: 60,
        shapes: 1,
      },
    ]);
  });
});

describe('the life of an alert', () => {
  it('is acknowledged, then resolved with a verdict, each with its audit row', async () => {
    const { analyst, raise } = await makeScene();
    await raise('a');
    const id = await firstId(analyst);
    await acknowledgeAlerts(analyst, [id]);
    await resolveAlerts(analyst, {
      ids: [id],
      verdict: 'false_positive',
      note: 'a quoted example',
    });
    const detail = alertDetailSchema.parse(await readAlert(analyst, id));
    const email = analyst.actor.type === 'person' ? analyst.actor.email : '';
    expect(detail).toMatchObject({
      state: 'resolved',
      verdict: 'false_positive',
      change: 'resolved',
      ruleVersion: 1,
      group: [
        { field: 'agent.slug', value: 'billing-bot' },
        { field: 'trace.id', value: 'a'.repeat(32) },
      ],
      evidence: [{ eventId: 'e-a', kind: 'tool_call', name: 'read_file', isLate: false }],
    });
    expect(detail.history.map(({ step, actor, note }) => [step, actor, note])).toEqual([
      ['resolved', email, 'a quoted example'],
      ['acknowledged', email, undefined],
      ['opened', null, undefined],
    ]);
    expect(await auditOf(analyst, 'alert.acknowledged')).toMatchObject([{ actor_label: email }]);
    expect(await auditOf(analyst, 'alert.resolved')).toMatchObject([
      { actor_label: email, decision: 'false_positive' },
    ]);
  });

  it('never goes back, and tells the second what it has become', async () => {
    const { analyst, raise } = await makeScene();
    await raise('a');
    const id = await firstId(analyst);
    await acknowledgeAlerts(analyst, [id]);
    expect(await acknowledgeAlerts(analyst, [id])).toMatchObject({
      done: [],
      refused: [{ id, state: 'acknowledged', reason: expect.stringContaining('acknowledged') }],
    });
    const verdict = { ids: [id], verdict: 'benign' as const, note: '' };
    const race = await Promise.allSettled([
      resolveAlerts(analyst, verdict),
      resolveAlerts(analyst, verdict),
    ]);
    const won = race.map((result) => result.status === 'fulfilled' && result.value.done.length);
    expect(won.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 1]);
    expect(await acknowledgeAlerts(analyst, [id])).toMatchObject({
      done: [],
      refused: [{ state: 'resolved' }],
    });
    expect(await auditOf(analyst, 'alert.resolved')).toHaveLength(1);
  });

  it('refuses whoever may not triage, and changes nothing', async () => {
    const { viewer, analyst, raise } = await makeScene();
    await raise('a');
    const id = await firstId(viewer);
    const service = { ...viewer, actor: keyActor('service') };
    for (const ctx of [viewer, service]) {
      await expect(acknowledgeAlerts(ctx, [id])).rejects.toMatchObject({ code: 'forbidden' });
      await expect(
        resolveAlerts(ctx, { ids: [id], verdict: 'benign', note: '' }),
      ).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    expect((await readAlert(analyst, id)).state).toBe('open');
    const enforcer = { ...viewer, actor: keyActor('enforcer') };
    await expect(list(enforcer)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is not there for another tenant', async () => {
    const [ours, theirs] = [await makeScene(), await makeScene()];
    await ours.raise('a');
    const id = await firstId(ours.viewer);
    const missing = { code: 'not_found' };
    await expect(readAlert(theirs.analyst, id)).rejects.toMatchObject(missing);
    await expect(acknowledgeAlerts(theirs.analyst, [id])).rejects.toMatchObject(missing);
    expect((await list(theirs.viewer)).items).toEqual([]);
    expect((await feed(theirs.viewer)).items).toEqual([]);
    for (const wrong of ['alr_x', newId('alert'), newId('rule')]) {
      await expect(readAlert(ours.viewer, wrong)).rejects.toMatchObject(missing);
      await expect(acknowledgeAlerts(ours.analyst, [wrong])).rejects.toMatchObject(missing);
    }
  });
});

describe('the feed of changes', () => {
  it('tells every change once, in order, to a service key', async () => {
    const { viewer, analyst, raise } = await makeScene();
    const service = { ...viewer, actor: keyActor('service') };
    const empty = await feed(service);
    expect(empty.items).toEqual([]);
    await raise('ab');
    const first = await feed(service, { since: empty.next, limit: 1 });
    const second = await feed(service, { since: first.next, limit: 10 });
    const changes = [...first.items, ...second.items];
    expect(changes.map((item) => [item.change, item.eventIds])).toEqual([
      ['opened', ['e-a']],
      ['opened', ['e-b']],
    ]);
    const id = changes[0]?.id ?? '';
    await resolveAlerts(analyst, { ids: [id], verdict: 'true_positive', note: '' });
    await settleLog(bed);
    const third = await feed(service, { since: second.next });
    expect(third.items).toMatchObject([
      { id, change: 'resolved', state: 'resolved', verdict: 'true_positive' },
    ]);
    expect(await feed(service, { since: third.next })).toEqual({ items: [], next: third.next });
    await expect(feed(service, { since: 'x' })).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('rules', () => {
  it('are seeded once, enabled, and listed with their precision', async () => {
    const { viewer, analyst, raise } = await makeScene();
    await raise('ab');
    for (const { id } of (await list(viewer)).items) {
      await resolveAlerts(analyst, { ids: [id], verdict: 'false_positive', note: '' });
    }
    const owner = makeCtx(bed.owner, viewer.tenantId, cliActor);
    await withTransaction(owner, (tx) => seedRules(tx, owner));
    const rules = await listRules(viewer);
    expect(rules.map((rule) => ruleSchema.parse(rule))).toHaveLength(defaultRules.length);
    expect(rules.every((rule) => rule.state === 'enabled' && rule.version === 1)).toBe(true);
    expect(rules.find((rule) => rule.name === 'injected-instructions')?.verdicts).toEqual({
      truePositive: 0,
      benign: 0,
      falsePositive: 2,
    });
    expect(await auditOf(viewer, 'rule.seeded')).toHaveLength(1);
  });

  it('take over a new shipped source and keep the state that people chose', async () => {
    const { viewer, admin } = await makeScene();
    const [rule] = await listRules(viewer);
    if (!rule) throw new Error('no rule');
    await disableRule(admin, rule.id);
    await bed.admin`update rules set source = 'an older source'
      where id = ${uuidOf(rule.id)} and tenant_id = ${uuidOf(viewer.tenantId)}`;
    const owner = makeCtx(bed.owner, viewer.tenantId, cliActor);
    await withTransaction(owner, (tx) => seedRules(tx, owner));
    const after = ruleDetailSchema.parse(await readRule(viewer, rule.id));
    expect(after).toMatchObject({ version: 2, state: 'disabled', title: rule.title });
    expect(after.source).toContain(`name: ${rule.name}`);
  });

  it('are switched by administrators alone, each change audited once', async () => {
    const { admin, analyst, viewer } = await makeScene();
    const [rule] = await listRules(viewer);
    const id = rule?.id ?? '';
    await expect(disableRule(analyst, id)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await disableRule(admin, id)).toEqual({ isChanged: true });
    expect(await disableRule(admin, id)).toEqual({ isChanged: false });
    expect((await readRule(viewer, id)).state).toBe('disabled');
    expect(await enableRule(admin, id)).toEqual({ isChanged: true });
    expect(await auditOf(admin, 'rule.disabled')).toMatchObject([{ detail: { rule: rule?.name } }]);
    expect(await auditOf(admin, 'rule.enabled')).toHaveLength(1);
  });

  it('are not there for another tenant', async () => {
    const [ours, theirs] = [await makeScene(), await makeScene()];
    const [rule] = await listRules(ours.viewer);
    const id = rule?.id ?? '';
    const missing = { code: 'not_found' };
    await expect(readRule(theirs.viewer, id)).rejects.toMatchObject(missing);
    await expect(disableRule(theirs.admin, id)).rejects.toMatchObject(missing);
    await expect(enableRule(theirs.admin, 'rul_x')).rejects.toMatchObject(missing);
  });
});
