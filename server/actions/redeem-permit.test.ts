import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { castVote } from '#server/approvals/cast-vote.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import {
  ask,
  type HoldScene,
  liftStopRow,
  makeHoldScene,
  placeStopRow,
  vote,
} from '#server/testing/hold-scene.ts';
import { awaitDecision } from './await-decision.ts';
import { cancelAction } from './cancel-action.ts';
import { redeemPermit } from './redeem-permit.ts';
import { reportOutcome } from './report-outcome.ts';

const bed = openTestDatabase();
const args = { recipient: 'DE89370400440532013000', amount: 100 };
const write = { tool: 'write_file', args: { path: '/a', content: 'x' } };

async function allowed(scene: HoldScene, path = '/a') {
  const answer = await ask(scene, { tool: 'read_file', args: { path } });
  return { id: answer.id, permit: answer.permit ?? '', args: { path } };
}

/** Held, approved by one person, and read by the agent. */
async function approved(scene: HoldScene) {
  const held = await ask(scene, write);
  const [reviewer] = scene.reviewers;
  if (!reviewer || held.approval === null) throw new Error('nobody could approve');
  await vote(reviewer, held.approval.id);
  const { permit } = await read(scene, held.id);
  return { id: held.id, permit: permit ?? '', args: write.args, approvalId: held.approval.id };
}

const read = (scene: HoldScene, id: string, waitSeconds = 0) =>
  awaitDecision(scene.agentCtx, scene.tools, { id, waitSeconds });

const redeem = (
  scene: HoldScene,
  granted: { permit: string; args: Record<string, unknown> },
  options: { ctx?: Ctx; key?: string | null; planHash?: string } = {},
) =>
  redeemPermit(
    options.ctx ?? scene.agentCtx,
    scene.tools,
    { permit: granted.permit, args: granted.args, planHash: options.planHash },
    options.key ?? null,
  );

const refused = (code: string) => expect.objectContaining({ code });
const refusals = async (scene: HoldScene) =>
  (
    await bed.admin<{ cause: string }[]>`select cause from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'permit.refused' order by seq`
  ).map((row) => row.cause);

