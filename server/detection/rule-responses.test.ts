import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ResponseAction } from '#db/enums.ts';
import { addCredential } from '#server/credentials/add-credential.ts';
import { addCredentialInput } from '#server/credentials/contract.ts';
import { carryOutResponses } from '#server/containment/respond/carry-out-responses.ts';
import { readResponse } from '#server/containment/respond/read-response.ts';
import { undoResponse } from '#server/containment/respond/undo-response.ts';
import { findContainment } from '#server/containment/contain/read-containment.ts';
import { approveRule } from '#server/detection/approve-rule.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { createDetector } from '#server/detection/detector.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { readStop } from '#server/gate/queries.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventToInsert } from '#server/telemetry/encode-event.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { testBrokerTools } from '#server/testing/lease-scene.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

const ruleText = (response: ResponseAction, groupBy = '[trace.id]') => `title: Money is wired
name: wires
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: wire }
  condition: selection
level: high
tags: [owasp.asi02]
signalbox:
  group-by: ${groupBy}
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

/** A tenant whose one rule does something by itself: written by one, approved by another. */
async function makeScene(response: ResponseAction, groupBy?: string) {
  const tenant = await makeTenant(bed);
  const as = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const [author, admin, responder] = [await as('admin'), await as('admin'), await as('responder')];
  const { id: ruleId } = await createRule(author, { source: ruleText(response, groupBy) });
  const tenantId = uuidOf(tenant.id);
  const commit = createGroupCommit(bed.app.$client);
  const agents = new Map<string, Promise<{ id: string; slug: string }>>();
  const agentOf = (slug: string) => {
    const made = agents.get(slug) ?? makeAgent(bed, tenant.id, slug);
    agents.set(slug, made);
    return made;
  };
  /** The agent wires money; each time in a trace of its own unless one is given. */
  const wire = async (slug: string, traceId?: string, insert: Partial<EventToInsert> = {}) => {
    const draft = { name: 'wire', ...(traceId === undefined ? {} : { traceId }) };
    await commit.store(tenant.id, [makeEvent(await agentOf(slug), draft, insert)]);
  };
  const detect = () => drainTail(bed, createDetector({ log }));
  const alerts = async () =>
    (
      await bed.admin`select id from alerts where tenant_id = ${tenantId} order by first_at, id`
    ).map((row) => idOf('alert', row['id'] as string));
  const responses =
    () => bed.admin`select state, says, agent_label, action, is_own from rule_responses
    where tenant_id = ${tenantId} order by ordered_at, id`;
  const standing = async () =>
    (
      await bed.admin`select scope_label from stops where tenant_id = ${tenantId}
        and state <> 'lifted' order by scope_label`
    ).map((row) => row['scope_label'] as string);
  const respond = () => carryOutResponses(bed.worker, log);
  const auditOf = (action: string) => bed.admin`select actor_type, actor_label, detail, cause
    from audit_log where tenant_id = ${tenantId} and action = ${action} order by seq`;
  return {
    tenant,
    tenantId,
    as,
    author,
    admin,
    responder,
    ruleId,
    approve: () => approveRule(admin, { id: ruleId, version: 1 }),
    agentOf,
    wire,
    detect,
    alerts,
    responses,
    standing,
    respond,
    auditOf,
  };
}

describe('a rule that does something by itself', () => {
  it('is off until somebody else than its author approves it', async () => {
    const scene = await makeScene('stop');
    await scene.wire('payer');
    await scene.detect();
    expect(await scene.responses()).toEqual([]);
    await expect(approveRule(scene.author, { id: scene.ruleId, version: 1 })).rejects.toMatchObject(
      { code: 'self_approval' },
    );
    await scene.approve();
    await scene.wire('payer');
    await scene.detect();
    expect(await scene.responses()).toMatchObject([{ state: 'due', agent_label: 'payer' }]);
  });

  it('is none of the shipped ones', () => {
    for (const source of defaultRules) {
      const compiled = compileSource(source);
      expect(compiled.ok && compiled.rules.every((rule) => rule.response === null)).toBe(true);
    }
  });

  it('stops the agent once for an alert, as the system, with rule and alert named', async () => {
    const scene = await makeScene('stop');
    await scene.approve();
    const trace = 'a'.repeat(32);
    await scene.wire('payer', trace);
    await scene.wire('payer', trace);
    await scene.detect();
    await scene.wire('payer', trace);
    await scene.detect();
    await Promise.all([scene.respond(), scene.respond(), scene.respond()]);
    await scene.respond();
    expect(await scene.standing()).toEqual(['payer']);
    expect(await scene.responses()).toMatchObject([{ state: 'done', is_own: true }]);
    const [alert] = await scene.alerts();
    expect(await scene.auditOf('response.taken')).toMatchObject([
      {
        actor_type: 'system',
        actor_label: 'system:rule',
        cause: scene.ruleId,
        detail: { alert, rule: 'Money is wired', agent: 'payer', action: 'stop' },
      },
    ]);
    expect(await scene.auditOf('stop.placed')).toMatchObject([
      { actor_label: 'system:rule', cause: expect.stringContaining(alert ?? '?') },
    ]);
  });

  it('is ordered in the transaction of its alert: neither without the other', async () => {
    const scene = await makeScene('stop');
    await scene.approve();
    await scene.wire('payer');
    await bed.admin`alter table rule_responses add constraint nothing_is_ordered
      check (rule_title <> 'Money is wired') not valid`;
    try {
      await expect(scene.detect()).rejects.toThrow(/failed/);
      expect(await scene.alerts()).toEqual([]);
    } finally {
      await bed.admin`alter table rule_responses drop constraint nothing_is_ordered`;
    }
    await scene.detect();
    expect(await scene.alerts()).toHaveLength(1);
    expect(await scene.responses()).toHaveLength(1);
  });

  it('does nothing about a name that was only claimed, nor about several agents', async () => {
    const claimed = await makeScene('contain');
    await claimed.approve();
    await claimed.wire('payer', undefined, { isVerified: false });
    await claimed.detect();
    await claimed.respond();
    expect(await claimed.responses()).toMatchObject([
      { state: 'skipped', agent_label: null, says: expect.stringMatching(/only claimed/) },
    ]);
    const several = await makeScene('stop', '[event.kind]');
    await several.approve();
    await several.wire('payer');
    await several.wire('mailer');
    await several.detect();
    await several.respond();
    expect(await several.responses()).toMatchObject([
      { state: 'skipped', says: expect.stringMatching(/several agents/) },
    ]);
    for (const scene of [claimed, several]) {
      expect(await scene.standing()).toEqual([]);
      expect(await scene.auditOf('response.withheld')).toHaveLength(1);
    }
  });

  it('leaves to people what is beyond the cap of an hour', async () => {
    const scene = await makeScene('stop');
    await scene.approve();
    const names = Array.from(
      { length: limits.responsesPerHourMax + 2 },
      (_, index) => `bot-${index}`,
    );
    for (const name of names) await scene.wire(name);
    await scene.detect();
    await Promise.all([scene.respond(), scene.respond()]);
    const states = (await scene.responses()).map((row) => row['state'] as string);
    expect(states.filter((state) => state === 'done')).toHaveLength(limits.responsesPerHourMax);
    expect(states.filter((state) => state === 'capped')).toHaveLength(2);
    expect(await scene.standing()).toHaveLength(limits.responsesPerHourMax);
    // An hour later there is room again.
    await bed.admin`update rule_responses set taken_at = taken_at - interval '61 minutes'
      where tenant_id = ${scene.tenantId}`;
    await scene.wire('late');
    await scene.detect();
    await scene.respond();
    expect(await scene.standing()).toContain('late');
  });

  it('does nothing any more once it was switched off', async () => {
    const scene = await makeScene('stop');
    await scene.approve();
    await scene.wire('payer');
    await scene.detect();
    await disableRule(scene.admin, scene.ruleId);
    await scene.respond();
    expect(await scene.responses()).toMatchObject([{ state: 'skipped' }]);
    expect(await scene.standing()).toEqual([]);
  });

  it('is taken on by another worker where the first died in the middle', async () => {
    const scene = await makeScene('stop');
    await scene.approve();
    await scene.wire('payer');
    await scene.detect();
    await bed.admin`update rule_responses set state = 'running', taken_at = clock_timestamp()
      where tenant_id = ${scene.tenantId}`;
    await scene.respond();
    expect(await scene.standing()).toEqual([]);
    await bed.admin`update rule_responses set taken_at = taken_at - interval '1 minute'
      where tenant_id = ${scene.tenantId}`;
    await scene.respond();
    expect(await scene.standing()).toEqual(['payer']);
  });

  it('contains as far as it can be undone; cutting waits for a person', async () => {
    const scene = await makeScene('contain');
    await scene.approve();
    await scene.agentOf('payer');
    await addCredential(
      scene.admin,
      testBrokerTools,
      addCredentialInput.parse({
        name: 'bank',
        tool: 'wire',
        kind: 'api_key',
        secret: 'secret',
        scopes: ['send'],
        holders: ['payer'],
      }),
    );
    await scene.wire('payer');
    await scene.detect();
    await scene.respond();
    const found = await findContainment(scene.responder, { agent: 'payer' });
    expect(found).toMatchObject({ state: 'person', requestedBy: 'system:rule' });
    expect(found?.alertId).toBe((await scene.alerts())[0]);
    expect(await scene.auditOf('credential.revoke_requested')).toEqual([]);
  });
});

describe('undoResponse', () => {
  it('lifts the stop at one press by a responder, and is audited', async () => {
    const scene = await makeScene('stop');
    await scene.approve();
    await scene.wire('payer');
    await scene.detect();
    await scene.respond();
    const [alert] = await scene.alerts();
    const response = await readResponse(await scene.as('viewer'), alert ?? '');
    expect(response).toMatchObject({ state: 'done', mayUndo: true, agent: 'payer' });
    for (const role of ['viewer', 'analyst', 'reviewer', 'auditor'] as const) {
      await expect(undoResponse(await scene.as(role), response?.id ?? '')).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    const stranger = await makeScene('stop');
    await expect(undoResponse(stranger.responder, response?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await readResponse(stranger.responder, alert ?? '')).toBeNull();
    await undoResponse(scene.responder, response?.id ?? '');
    expect(await scene.standing()).toEqual([]);
    expect(await scene.auditOf('response.undone')).toMatchObject([{ actor_type: 'person' }]);
    await expect(undoResponse(scene.responder, response?.id ?? '')).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('releases the agent that a rule has contained', async () => {
    const scene = await makeScene('contain');
    await scene.approve();
    await scene.wire('payer');
    await scene.detect();
    await scene.respond();
    const [alert] = await scene.alerts();
    const response = await readResponse(scene.responder, alert ?? '');
    await undoResponse(scene.responder, response?.id ?? '');
    expect(await scene.standing()).toEqual([]);
    const [agent] = await bed.admin`select state from agents where tenant_id = ${scene.tenantId}`;
    expect(agent).toEqual({ state: 'active' });
  });

  it.each([
    [1, /already by .*raised to 2/],
    [2, /already by [^ ]+\.$/],
  ])('leaves alone a stop of level %i that stood before', async (level, says) => {
    const scene = await makeScene('stop');
    await scene.approve();
    await scene.agentOf('payer');
    const scope = { kind: 'agent', id: 'payer' } as const;
    const before = await placeStop(scene.responder, { scope, level, reason: 'earlier' });
    await scene.wire('payer');
    await scene.detect();
    await scene.respond();
    const [alert] = await scene.alerts();
    const response = await readResponse(scene.responder, alert ?? '');
    expect(response).toMatchObject({ mayUndo: false, says: expect.stringMatching(says) });
    await expect(undoResponse(scene.responder, response?.id ?? '')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await readStop(scene.responder, before.id)).state).toBe('active');
  });
});
