import { describe, expect, it } from 'vitest';
import type { ResponseAction } from '#db/enums.ts';
import { approveRule } from '#server/detection/approve-rule.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { createLog } from '#server/kernel/log.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { carryOutResponses } from './carry-out-responses.ts';
import { orderResponse } from './order-response.ts';
import { readResponse } from './read-response.ts';
import { undoResponse } from './undo-response.ts';

const bed = openTestDatabase();
const log = createLog('fatal', 'test');

const ruleText = (response: ResponseAction) => `title: Money is wired
name: wires
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: wire }
  condition: selection
level: high
tags: [owasp.asi02]
signalbox:
  response: ${response}
  tests:
    hits:
      - [{ gen_ai.tool.name: wire }]
      - [{ gen_ai.tool.name: wire, agent.slug: other }]
      - [{ gen_ai.tool.name: read }, { gen_ai.tool.name: wire }]
    misses:
      - [{ gen_ai.tool.name: read }]
      - [{ gen_ai.tool.name: wires }]
      - [{ event.kind: user_message }]
`;

/** A rule in force has ordered something about one alert of one agent. */
async function makeScene(action: ResponseAction) {
  const tenant = await makeTenant(bed);
  const as = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const [author, admin, responder] = [await as('admin'), await as('admin'), await as('responder')];
  const { id: ruleId } = await createRule(author, { source: ruleText(action) });
  await approveRule(admin, { id: ruleId, version: 1 });
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const alertId = newId('alert');
  const system = makeCtx(bed.worker, tenant.id, { type: 'system', name: 'system:detector' });
  await withTransaction(system, (tx) =>
    orderResponse(tx, system, {
      alertId,
      ruleId,
      ruleVersion: 1,
      ruleTitle: 'Money is wired',
      action,
      doers: [{ agentId: agent.id, agentSlug: agent.slug, isVerified: true }],
    }),
  );
  const tenantId = uuidOf(tenant.id);
  const stored = async () => {
    const [row] = await bed.admin`select state, says, tries, is_own, next_try_at,
      next_try_at > taken_at as has_pause from rule_responses where tenant_id = ${tenantId}`;
    return row ?? {};
  };
  /** As if every pause were over. */
  const due = () => bed.admin`update rule_responses
    set next_try_at = now() - interval '1 second' where tenant_id = ${tenantId} and next_try_at is not null`;
  const respond = () => carryOutResponses(bed.worker, log);
  const tryOften = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      await due();
      await respond();
    }
  };
  const [standing, auditOf] = [
    () => bed.admin`select state from stops where tenant_id = ${tenantId} and state <> 'lifted'`,
    (name: string) => bed.admin`select detail, cause, actor_label from audit_log
      where tenant_id = ${tenantId} and action = ${name}`,
  ];
  /** Has the database refuse what matches in this tenant alone, until it is told not to. */
  const refuse = async (table: string, what: string, sqlstate = '23514') => {
    const name = `refuse_${tenantId.replaceAll('-', '')}`;
    await bed.admin.unsafe(`create function ${name}() returns trigger language plpgsql as $$
      begin if new.tenant_id = '${tenantId}' and (${what}) then
        raise exception 'refused' using errcode = '${sqlstate}'; end if; return new; end $$`);
    await bed.admin.unsafe(`create trigger ${name} before insert or update on ${table}
      for each row execute function ${name}()`);
    return () => bed.admin.unsafe(`drop function ${name}() cascade`);
  };
  const response = () => readResponse(responder, alertId);
  return {
    tenantId,
    as,
    admin,
    responder,
    ruleId,
    alertId,
    stored,
    respond,
    tryOften,
    standing,
    auditOf,
    refuse,
    response,
  };
}

const max = limits.responseTriesMax;

