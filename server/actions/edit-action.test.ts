import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { openArguments } from '#server/approvals/open-arguments.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson } from '#server/testing/factories.ts';
import {
  ask,
  holdPassword,
  makeHoldScene,
  makeReviewer,
  placeStopRow,
  vote,
} from '#server/testing/hold-scene.ts';
import { makeOwnEvent } from '#server/testing/untrusted-event.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';
import { testPermitKey } from '#server/testing/hold-tools.ts';
import { awaitDecision } from './await-decision.ts';
import { cancelAction } from './cancel-action.ts';
import { decideAction } from './decide-action.ts';
import { editAction } from './edit-action.ts';
import type { EditInput } from './contract.ts';
import { redeemPermit } from './redeem-permit.ts';

const bed = openTestDatabase();
const payment = { recipient: 'DE89370400440532013000', amount: 100 };

async function makeScene(options: { reviewers?: number } = {}) {
  const scene = await makeHoldScene(bed, { reviewers: options.reviewers ?? 3 });
  const { tools, agentCtx, reviewers, tenant } = scene;
  const [ada, bo, cy] = reviewers;
  if (!ada) throw new Error('a reviewer expected');
  const hold = async (tool: string, args: Record<string, unknown>) => {
    const held = await ask(scene, { tool, args });
    if (!held.approval) throw new Error(`not held: ${held.state}`);
    return { id: held.id, approvalId: held.approval.id, fingerprint: held.approval.fingerprint };
  };
  const edit = async (
    as: Ctx,
    approvalId: string,
    args: unknown,
    change: Partial<EditInput> = {},
  ) => {
    const { digest } = await readApprovalDetail(as, approvalId);
    return editAction(as, tools, {
      id: approvalId,
      digest,
      args: typeof args === 'string' ? args : JSON.stringify(args),
      reason: 'less is enough',
      password: holdPassword,
      ...change,
    });
  };
  const read = (id: string) => awaitDecision(agentCtx, tools, { id, waitSeconds: 0 });
  const redeem = (permit: string | null, args: Record<string, unknown>) =>
    redeemPermit(agentCtx, tools, { permit: permit ?? '', args }, null);
  const auditOf = (action: string) => bed.admin`select detail::text, cause, actor_id from audit_log
    where tenant_id = ${uuidOf(tenant.id)} and action = ${action}`;
  const versions = (actionId: string) => bed.admin`select version from sealed_arguments
    where action_id = ${uuidOf(actionId)} order by version`;
  return {
    ...scene,
    ada,
    bo: bo ?? ada,
    cy: cy ?? ada,
    hold,
    edit,
    read,
    redeem,
    auditOf,
    versions,
  };
}