describe('redeemPermit', () => {
  it('lets an allowed action run once, and tells its second caller so', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    const answer = await redeem(scene, granted);
    expect(answer).toMatchObject({ redeemed: true, actionId: granted.id, args: granted.args });
    await expect(redeem(scene, granted)).rejects.toEqual(refused('consumed'));
    expect((await read(scene, granted.id)).state).toBe('redeemed');
    expect(await refusals(scene)).toEqual(['consumed']);
  });

  it('gives the same caller with the same key the same answer', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    const first = await redeem(scene, granted, { key: 'k' });
    expect(await redeem(scene, granted, { key: 'k' })).toEqual(first);
    for (const options of [
      { key: 'other' },
      { key: null },
      { key: 'k', ctx: { ...scene.agentCtx, actor: keyActor('agent', scene.agent) } },
    ]) {
      await expect(redeem(scene, granted, options)).rejects.toEqual(refused('consumed'));
    }
  });

  it('has one winner among sixteen at once', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, () => redeem(scene, granted, { key: randomUUID() })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const losers = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(losers).toEqual(Array.from({ length: 15 }, () => refused('consumed')));
  });

  it('refuses any other arguments', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await approved(scene);
    for (const other of [
      { ...write.args, content: 'y' },
      { ...write.args, more: 1 },
      { path: '/a' },
      { path: '/a', content: 'x ' },
    ]) {
      const attempt = redeem(scene, { ...granted, args: other });
      await expect(attempt).rejects.toEqual(refused('args_mismatch'));
    }
    await expect(redeem(scene, granted)).resolves.toMatchObject({ redeemed: true });
  });

  it('refuses another plan than was decided, and one where none was', async () => {
    const scene = await makeHoldScene(bed);
    const planned = await ask(scene, { tool: 'read_file', args: {}, planHash: 'sha-256:p' });
    const granted = { permit: planned.permit ?? '', args: {} };
    for (const planHash of [undefined, 'sha-256:q']) {
      const attempt = redeem(scene, granted, planHash === undefined ? {} : { planHash });
      await expect(attempt).rejects.toEqual(refused('plan_mismatch'));
    }
    await expect(redeem(scene, granted, { planHash: 'sha-256:p' })).resolves.toBeDefined();
    const unplanned = await allowed(scene);
    const attempt = redeem(scene, unplanned, { planHash: 'sha-256:p' });
    await expect(attempt).rejects.toEqual(refused('plan_mismatch'));
  });

  it('refuses what has expired by the database’s clock', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    // The claims still say two minutes, and so would the application's clock.
    await bed.admin`update permits set issued_at = issued_at - interval '2 minutes',
      expires_at = expires_at - interval '2 minutes' where action_id = ${uuidOf(granted.id)}`;
    await expect(redeem(scene, granted)).rejects.toEqual(refused('expired'));
    expect(await read(scene, granted.id)).toMatchObject({ state: 'expired', permit: null });
  });

  it('refuses under a stop, and after its lift what was issued before', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await approved(scene);
    const elsewhere = await placeStopRow(bed, scene.tenant.id, 'tool', 'send_money');
    const stop = await placeStopRow(bed, scene.tenant.id, 'agent', scene.agent.id);
    await expect(redeem(scene, granted)).rejects.toEqual(refused('halted'));
    expect(await read(scene, granted.id)).toMatchObject({ state: 'frozen', permit: null });
    await liftStopRow(bed, stop);
    await expect(redeem(scene, granted)).rejects.toEqual(refused('halted'));
    const again = await read(scene, granted.id);
    expect(again).toMatchObject({ state: 'approved', permitState: 'live', next: 'run' });
    expect(again.permit).not.toBe(granted.permit);
    const fresh = { ...granted, permit: again.permit ?? '' };
    await expect(redeem(scene, fresh)).resolves.toMatchObject({ redeemed: true });
    await liftStopRow(bed, elsewhere);
  });

  it.each<[string, (scene: HoldScene) => Promise<unknown>, string, string]>([
    [
      'the tool became graver',
      (scene) => bed.admin`update tools set reversibility = 4, sensitivity = 4, blast_radius = 4
        where tenant_id = ${uuidOf(scene.tenant.id)} and name = 'write_file'`,
      'policy_changed',
      'invalidated',
    ],
    [
      'the tool’s schema changed',
      (scene) => bed.admin`update tools set schema = '{"type":"object"}'
        where tenant_id = ${uuidOf(scene.tenant.id)} and name = 'write_file'`,
      'schema_changed',
      'invalidated',
    ],
    [
      'the agent was disabled',
      (scene) =>
        bed.admin`update agents set state = 'disabled' where id = ${uuidOf(scene.agent.id)}`,
      'denied',
      'invalidated',
    ],
    [
      'the voter lost the role',
      (scene) => bed.admin`update memberships set roles = '{viewer}'
        where tenant_id = ${uuidOf(scene.tenant.id)}`,
      'denied',
      'invalidated',
    ],
    [
      'the voter left',
      (scene) => bed.admin`delete from memberships where tenant_id = ${uuidOf(scene.tenant.id)}`,
      'denied',
      'invalidated',
    ],
    [
      'the voter became the owner',
      async (scene) => {
        const [first] = scene.reviewers;
        if (first?.actor.type !== 'person') throw new Error('a person expected');
        await bed.admin`update agents set owner_user_id = ${uuidOf(first.actor.userId)}
          where id = ${uuidOf(scene.agent.id)}`;
      },
      'self_approval',
      'invalidated',
    ],
  ])('refuses once %s', async (_, change, code, state) => {
    const scene = await makeHoldScene(bed);
    const granted = await approved(scene);
    await change(scene);
    await expect(redeem(scene, granted)).rejects.toEqual(refused(code));
    expect(await read(scene, granted.id)).toMatchObject({ state, permit: null });
  });

  it('goes by the arguments that the tool names, when it names some', async () => {
    const scene = await makeHoldScene(bed);
    await bed.admin`update tools set load_bearing_fields = '{path}'
      where tenant_id = ${uuidOf(scene.tenant.id)} and name = 'read_file'`;
    const granted = await allowed(scene);
    const advisory = { ...granted, args: { ...granted.args, why: 'other words' } };
    await expect(redeem(scene, { ...granted, args: { path: '/b' } })).rejects.toEqual(
      refused('args_mismatch'),
    );
    expect((await redeem(scene, advisory)).args).toEqual(advisory.args);
  });

  it('refuses what was cancelled or replaced', async () => {
    const scene = await makeHoldScene(bed);
    const cancelled = await allowed(scene);
    await cancelAction(scene.agentCtx, scene.tools, cancelled.id);
    await expect(redeem(scene, cancelled)).rejects.toEqual(refused('denied'));
    const replaced = await allowed(scene, '/b');
    await ask(scene, { tool: 'read_file', supersedes: replaced.id });
    await expect(redeem(scene, replaced)).rejects.toEqual(refused('superseded'));
    const done = await allowed(scene, '/c');
    await redeem(scene, done);
    await expect(cancelAction(scene.agentCtx, scene.tools, done.id)).rejects.toEqual(
      refused('conflict'),
    );
  });

  it('is for the agent itself and for enforcers of the tool', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await approved(scene);
    const ctxOf = (actor: Parameters<typeof makeCtx>[2]) =>
      makeCtx(bed.app, scene.tenant.id, actor);
    const peer = keyActor('agent', { id: scene.enforcerCtx.requestId, slug: 'peer' });
    const other = { ...keyActor('enforcer'), tools: ['read_file'] };
    for (const actor of [peer, other]) {
      const attempt = redeem(scene, granted, { ctx: ctxOf(actor) });
      await expect(attempt).rejects.toEqual(refused('denied'));
    }
    for (const actor of [
      keyActor('service'),
      keyActor('ingest'),
      await makePerson(bed, scene.tenant.id, ['admin', 'reviewer']),
    ]) {
      const attempt = redeem(scene, granted, { ctx: ctxOf(actor) });
      await expect(attempt).rejects.toEqual(refused('forbidden'));
    }
    const enforced = redeem(scene, granted, { ctx: scene.enforcerCtx });
    await expect(enforced).resolves.toMatchObject({ redeemed: true });
  });

  it('knows no permit of another tenant, none forged, none changed', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    const foreign = await makeHoldScene(bed);
    const theirs = { ...granted, permit: (await allowed(foreign)).permit };
    const [head, claims = '', signature] = granted.permit.split('.');
    const text = Buffer.from(claims, 'base64url')
      .toString()
      .replace('"edited":false', '"edited":true');
    const changed = [head, Buffer.from(text).toString('base64url'), signature].join('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    for (const permit of [theirs.permit, changed, none, 'x', '']) {
      const attempt = redeem(scene, { ...granted, permit });
      await expect(attempt).rejects.toEqual(refused('not_found'));
    }
    expect(await refusals(foreign)).toEqual([]);
  });
});