describe('a response that fails', () => {
  it.each([
    ['stop', 'stops', 'true', '23514', /Something failed on our side/],
    ['stop', 'stops', 'true', '53100', /The database could not be reached/],
    [
      'stop',
      'rule_responses',
      `new.state = 'running' and new.says = 'Being done.'`,
      '23514',
      /our side/,
    ],
    ['stop', 'audit_log', `new.action = 'response.taken'`, '23514', /cannot be recorded now/],
    ['contain', 'containments', 'true', '23514', /our side/],
  ] as const)(
    'to %s, where %s refuses %s, is tried so often, shown and audited as failed',
    async (action, table, what, sqlstate, why) => {
      const scene = await makeScene(action);
      const allow = await scene.refuse(table, what, sqlstate);
      await scene.respond();
      const first = await scene.stored();
      expect(first).toMatchObject({ state: 'running', tries: 1 });
      expect(first['next_try_at']).not.toBeNull();
      await scene.tryOften(max + 3);
      expect(await scene.stored()).toMatchObject({
        state: 'failed',
        tries: max,
        next_try_at: null,
      });
      await allow();
      // Once given up it stays so, whatever becomes of the database.
      await scene.tryOften(2);
      expect(await scene.standing()).toEqual([]);
      const shown = await scene.response();
      expect(shown).toMatchObject({ state: 'failed', mayUndo: false, stopId: null });
      expect(shown?.says).toMatch(`Failed after ${max} tries: `);
      expect(shown?.says).toMatch(why);
      expect(await scene.auditOf('response.failed')).toMatchObject([
        {
          actor_label: 'system:rule',
          cause: scene.ruleId,
          detail: { alert: scene.alertId, agent: 'payer', action, tries: max, why: shown?.says },
        },
      ]);
    },
  );

  it('is done at a later try, and is its own all the same', async () => {
    const scene = await makeScene('stop');
    const allow = await scene.refuse('stops', 'true');
    await scene.tryOften(3);
    expect(await scene.stored()).toMatchObject({ state: 'running', tries: 3, has_pause: true });
    await allow();
    await scene.tryOften(1);
    expect(await scene.response()).toMatchObject({ state: 'done', mayUndo: true });
    expect(await scene.standing()).toHaveLength(1);
    expect(await scene.auditOf('response.taken')).toHaveLength(1);
    expect(await scene.auditOf('response.failed')).toEqual([]);
  });

  it('is not tried before its pause is over', async () => {
    const scene = await makeScene('stop');
    const allow = await scene.refuse('stops', 'true');
    await scene.respond();
    await bed.admin`update rule_responses set next_try_at = now() + interval '1 hour',
      taken_at = now() - interval '1 hour' where tenant_id = ${scene.tenantId}`;
    await allow();
    await scene.respond();
    expect(await scene.stored()).toMatchObject({ state: 'running', tries: 1 });
    await scene.tryOften(1);
    expect(await scene.stored()).toMatchObject({ state: 'done', tries: 2 });
  });

  it('is tried once where its agent is gone', async () => {
    const scene = await makeScene('stop');
    await bed.admin`delete from agents where tenant_id = ${scene.tenantId}`;
    await scene.respond();
    expect(await scene.response()).toMatchObject({
      state: 'failed',
      says: expect.stringMatching(/^Failed after one try: There is no such agent/),
    });
    expect(await scene.auditOf('response.failed')).toHaveLength(1);
  });

  it('comes to an end also where every worker dies at it', async () => {
    const scene = await makeScene('stop');
    // As it lies in the table when the last of them died.
    await bed.admin`update rule_responses set state = 'running', tries = ${max},
      taken_at = now() - interval '1 minute' where tenant_id = ${scene.tenantId}`;
    await scene.respond();
    expect(await scene.response()).toMatchObject({
      state: 'failed',
      says: expect.stringMatching(/fell silent/),
    });
    expect(await scene.standing()).toEqual([]);
  });

  it('counts for its own what a worker did that died before it could say so', async () => {
    const scene = await makeScene('stop');
    const allow = await scene.refuse('rule_responses', `new.state = 'done'`);
    await scene.respond();
    expect(await scene.standing()).toHaveLength(1);
    expect(await scene.response()).toMatchObject({ state: 'running', mayUndo: false });
    await scene.tryOften(max);
    const failed = await scene.response();
    expect(failed).toMatchObject({
      state: 'failed',
      mayUndo: true,
      says: expect.stringMatching(/What it began stands/),
    });
    await allow();
    await undoResponse(scene.responder, failed?.id ?? '');
    expect(await scene.standing()).toEqual([]);
    expect(await scene.response()).toMatchObject({ state: 'undone', mayUndo: false });
  });

  it('leaves a containment that came half-way linked, and to be released here', async () => {
    const scene = await makeScene('contain');
    const allow = await scene.refuse('agents', `new.state <> 'active'`);
    await scene.tryOften(max);
    const failed = await scene.response();
    expect(failed).toMatchObject({ state: 'failed', mayUndo: true });
    expect(failed?.containmentId).not.toBeNull();
    await allow();
    await undoResponse(scene.responder, failed?.id ?? '');
    expect(await scene.standing()).toEqual([]);
  });

  it('is left undone where its rule was switched off in the pause, unless something stands', async () => {
    for (const [table, what, state] of [
      ['stops', 'true', 'skipped'],
      ['rule_responses', `new.state = 'done'`, 'done'],
    ] as const) {
      const scene = await makeScene('stop');
      const allow = await scene.refuse(table, what);
      await scene.respond();
      await disableRule(scene.admin, scene.ruleId);
      await allow();
      await scene.tryOften(1);
      expect(await scene.stored()).toMatchObject({ state, next_try_at: null });
    }
  });

  it('holds no other back', async () => {
    const [broken, sound] = [await makeScene('stop'), await makeScene('stop')];
    await broken.refuse('stops', 'true');
    await broken.respond();
    expect(await broken.stored()).toMatchObject({ state: 'running' });
    expect(await sound.stored()).toMatchObject({ state: 'done' });
  });

  it('is seen as failed by every role of its tenant, and by nobody else', async () => {
    const scene = await makeScene('stop');
    await bed.admin`delete from agents where tenant_id = ${scene.tenantId}`;
    await scene.respond();
    const viewer = await scene.as('viewer');
    expect(await readResponse(viewer, scene.alertId)).toMatchObject({ state: 'failed' });
    const stranger = await makeScene('stop');
    expect(await readResponse(stranger.responder, scene.alertId)).toBeNull();
  });
});
