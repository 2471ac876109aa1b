import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acknowledgeAlerts } from '#server/detection/acknowledge-alerts.ts';
import { archiveAlerts } from '#server/detection/archive-alerts.ts';
import { assignAlerts } from '#server/detection/assign-alerts.ts';
import { commentAlert } from '#server/detection/comment-alert.ts';
import { alertDetailSchema, listAlertsInputSchema } from '#server/detection/contract.ts';
import { listAssignees } from '#server/detection/list-assignees.ts';
import { countAlerts, listAlerts, readAlert } from '#server/detection/queries.ts';
import { resolveAlerts } from '#server/detection/resolve-alerts.ts';
import { returnAlerts } from '#server/detection/return-alerts.ts';
import { snoozeAlerts } from '#server/detection/snooze-alerts.ts';
import { undoAlertSteps } from '#server/detection/undo-alert-steps.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { targetMakers } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';

const bed = openTestDatabase();
const hourMs = 60 * 60_000;
const inAnHour = () => new Date(Date.now() + hourMs).toISOString();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const person = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const alert = async () =>
    (await targetMakers.alert(bed, tenant.id, randomBytes(6).toString('hex'))).id;
  return {
    tenantId: tenant.id,
    analyst: await person('analyst'),
    other: await person('responder'),
    viewer: await person('viewer'),
    person,
    alert,
    alerts: (count: number) => Promise.all(Array.from({ length: count }, alert)),
  };
}

const list = async (ctx: Ctx, filters: object) =>
  (await listAlerts(ctx, listAlertsInputSchema.parse(filters))).items.map(({ id }) => id);
const userIdOf = ({ actor }: Ctx) => (actor.type === 'person' ? actor.userId : '');
const emailOf = ({ actor }: Ctx) => (actor.type === 'person' ? actor.email : '');
const auditOf = (ctx: Ctx, action: string) =>
  bed.admin`select actor_label, subject_id, detail from audit_log
    where tenant_id = ${uuidOf(ctx.tenantId)} and action = ${action}`;
const historyOf = async (ctx: Ctx, id: string) =>
  alertDetailSchema.parse(await readAlert(ctx, id)).history;

describe('a snooze', () => {
  it('sets an alert aside and ends by itself, by the clock alone', async () => {
    const { analyst, alert } = await makeScene();
    const [id, stays] = [await alert(), await alert()];
    const until = inAnHour();
    expect(await snoozeAlerts(analyst, { ids: [id], until })).toMatchObject({ done: [id] });
    expect(await list(analyst, { attentions: ['due'] })).toEqual([stays]);
    expect(await list(analyst, { attentions: ['snoozed'] })).toEqual([id]);
    expect(await countAlerts(analyst)).toMatchObject({ open: 1, snoozed: 1 });
    expect((await readAlert(analyst, id)).attention).toBe('snoozed');
    expect(Date.parse((await countAlerts(analyst)).nextReturnAt ?? '')).toBe(Date.parse(until));
    // Nothing runs in between: only the instant lies behind us now.
    await bed.admin`update alerts set snoozed_until = now() - interval '1 second'
      where id = ${uuidOf(id)}`;
    expect(await list(analyst, { attentions: ['snoozed'] })).toEqual([]);
    expect(new Set(await list(analyst, { attentions: ['due'] }))).toEqual(new Set([id, stays]));
    expect(await countAlerts(analyst)).toMatchObject({ open: 2, snoozed: 0, nextReturnAt: null });
  });

  it.each([
    ['the past', -1],
    ['now', 0],
    ['too far off', limits.alertSnoozeDaysMax * 24 * hourMs + 1],
  ])('refuses %s', async (_name, offsetMs) => {
    const { analyst, alert } = await makeScene();
    const nowMs = Date.parse('2026-11-22T08:00:00Z');
    const until = new Date(nowMs + offsetMs).toISOString();
    const ids = [await alert()];
    await expect(snoozeAlerts(analyst, { ids, until }, nowMs)).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(await auditOf(analyst, 'alert.snoozed')).toEqual([]);
  });

  it('is brought back early, and refuses what is not set aside or is resolved', async () => {
    const { analyst, alert } = await makeScene();
    const id = await alert();
    expect(await returnAlerts(analyst, [id])).toMatchObject({ done: [], refused: [{ id }] });
    await snoozeAlerts(analyst, { ids: [id], until: inAnHour() });
    expect(await returnAlerts(analyst, [id])).toMatchObject({ done: [id] });
    expect((await readAlert(analyst, id)).attention).toBe('due');
    await resolveAlerts(analyst, { ids: [id], verdict: 'benign', note: '' });
    expect(await snoozeAlerts(analyst, { ids: [id], until: inAnHour() })).toMatchObject({
      done: [],
      refused: [{ id, state: 'resolved' }],
    });
    expect((await readAlert(analyst, id)).attention).toBeNull();
  });
});