describe('reportOutcome', () => {
  it('counts the first word of a redeemed action, and says whether it ran as decided', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await approved(scene);
    const report = (
      ctx: Ctx,
      executedArgs: Record<string, unknown>,
      status = 'succeeded' as const,
    ) => reportOutcome(ctx, scene.tools, granted.id, { status, executedArgs, result: 'ok' });
    await expect(report(scene.agentCtx, granted.args)).rejects.toEqual(refused('conflict'));
    await redeem(scene, granted);
    const answer = await report(scene.enforcerCtx, { ...granted.args, content: 'y' });
    expect(answer.state).toBe('executed');
    const again = await reportOutcome(scene.agentCtx, scene.tools, granted.id, {
      status: 'failed',
    });
    expect(again.state).toBe('executed');
    const rows = await bed.admin<{ detail: object }[]>`select detail from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'action.outcome_reported'`;
    expect(rows).toMatchObject([{ detail: { isAsDecided: false, status: 'succeeded' } }]);
  });

  it('is for the agent and enforcers of the tool, in their tenant', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    await redeem(scene, granted);
    const foreign = await makeHoldScene(bed);
    const report = (ctx: Ctx) =>
      reportOutcome(ctx, scene.tools, granted.id, { status: 'succeeded' });
    await expect(report(scene.enforcerCtx)).rejects.toEqual(refused('denied'));
    await expect(report(foreign.agentCtx)).rejects.toEqual(refused('not_found'));
    const [reviewer] = scene.reviewers;
    if (reviewer) await expect(report(reviewer)).rejects.toEqual(refused('forbidden'));
  });

  it('keeps what is said of it redacted', async () => {
    const scene = await makeHoldScene(bed);
    const granted = await allowed(scene);
    await redeem(scene, granted);
    await reportOutcome(scene.agentCtx, scene.tools, granted.id, {
      status: 'succeeded',
      result: { to: 'alice@example.com' },
      executedArgs: granted.args,
    });
    const [row] = await bed.admin<{ result: string; executed_digest: string }[]>`
      select result::text, executed_digest from outcomes where action_id = ${uuidOf(granted.id)}`;
    expect(row?.result).toMatch(/\[EMAIL:/);
    expect(row?.executed_digest).toMatch(/^sha-256:/);
  });
});

