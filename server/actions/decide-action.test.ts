import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { keyActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { setStopFile } from '#server/gate/stop-file.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeOwnEvent } from '#server/testing/untrusted-event.ts';
import {
  ask,
  askOf,
  makeHoldScene,
  placeStopRow,
  liftStopRow,
} from '#server/testing/hold-scene.ts';
import { isLikelyTainted } from './tainted-upstreams.ts';

const bed = openTestDatabase();
const pay = { tool: 'send_money', args: { recipient: 'DE89370400440532013000', amount: 100 } };

const auditOf = async (tenantId: Parameters<typeof uuidOf>[0]) =>
  (
    await bed.admin<{ action: string }[]>`select action from audit_log
      where tenant_id = ${uuidOf(tenantId)} order by seq`
  ).map((row) => row.action);

describe('decideAction', () => {
  it('allows what is low, with a permit of 120 seconds, in one audited step', async () => {
    const scene = await makeHoldScene(bed);
    const answer = await ask(scene, { tool: 'read_file', args: { path: '/a' } });
    expect(answer).toMatchObject({
      state: 'allowed',
      decision: 'allow',
      permitState: 'live',
      next: 'run',
      approval: null,
      denyReason: null,
      risk: { band: 'low' },
    });
    const claims = await scene.tools.permitKey.verify(answer.permit ?? '');
    expect(claims).toMatchObject({
      ten: scene.tenant.id,
      sub: scene.agent.id,
      act: answer.id,
      tool: 'read_file',
      pol: answer.policyVersion,
      epoch: 0,
      edited: false,
    });
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(120);
    expect(await auditOf(scene.tenant.id)).toEqual(['action.decided']);
  });

  it('holds what is high for people, and seals its arguments', async () => {
    const scene = await makeHoldScene(bed);
    const answer = await ask(scene, pay);
    expect(answer).toMatchObject({ state: 'held', next: 'wait', permit: null });
    expect(answer.approval).toMatchObject({ needs: 2, votes: 0 });
    expect(await auditOf(scene.tenant.id)).toEqual(['action.decided', 'approval.requested']);
    const [row] = await bed.admin<{ noun: string; change: string }[]>`
      select noun, change from control_changes where tenant_id = ${uuidOf(scene.tenant.id)}`;
    expect(row).toEqual({ noun: 'approval', change: 'requested' });
  });

  it('denies what nobody could ever approve', async () => {
    const scene = await makeHoldScene(bed, { reviewers: 1 });
    const answer = await ask(scene, pay);
    expect(answer).toMatchObject({ state: 'denied', decision: 'deny', next: 'stop' });
    expect(answer.reasons.map(({ code }) => code)).toContain('no_eligible_reviewers');
    expect(answer.denyReason).toMatch(/2 reviewers/);
  });

  it('counts neither owner nor requester among those who could approve', async () => {
    const scene = await makeHoldScene(bed);
    const [first, second] = scene.reviewers.map(({ actor }) => actor);
    if (first?.type !== 'person' || second?.type !== 'person') throw new Error('people expected');
    await bed.admin`update agents set owner_user_id = ${uuidOf(first.userId)}
      where id = ${uuidOf(scene.agent.id)}`;
    const write = { tool: 'write_file', args: { path: '/a' } };
    expect((await ask(scene, write)).decision).toBe('hold');
    const answer = await ask(scene, { ...write, onBehalfOf: second.email });
    expect(answer.decision).toBe('deny');
  });

  it('denies everything without a tools table', async () => {
    const scene = await makeHoldScene(bed);
    await bed.admin`delete from tools where tenant_id = ${uuidOf(scene.tenant.id)}`;
    const answer = await ask(scene, { tool: 'read_file' });
    expect(answer).toMatchObject({ decision: 'deny', reasons: [{ code: 'no_policy' }] });
  });

  it('answers a repeat with the stored decision and permit, and another body with a refusal', async () => {
    const scene = await makeHoldScene(bed);
    const first = await ask(scene, { tool: 'read_file', args: { path: '/a', mode: 'r' } }, 'k-1');
    const again = await ask(scene, { tool: 'read_file', args: { mode: 'r', path: '/a' } }, 'k-1');
    expect(again).toEqual(first);
    const other = ask(scene, { tool: 'read_file', args: { path: '/b', mode: 'r' } }, 'k-1');
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    expect(await auditOf(scene.tenant.id)).toEqual(['action.decided']);
  });

  it('makes one action of the same request sixteen times at once', async () => {
    const scene = await makeHoldScene(bed);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        ask(scene, { tool: 'read_file', args: { path: '/a' } }, 'k'),
      ),
    );
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.permit)).size).toBe(1);
    expect(await auditOf(scene.tenant.id)).toEqual(['action.decided']);
  });

  it('gives each of many unlike asks at once what it gets alone', async () => {
    const scene = await makeHoldScene(bed);
    const cases = [
      [{ tool: 'read_file', args: { path: '/a' } }, 'allowed'],
      [pay, 'held'],
      [{ tool: 'read_file', sessionId: 'stopped' }, 'halted'],
      [{ tool: 'read_file', supersedes: newId('action') }, 'unprocessable'],
    ] as const;
    await placeStopRow(bed, scene.tenant.id, 'session', 'stopped');
    const many = Array.from({ length: 6 }, () => cases).flat();
    const told = await Promise.all(
      many.map(([change]) =>
        ask(scene, change).then(
          ({ state, id }) => ({ outcome: state as string, id }),
          (error: unknown) => ({ outcome: isAppError(error) ? error.code : 'thrown', id: null }),
        ),
      ),
    );
    expect(told.map(({ outcome }) => outcome)).toEqual(many.map(([, outcome]) => outcome));
    expect(new Set(told.map(({ id }) => id)).size).toBe(1 + 2 * 6);
    const counts = Object.groupBy(await auditOf(scene.tenant.id), (action) => action);
    expect(counts['action.decided']).toHaveLength(12);
    expect(counts['action.refused']).toHaveLength(6);
  });

  it('refuses a repeat while the first is not finished after a second', async () => {
    const scene = await makeHoldScene(bed);
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun = (): void => undefined;
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = bed.admin.begin(async (tx) => {
      await tx`insert into actions (tenant_id, id, agent_id, agent_slug, environment, key_id,
          idempotency_key, request_digest, tool, schema_digest, digest, decision, risk_score,
          risk_band, risk_factors, risk_input, reasons, policy_version, needs,
          is_fresh_sign_in_needed)
        values (${uuidOf(scene.tenant.id)}, gen_random_uuid(), ${uuidOf(scene.agent.id)}, 'payer',
          'production', gen_random_uuid(), 'k', '', 'read_file', '', '', 'deny', 0, 'low', '[]',
          '{}', '[]', '', 0, false)`;
      begun();
      await held;
      throw new Error('undone');
    });
    await isBegun;
    const second = ask(scene, { tool: 'read_file' }, 'k');
    await expect(second).rejects.toMatchObject({ code: 'idempotency_in_flight' });
    finish();
    await expect(first).rejects.toThrow('undone');
    expect((await ask(scene, { tool: 'read_file' }, 'k')).decision).toBe('allow');
  });

  it('refuses under a stop, a repeat as well; a permit from before is not given again', async () => {
    const scene = await makeHoldScene(bed);
    await ask(scene, { tool: 'read_file' }, 'k');
    const stopId = await placeStopRow(bed, scene.tenant.id, 'environment', 'production');
    for (const key of ['k', 'new']) {
      await expect(ask(scene, { tool: 'read_file' }, key)).rejects.toMatchObject({
        code: 'halted',
        extras: { stopId },
      });
    }
    await liftStopRow(bed, stopId);
    expect(await ask(scene, { tool: 'read_file' }, 'k')).toMatchObject({
      state: 'invalidated',
      permit: null,
      permitState: 'halted',
      next: 'ask_again',
    });
  });

  it.each(['revoked_at', 'expires_at'])(
    'gives nothing to a key with %s that the door took for live',
    async (column) => {
      const scene = await makeHoldScene(bed);
      const { actor } = scene.agentCtx;
      await bed.admin`insert into api_keys (tenant_id, id, kind, name, prefix, secret_hash, agent_id, created_by)
      values (${uuidOf(scene.tenant.id)}, ${uuidOf(actor.type === 'key' ? actor.keyId : '')}, 'agent', 'k', 'p',
        ${randomBytes(32)}, ${uuidOf(scene.agent.id)}, 'test')`;
      expect((await ask(scene, { tool: 'read_file' })).decision).toBe('allow');
      await bed.admin`update api_keys set ${bed.admin(column)} = now()
      where tenant_id = ${uuidOf(scene.tenant.id)}`;
      const asks = Array.from({ length: 6 }, () => ask(scene, { tool: 'read_file' }));
      for (const refused of await Promise.allSettled(asks)) {
        expect(refused).toMatchObject({ reason: { code: 'unauthenticated' } });
      }
      expect(await auditOf(scene.tenant.id)).toEqual(['action.decided']);
    },
  );

  it('audits whoever asks under the stop file', async () => {
    const scene = await makeHoldScene(bed);
    setStopFile(import.meta.filename);
    try {
      await expect(ask(scene, pay)).rejects.toMatchObject({ code: 'halted' });
    } finally {
      setStopFile(null);
    }
    expect(await auditOf(scene.tenant.id)).toEqual(['action.refused']);
  });

  it('replaces an earlier action of the same agent, and none of another', async () => {
    const scene = await makeHoldScene(bed);
    const first = await ask(scene, pay, 'k-1');
    const second = await ask(scene, { ...pay, supersedes: first.id });
    expect(second.state).toBe('held');
    expect(await ask(scene, pay, 'k-1')).toMatchObject({ state: 'superseded', next: 'stop' });
    const other = await makeHoldScene(bed);
    await expect(ask(other, { ...pay, supersedes: second.id })).rejects.toMatchObject({
      code: 'unprocessable',
    });
  });

  it.each([
    ['no trace at all', {}, 'unknown'],
    ['a trace nobody knows', { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }, 'unknown'],
  ])('counts as untrusted: %s', async (_, change, value) => {
    const scene = await makeHoldScene(bed);
    const { risk } = await ask(scene, { tool: 'read_file', ...change });
    expect(risk.factors.find(({ name }) => name === 'untrusted_upstream')?.value).toBe(value);
  });

  /** What a decision says of the content upstream, after its agent read one answer in the trace. */
  async function taintAfter(read: 'trusted' | 'untrusted', clockMs = Date.now()): Promise<unknown> {
    const scene = await makeHoldScene(bed);
    const traceId = randomBytes(16).toString('hex');
    await makeOwnEvent(bed, scene, { traceId, output: 'Hello.', origin: 'wiki/1', trust: read });
    vi.useFakeTimers({ toFake: ['Date'], now: clockMs });
    try {
      const { risk } = await ask(scene, { tool: 'read_file', traceId });
      return risk.factors.find(({ name }) => name === 'untrusted_upstream')?.value;
    } finally {
      vi.useRealTimers();
    }
  }

  it('knows a trace by its newest events, before anything was derived from them', async () => {
    expect(await taintAfter('trusted')).toBeUndefined();
    expect(await taintAfter('untrusted')).toBe(true);
  });

  it.each([-3, 3])('believes nothing clean when its clock is %d days off', async (days) => {
    const clockMs = Date.now() + days * 86_400_000;
    expect(await taintAfter('trusted', clockMs)).toBe('unknown');
    expect(await taintAfter('untrusted', clockMs)).not.toBeUndefined();
  });

  it('calls no trace clean whose older part the assembler found trusted, by a clock that is off', async () => {
    const scene = await makeHoldScene(bed);
    const traceId = randomBytes(16).toString('hex');
    await bed.admin`insert into traces (tenant_id, id, title, agent_ids, agent_slugs, started_at,
        ended_at, first_received_at, last_received_at, events, tool_calls, errors, findings, tools,
        has_untrusted, xid, seq)
      values (${uuidOf(scene.tenant.id)}, ${traceId}, 'Hello',
        ${JSON.stringify([scene.agent.id])}::text::jsonb, '{payer}', now(), now(), now(), now(), 1, 0, 0,
        0, '{}', false, '1', 1)`;
    await makeOwnEvent(bed, scene, { traceId, output: 'Hello.', origin: 'mail/1' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 86_400_000 });
    try {
      const { risk } = await ask(scene, { tool: 'read_file', traceId });
      expect(risk.factors.map(({ name }) => name)).toContain('untrusted_upstream');
    } finally {
      vi.useRealTimers();
    }
  });

  const iban = 'DE89370400440532013000';
  const argumentOf = (risk: { readonly factors: readonly { readonly name: string }[] }) =>
    risk.factors.find(({ name }) => name === 'untrusted_argument');

  it.each<[string, { text: string; args: Record<string, unknown>; value: unknown }]>([
    [
      'an account that an untrusted text named',
      { text: `Pay to ${iban}.`, args: { recipient: iban, amount: 1 }, value: true },
    ],
    [
      'nothing of it',
      { text: 'The weather is fine.', args: { recipient: iban, amount: 1 }, value: undefined },
    ],
    [
      'more than is looked at',
      { text: 'word '.repeat(20_000), args: { recipient: iban, amount: 1 }, value: 'unknown' },
    ],
    [
      'more arguments than are looked for',
      { text: 'fine', args: { note: 'a1.b2 '.repeat(1000) }, value: 'unknown' },
    ],
  ])('knows what an argument came from: %s', async (_, { text, args, value }) => {
    const scene = await makeHoldScene(bed);
    const traceId = randomBytes(16).toString('hex');
    const eventId = await makeOwnEvent(bed, scene, { traceId, output: text, origin: 'mail/1' });
    const { risk } = await ask(scene, { tool: 'send_money', args, traceId });
    const found = argumentOf(risk);
    if (value === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ value });
    if (value === true) {
      expect(found).toMatchObject({ sources: [{ argument: 'recipient', eventId, traceId }] });
    }
  });

  it('says the same of the next ask in a tainted trace, and of a clean one nothing', async () => {
    const scene = await makeHoldScene(bed);
    const traceId = randomBytes(16).toString('hex');
    await makeOwnEvent(bed, scene, { traceId, output: `Pay to ${iban}.`, origin: 'mail/1' });
    const again = () =>
      ask(scene, { tool: 'send_money', args: { recipient: iban, amount: 1 }, traceId });
    const first = argumentOf((await again()).risk);
    expect(first).toMatchObject({ value: true });
    expect(argumentOf((await again()).risk)).toEqual(first);
    await bed.admin`update events set trust = 'trusted'
      where tenant_id = ${uuidOf(scene.tenant.id)}`;
    const { risk } = await again();
    expect(argumentOf(risk)).toBeUndefined();
    expect(risk.factors.map(({ name }) => name)).not.toContain('untrusted_upstream');
  });

  it('reads nothing ahead for whoever a stop has refused', async () => {
    const scene = await makeHoldScene(bed);
    const traceId = randomBytes(16).toString('hex');
    await makeOwnEvent(bed, scene, { traceId, output: 'Hello.', origin: 'mail/1' });
    const read = { tool: 'read_file', traceId };
    await ask(scene, read);
    expect(isLikelyTainted(scene.agentCtx, askOf(read))).toBe(true);
    await placeStopRow(bed, scene.tenant.id, 'tenant', scene.tenant.id);
    await expect(ask(scene, read)).rejects.toMatchObject({ code: 'halted' });
    expect(isLikelyTainted(scene.agentCtx, askOf(read))).toBe(false);
  });

  it('finds the source through the events that the agent names, and writes no value down', async () => {
    const scene = await makeHoldScene(bed);
    const eventId = await makeOwnEvent(bed, scene, {
      traceId: randomBytes(16).toString('hex'),
      output: `Pay to ${iban}.`,
      origin: 'mail/1',
    });
    const args = { recipient: iban, amount: 1, [`${iban} or so`]: iban };
    const { id, risk } = await ask(scene, { tool: 'send_money', args, derivedFrom: [eventId] });
    expect(argumentOf(risk)).toMatchObject({
      value: true,
      sources: [{ argument: 'recipient', eventId }, { argument: 'an argument' }],
    });
    const [row] = await bed.admin<{ kept: string }[]>`
      select risk_factors::text || risk_input::text as kept from actions where id = ${uuidOf(id)}`;
    expect(row?.kept).not.toContain(iban);
  });

  it('counts an argument as untrusted where the text of its upstream was erased', async () => {
    const scene = await makeHoldScene(bed);
    const traceId = randomBytes(16).toString('hex');
    await makeOwnEvent(bed, scene, { traceId, output: 'fine', origin: 'mail/1' });
    await bed.admin`update event_bodies set body = null, salt = null
      where tenant_id = ${uuidOf(scene.tenant.id)}`;
    const { risk } = await ask(scene, { tool: 'send_money', args: { recipient: iban }, traceId });
    expect(argumentOf(risk)).toMatchObject({ value: 'unknown' });
  });

  it('reads no text of another tenant', async () => {
    const [scene, other] = [await makeHoldScene(bed), await makeHoldScene(bed)];
    const traceId = randomBytes(16).toString('hex');
    await makeOwnEvent(bed, scene, { traceId, output: 'fine', origin: 'mail/1' });
    await makeOwnEvent(bed, other, { traceId, output: `To ${iban}.`, origin: 'mail/1' });
    const { risk } = await ask(scene, { tool: 'send_money', args: { recipient: iban }, traceId });
    expect(argumentOf(risk)).toBeUndefined();
  });

  it('is for agents, in their own tenant', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = scene.tenant;
    for (const actor of [
      keyActor('enforcer'),
      keyActor('service'),
      keyActor('ingest'),
      await makePerson(bed, id, ['admin', 'reviewer']),
    ]) {
      const denied = ask({ ...scene, agentCtx: makeCtx(bed.app, id, actor) }, { tool: 'x' });
      await expect(denied).rejects.toMatchObject({ code: 'forbidden' });
    }
    const foreign = await makeHoldScene(bed);
    const stranger = makeCtx(bed.app, foreign.tenant.id, keyActor('agent', scene.agent));
    await expect(ask({ ...scene, agentCtx: stranger }, { tool: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