describe('an archived alert', () => {
  it.each([
    { count: 1, comesBackAt: 11 },
    { count: 10, comesBackAt: 20 },
    { count: 300, comesBackAt: 600 },
  ])('of $count events comes back at $comesBackAt', async ({ count, comesBackAt }) => {
    const { analyst, alert } = await makeScene();
    const id = await alert();
    const grow = (to: number) =>
      bed.admin`update alerts set count = ${to} where id = ${uuidOf(id)}`;
    await grow(count);
    await archiveAlerts(analyst, [id]);
    expect(await readAlert(analyst, id)).toMatchObject({
      attention: 'archived',
      escalatesAt: comesBackAt,
    });
    await grow(comesBackAt - 1);
    expect(await list(analyst, { attentions: ['archived'] })).toEqual([id]);
    await grow(comesBackAt);
    expect(await list(analyst, { attentions: ['due'] })).toEqual([id]);
    expect(await auditOf(analyst, 'alert.archived')).toHaveLength(1);
  });
});

describe('an assignment', () => {
  it('is to members who may triage, and narrows the list', async () => {
    const { analyst, other, viewer, alerts } = await makeScene();
    const [mine, theirs, nobodys] = await alerts(3);
    const ids = [mine ?? ''];
    expect((await listAssignees(analyst)).map(({ email }) => email).toSorted()).toEqual(
      [emailOf(analyst), emailOf(other)].toSorted(),
    );
    await assignAlerts(analyst, { ids, assigneeId: userIdOf(analyst) });
    await assignAlerts(analyst, { ids: [theirs ?? ''], assigneeId: userIdOf(other) });
    expect(await list(analyst, { assignee: 'me' })).toEqual([mine]);
    expect(await list(analyst, { assignee: userIdOf(other) })).toEqual([theirs]);
    expect(await list(analyst, { assignee: 'nobody' })).toEqual([nobodys]);
    expect((await readAlert(analyst, mine ?? '')).assignee).toMatchObject({
      email: emailOf(analyst),
    });
    expect(await assignAlerts(analyst, { ids, assigneeId: userIdOf(analyst) })).toMatchObject({
      done: [],
    });
    for (const assigneeId of [userIdOf(viewer), newId('user')]) {
      await expect(assignAlerts(analyst, { ids, assigneeId })).rejects.toMatchObject({
        code: 'unprocessable',
      });
    }
    await bed.admin`delete from memberships where user_id = ${uuidOf(userIdOf(analyst))}`;
    expect((await readAlert(other, mine ?? '')).assignee).toBeNull();
    expect(new Set(await list(other, { assignee: 'nobody' }))).toEqual(new Set([nobodys, mine]));
  });
});