describe('awaitDecision', () => {
  it('gives the permit as soon as the last vote is in', async () => {
    const scene = await makeHoldScene(bed);
    const held = await ask(scene, { tool: 'send_money', args });
    const [first, second] = scene.reviewers;
    if (!first || !second || !held.approval) throw new Error('nobody could approve');
    await vote(first, held.approval.id);
    expect(await read(scene, held.id)).toMatchObject({ state: 'held', approval: { votes: 1 } });
    const waiting = read(scene, held.id, 10);
    await vote(second, held.approval.id);
    expect(await waiting).toMatchObject({ state: 'approved', permitState: 'live', next: 'run' });
  });

  it('issues one permit to two that ask at once', async () => {
    const scene = await makeHoldScene(bed);
    const held = await ask(scene, write);
    const [reviewer] = scene.reviewers;
    if (!reviewer || !held.approval) throw new Error('nobody could approve');
    await vote(reviewer, held.approval.id);
    const answers = await Promise.all(Array.from({ length: 8 }, () => read(scene, held.id)));
    expect(new Set(answers.map(({ permit }) => permit)).size).toBe(1);
    const rows = await bed.admin`select 1 from permits where action_id = ${uuidOf(held.id)}`;
    expect(rows).toHaveLength(1);
  });

  it('tells a denial with its reason, and an expiry by the database’s clock', async () => {
    const scene = await makeHoldScene(bed);
    const [reviewer] = scene.reviewers;
    const denied = await ask(scene, write);
    if (!reviewer || !denied.approval) throw new Error('nobody could approve');
    await castVote(reviewer, {
      id: denied.approval.id,
      verdict: 'deny',
      reason: 'not today',
      digest: (await digestOf(denied.id)) ?? '',
    });
    expect(await read(scene, denied.id)).toMatchObject({
      state: 'denied',
      denyReason: 'not today',
      next: 'stop',
    });
    const late = await ask(scene, write);
    await bed.admin`update approvals set expires_at = clock_timestamp()
      where action_id = ${uuidOf(late.id)}`;
    expect(await read(scene, late.id)).toMatchObject({ state: 'expired', next: 'ask_again' });
  });

  it('shows an action to its own agent alone', async () => {
    const scene = await makeHoldScene(bed);
    const held = await ask(scene, write);
    const other = await makeHoldScene(bed);
    await expect(read(other, held.id)).rejects.toEqual(refused('not_found'));
    await expect(
      awaitDecision(scene.enforcerCtx, scene.tools, { id: held.id, waitSeconds: 0 }),
    ).rejects.toEqual(refused('forbidden'));
  });
});

const digestOf = async (id: string) =>
  (await bed.admin<{ digest: string }[]>`select digest from actions where id = ${uuidOf(id)}`)[0]
    ?.digest;