describe('editAction', () => {
  it('approves the edited call: the agent gets it with the permit, and nothing else runs', async () => {
    const { ada, hold, edit, read, redeem, auditOf, versions } = await makeScene();
    const held = await hold('query_database', { sql: 'select * from users', note: 'x' });
    const narrow = { sql: 'select id from users', note: 'x' };
    expect(await edit(ada, held.approvalId, narrow)).toEqual({
      state: 'approved',
      approvals: 1,
      missing: 0,
    });
    const approved = await read(held.id);
    expect(approved).toMatchObject({ state: 'approved', next: 'run', editedArgs: narrow });
    expect(approved.approval?.fingerprint).not.toBe(held.fingerprint);
    const { verify } = await createPermitKey(testPermitKey);
    expect(await verify(approved.permit ?? '')).toMatchObject({ edited: true, act: held.id });
    await expect(
      redeem(approved.permit, { sql: 'select * from users', note: 'x' }),
    ).rejects.toMatchObject({ code: 'args_mismatch' });
    expect(await redeem(approved.permit, narrow)).toMatchObject({ args: narrow });
    expect(await read(held.id)).toMatchObject({ state: 'redeemed', editedArgs: null });
    // The original is kept, sealed; the log says who and why, and no value.
    expect(await versions(held.id)).toMatchObject([{ version: 0 }, { version: 1 }]);
    const [row, ...more] = await auditOf('approval.edited');
    expect(more).toHaveLength(0);
    expect(row).toMatchObject({ cause: 'less is enough' });
    expect(row?.['detail']).not.toContain('users');
  });

  it('says that nobody edited what nobody did', async () => {
    const { ada, hold, read } = await makeScene();
    const held = await hold('query_database', { sql: 'x' });
    await vote(ada, held.approvalId);
    const approved = await read(held.id);
    const { verify } = await createPermitKey(testPermitKey);
    expect(approved.editedArgs).toBeNull();
    expect(await verify(approved.permit ?? '')).toMatchObject({ edited: false });
  });

  it('scores it anew and asks for no fewer people: a critical one still takes two on the edit', async () => {
    const { tools, ada, bo, cy, hold, edit, read } = await makeScene();
    const held = await hold('send_money', payment);
    const before = await readApprovalDetail(ada, held.approvalId);
    expect(before).toMatchObject({ band: 'critical', needs: 2 });
    // Bo has approved the original; that is no vote on what Ada makes of it.
    await vote(bo, held.approvalId);
    expect(await edit(ada, held.approvalId, { ...payment, amount: 1 })).toEqual({
      state: 'pending',
      approvals: 1,
      missing: 1,
    });
    expect(await read(held.id)).toMatchObject({ state: 'held', permit: null, editedArgs: null });
    const edited = await readApprovalDetail(cy, held.approvalId);
    expect(edited).toMatchObject({ needs: 2, approvals: 1, missing: 1 });
    expect(edited.votes).toHaveLength(1);
    expect(edited.edits).toMatchObject([{ reason: 'less is enough', bandBefore: 'critical' }]);
    const opened = await openArguments(cy, tools, held.approvalId);
    expect(JSON.parse(opened.canonical)).toEqual({ ...payment, amount: 1 });
    expect(JSON.parse(opened.asAsked ?? '')).toEqual(payment);
    // Ada has spoken; Bo may speak again, on what it is now.
    await expect(vote(ada, held.approvalId)).rejects.toMatchObject({ code: 'conflict' });
    expect(await vote(bo, held.approvalId)).toMatchObject({ state: 'approved' });
    expect(await read(held.id)).toMatchObject({ editedArgs: { ...payment, amount: 1 } });
  });

  it('calls what the reviewer wrote his own, and what he left as untrusted as it was', async () => {
    const scene = await makeScene();
    const { ada, bo } = scene;
    const traceId = randomBytes(16).toString('hex');
    const output = `Pay to ${payment.recipient}, subject INV-2026-778.`;
    await makeOwnEvent(bed, scene, { traceId, output, origin: 'mail/1' });
    const args = { ...payment, subject: 'INV-2026-778' };
    const { approval } = await ask(scene, { tool: 'send_money', args, traceId });
    const sourcesNow = async () => {
      const { factors } = await readApprovalDetail(bo ?? ada, approval?.id ?? '');
      const found = factors.find(({ name }) => name === 'untrusted_argument');
      return (found?.sources ?? []).map(({ argument }) => argument);
    };
    expect(await sourcesNow()).toEqual(['recipient', 'subject']);
    await scene.edit(ada, approval?.id ?? '', { ...args, recipient: 'GB33BUKB20201555555555' });
    expect(await sourcesNow()).toEqual(['subject']);
  });

  it('asks for more people where the edit is graver', async () => {
    const { ada, bo, hold, edit, read } = await makeScene();
    const held = await hold('query_database', { sql: 'select 1' });
    const before = await readApprovalDetail(ada, held.approvalId);
    expect(before.needs).toBe(1);
    const answer = await edit(ada, held.approvalId, {
      sql: 'select 1',
      rows: 10_000_000,
      recipients: Array.from({ length: 200 }, (_, index) => `a${index}@example.test`),
    });
    const now = await readApprovalDetail(bo, held.approvalId);
    expect(now.riskScore).toBeGreaterThan(before.riskScore);
    expect(answer.missing).toBe(now.needs - 1);
    expect((await read(held.id)).risk.score).toBe(now.riskScore);
  });

  it('is refused to whoever may not vote: roles, owner, requester, another tenant, a second time', async () => {
    const scene = await makeScene();
    const { tenant, tools, agent, agentCtx, ada, hold, edit } = scene;
    const held = await hold('query_database', { sql: 'x' });
    const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
    const { digest } = await readApprovalDetail(viewer, held.approvalId);
    const input = { id: held.approvalId, digest, args: '{"sql":"y"}', reason: 'r', password: 'p' };
    const service = makeCtx(bed.app, tenant.id, keyActor('service'));
    for (const ctx of [viewer, service, agentCtx]) {
      await expect(editAction(ctx, tools, input)).rejects.toMatchObject({ code: 'forbidden' });
    }
    const stranger = await makeScene();
    await expect(editAction(stranger.ada, tools, input)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(edit(ada, held.approvalId, { sql: 'y' }, { password: 'no' })).rejects.toThrow(
      /password is wrong/,
    );
    const owner = await makeReviewer(bed, tenant.id);
    await bed.admin`update agents set owner_user_id = ${uuidOf(owner.userId)}
      where id = ${uuidOf(agent.id)}`;
    await expect(
      edit(makeCtx(bed.app, tenant.id, owner), held.approvalId, { sql: 'y' }),
    ).rejects.toMatchObject({ code: 'self_approval' });
    const requester = await makeReviewer(bed, tenant.id);
    const other = await makeAgent(bed, tenant.id, 'other');
    const asked = await decideAction(makeCtx(bed.app, tenant.id, keyActor('agent', other)), tools, {
      ask: {
        tool: 'send_money',
        args: payment,
        derivedFrom: [],
        onBehalfOf: requester.email,
      },
      idempotencyKey: 'k',
    });
    const requesterCtx = makeCtx(bed.app, tenant.id, requester);
    const approvalId = asked.approval?.id ?? '';
    await expect(edit(requesterCtx, approvalId, {})).rejects.toMatchObject({
      code: 'self_approval',
    });
    // Nor are they the second vote on somebody else's edit.
    await edit(ada, approvalId, { ...payment, amount: 2 });
    await expect(vote(requesterCtx, approvalId)).rejects.toMatchObject({ code: 'self_approval' });
    await expect(edit(ada, approvalId, { ...payment, amount: 3 })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it.each<[string, unknown, string]>([
    ['nothing changed', { sql: 'x', note: 'n' }, 'unprocessable'],
    ['no object', '[1]', 'unprocessable'],
    ['no JSON', '{', 'bad_request'],
    ['a name twice', '{"sql":"a","sql":"b"}', 'unrepresentable'],
    ['a number that is not its own', '{"sql":9007199254740993}', 'unrepresentable'],
    ['too much', { sql: 'x'.repeat(300 * 1024) }, 'payload_too_large'],
  ])('refuses %s and leaves all as it was', async (_, args, code) => {
    const { ada, hold, edit, versions } = await makeScene();
    const held = await hold('query_database', { sql: 'x', note: 'n' });
    await expect(edit(ada, held.approvalId, args)).rejects.toMatchObject({ code });
    expect(await versions(held.id)).toHaveLength(1);
    expect((await readApprovalDetail(ada, held.approvalId)).fingerprint).toBe(held.fingerprint);
  });

  it('refuses what does not fit the schema, what a permit does not bind, and another digest', async () => {
    const { tenant, ada, hold, edit } = await makeScene();
    const schema = { type: 'object', properties: { sql: { type: 'string', maxLength: 20 } } };
    await bed.admin`update tools set schema = ${bed.admin.json(schema)},
        load_bearing_fields = '{sql}'
      where tenant_id = ${uuidOf(tenant.id)} and name = 'query_database'`;
    const held = await hold('query_database', { sql: 'x', note: 'n' });
    const tooLong = { sql: 'x'.repeat(21), note: 'n' };
    await expect(edit(ada, held.approvalId, tooLong)).rejects.toMatchObject({
      code: 'invalid_arguments',
    });
    await expect(edit(ada, held.approvalId, { sql: 'y', note: 'other' })).rejects.toThrow(
      /binds sql only/,
    );
    await expect(
      edit(ada, held.approvalId, { sql: 'y', note: 'n' }, { digest: 'sha-256:other' }),
    ).rejects.toMatchObject({ code: 'args_mismatch' });
    expect(await edit(ada, held.approvalId, { sql: 'y', note: 'n' })).toMatchObject({
      state: 'approved',
    });
  });

  it('keeps credentials that were left alone, and shows them nowhere', async () => {
    const { tools, ada, hold, edit, read } = await makeScene();
    const token = 'ghp_0123456789abcdefABCDEF0123456789abcd';
    const held = await hold('query_database', { sql: 'select 1', token });
    const shown = JSON.parse(
      (await openArguments(ada, tools, held.approvalId)).canonical,
    ) as object;
    expect(JSON.stringify(shown)).not.toContain(token);
    await edit(ada, held.approvalId, { ...shown, sql: 'select 2' });
    expect((await read(held.id)).editedArgs).toEqual({ sql: 'select 2', token });
    const reopened = await openArguments(ada, tools, held.approvalId);
    expect(reopened.canonical + (reopened.asAsked ?? '')).not.toContain(token);
  });

  it('refuses under a stop, after a cancel, and once it is decided', async () => {
    const { tenant, tools, agentCtx, ada, bo, hold, edit } = await makeScene();
    const cancelled = await hold('query_database', { sql: 'x' });
    await cancelAction(agentCtx, tools, cancelled.id);
    const denied = await hold('query_database', { sql: 'x' });
    await vote(bo, denied.approvalId, 'deny');
    const approved = await hold('query_database', { sql: 'x' });
    await vote(bo, approved.approvalId);
    for (const { approvalId } of [cancelled, denied, approved]) {
      await expect(edit(ada, approvalId, { sql: 'y' })).rejects.toMatchObject({ code: 'conflict' });
    }
    const frozen = await hold('query_database', { sql: 'x' });
    await placeStopRow(bed, tenant.id, 'tenant', '');
    await expect(edit(ada, frozen.approvalId, { sql: 'y' })).rejects.toMatchObject({
      code: 'halted',
    });
  });

  it('races with an approval of the original: exactly one of them decides, and it is what runs', async () => {
    const { ada, bo, hold, edit, read, redeem } = await makeScene();
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const [original, changed] = [{ sql: 'original' }, { sql: 'changed' }];
      const held = await hold('query_database', original);
      const [byEdit, byVote] = await Promise.allSettled(
        round % 2 === 0
          ? [edit(ada, held.approvalId, changed), vote(bo, held.approvalId)]
          : [edit(ada, held.approvalId, changed), slowly(() => vote(bo, held.approvalId))],
      );
      expect([byEdit, byVote].filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const isEdited = byEdit?.status === 'fulfilled';
      outcomes.add(isEdited ? 'edited' : 'original');
      const { permit, editedArgs } = await read(held.id);
      expect(editedArgs).toEqual(isEdited ? changed : null);
      await expect(redeem(permit, isEdited ? original : changed)).rejects.toMatchObject({
        code: 'args_mismatch',
      });
      await redeem(permit, isEdited ? changed : original);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  });

  it('is not approved by a vote on the original that waited behind it', async () => {
    const { ada, bo, hold, edit, read } = await makeScene();
    const held = await hold('send_money', payment);
    const holder = createSql(bed.database.adminUrl, { connectionsMax: 1 });
    const waiting = async () =>
      (
        await bed.admin`select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`
      ).length;
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const holding = holder.begin(async (tx) => {
      await tx`select 1 from approvals where id = ${uuidOf(held.approvalId)} for update`;
      begun.resolve();
      await over.promise;
    });
    await begun.promise;
    const editing = edit(ada, held.approvalId, { ...payment, amount: 7 });
    await expect.poll(waiting, { interval: 5 }).toBe(1);
    const voting = vote(bo, held.approvalId).catch((error: unknown) => error);
    await expect.poll(waiting, { interval: 5 }).toBe(2);
    over.resolve();
    await holding;
    await holder.end();
    expect(await editing).toMatchObject({ state: 'pending', missing: 1 });
    expect(await voting).toMatchObject({ code: 'args_mismatch' });
    expect(await read(held.id)).toMatchObject({ state: 'held', approval: { votes: 1 } });
  });

  it('races with another edit: one wins, and the other hears that it was not shown this', async () => {
    const { ada, bo, hold, edit, read } = await makeScene();
    for (let round = 0; round < 6; round += 1) {
      const held = await hold('send_money', payment);
      const results = await Promise.allSettled([
        edit(ada, held.approvalId, { ...payment, amount: 7 }),
        edit(bo, held.approvalId, { ...payment, amount: 8 }),
      ]);
      const lost = results.filter(({ status }) => status === 'rejected');
      expect(lost).toMatchObject([{ reason: { code: 'args_mismatch' } }]);
      expect(await read(held.id)).toMatchObject({ state: 'held', approval: { votes: 1 } });
    }
  });
});

/** Lets the other one begin first. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return work();
}