describe('several at once', () => {
  it('are changed together; those that somebody was quicker with are named', async () => {
    const { analyst, other, alerts } = await makeScene();
    const ids = await alerts(3);
    const [taken = ''] = ids;
    await resolveAlerts(other, { ids: [taken], verdict: 'benign', note: '' });
    const result = await acknowledgeAlerts(analyst, ids);
    expect(new Set(result.done)).toEqual(new Set(ids.slice(1)));
    expect(result.refused).toMatchObject([{ id: taken, state: 'resolved' }]);
    expect(await auditOf(analyst, 'alert.acknowledged')).toHaveLength(2);
  });

  it('are left alone, all of them, when one is not there', async () => {
    const { analyst, alerts } = await makeScene();
    const theirs = await makeScene();
    const ids = await alerts(2);
    for (const foreign of [await theirs.alert(), newId('alert')]) {
      await expect(acknowledgeAlerts(analyst, [...ids, foreign])).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(await countAlerts(analyst)).toMatchObject({ open: 2, acknowledged: 0 });
  });

  it('come back as they were when the step is undone, with a line in history and audit', async () => {
    const { analyst, alerts } = await makeScene();
    const [snoozed = '', plain = ''] = await alerts(2);
    const until = inAnHour();
    await snoozeAlerts(analyst, { ids: [snoozed], until });
    const { batch } = await resolveAlerts(analyst, {
      ids: [snoozed, plain],
      verdict: 'false_positive',
      note: 'a slip',
    });
    const undone = await undoAlertSteps(analyst, batch);
    expect(new Set(undone.done)).toEqual(new Set([snoozed, plain]));
    expect(await readAlert(analyst, snoozed)).toMatchObject({
      state: 'open',
      verdict: null,
      attention: 'snoozed',
      change: 'updated',
    });
    expect(await countAlerts(analyst)).toMatchObject({ open: 1, snoozed: 1 });
    expect((await historyOf(analyst, plain)).map(({ step }) => step)).toEqual([
      'undone',
      'resolved',
      'opened',
    ]);
    expect(await auditOf(analyst, 'alert.undone')).toMatchObject([
      { detail: { undone: 'resolved' } },
      { detail: { undone: 'resolved' } },
    ]);
    // Taking back twice, and taking back the taking back, are both nothing.
    const again = await undoAlertSteps(analyst, batch);
    expect(again).toMatchObject({ done: [], refused: [{}, {}] });
    await expect(undoAlertSteps(analyst, undone.batch)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('stay as they are where somebody went on since, or it opened anew', async () => {
    const { analyst, other, alerts } = await makeScene();
    const [touched = '', free = '', commented = '', reopened = ''] = await alerts(4);
    const { batch } = await resolveAlerts(analyst, {
      ids: [reopened],
      verdict: 'benign',
      note: '',
    });
    await bed.admin`insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity,
        state, title, explanation, trace_ids, labels, first_at, last_at, count)
      select tenant_id, ${uuidOf(newId('alert'))}, rule_id, rule_version, group_key, severity,
        'open', title, explanation || '{"generation": 1}', trace_ids, labels, first_at, last_at, 1
      from alerts where id = ${uuidOf(reopened)}`;
    expect(await undoAlertSteps(analyst, batch)).toMatchObject({
      done: [],
      refused: [{ id: reopened, reason: expect.stringContaining('opened again') }],
    });
    const step = await acknowledgeAlerts(analyst, [touched, free, commented]);
    await resolveAlerts(other, { ids: [touched], verdict: 'benign', note: '' });
    await commentAlert(other, { id: commented, text: 'I am looking.' });
    const undone = await undoAlertSteps(analyst, step.batch);
    expect(new Set(undone.done)).toEqual(new Set([free, commented]));
    expect(undone.refused).toMatchObject([{ id: touched }]);
  });

  it('cannot be undone after a while', async () => {
    const { analyst, alert } = await makeScene();
    const { batch } = await acknowledgeAlerts(analyst, [await alert()]);
    await bed.admin`update alert_steps set at = now() - make_interval(mins => ${limits.alertUndoMinutes})
      where batch = ${uuidOf(batch)}`;
    await expect(undoAlertSteps(analyst, batch)).rejects.toMatchObject({ code: 'not_found' });
    await expect(undoAlertSteps(analyst, 'trg_x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a comment', () => {
  it('stands in the history, latest first, also of a resolved alert', async () => {
    const { analyst, alert } = await makeScene();
    const id = await alert();
    await resolveAlerts(analyst, { ids: [id], verdict: 'benign', note: 'known' });
    await commentAlert(analyst, { id, text: '<b>see ticket</b>' });
    expect(await historyOf(analyst, id)).toMatchObject([
      { step: 'commented', actor: emailOf(analyst), note: '<b>see ticket</b>' },
      { step: 'resolved', verdict: 'benign', note: 'known' },
      { step: 'opened', actor: null },
    ]);
    expect(await auditOf(analyst, 'alert.commented')).toMatchObject([{ subject_id: id }]);
  });
});

describe('whoever may not triage', () => {
  it('changes nothing and learns no names', async () => {
    const { viewer, analyst, alert, tenantId } = await makeScene();
    const ids = [await alert()];
    const { batch } = await acknowledgeAlerts(analyst, ids);
    const refused: readonly (() => Promise<unknown>)[] = [
      () => acknowledgeAlerts(viewer, ids),
      () => resolveAlerts(viewer, { ids, verdict: 'benign', note: '' }),
      () => snoozeAlerts(viewer, { ids, until: inAnHour() }),
      () => archiveAlerts(viewer, ids),
      () => returnAlerts(viewer, ids),
      () => assignAlerts(viewer, { ids, assigneeId: null }),
      () => commentAlert(viewer, { id: ids[0] ?? '', text: 'x' }),
      () => undoAlertSteps(viewer, batch),
      () => listAssignees(viewer),
    ];
    for (const attempt of refused)
      await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    expect(await countAlerts(makeCtx(bed.app, tenantId, cliActor))).toMatchObject({
      acknowledged: 1,
    });
  });
});
