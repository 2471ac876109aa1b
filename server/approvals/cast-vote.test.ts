import { describe, expect, it } from 'vitest';
import type { Role } from '#db/enums.ts';
import { awaitDecision } from '#server/actions/await-decision.ts';
import { answerQuestion } from '#server/actions/answer-question.ts';
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
import { askQuestion } from './ask-question.ts';
import { castVote } from './cast-vote.ts';
import { countApprovals, listApprovals } from './list-approvals.ts';
import { readApprovalDetail } from './read-approval-detail.ts';
import { approvalListInput } from './contract.ts';

const bed = openTestDatabase();
const write = { tool: 'write_file', args: { path: '/a', content: 'x' } };
/** Medium: one person, without password or reason. */
const query = { tool: 'query_database', args: { sql: 'select 1' } };
const pay = { tool: 'send_money', args: { recipient: 'DE89370400440532013000', amount: 100 } };
const refused = (code: string) => expect.objectContaining({ code });

async function held(scene: HoldScene, what: Parameters<typeof ask>[1] = write) {
  const answer = await ask(scene, what);
  if (answer.approval === null) throw new Error('nothing was held');
  return { id: answer.approval.id, actionId: answer.id };
}
const personOf = ({ actor }: Ctx) => {
  if (actor.type !== 'person') throw new Error('a person expected');
  return actor;
};
const reviewerOf = (scene: HoldScene, index = 0): Ctx => {
  const reviewer = scene.reviewers[index];
  if (!reviewer) throw new Error('no such reviewer');
  return reviewer;
};
const auditOf = async (scene: HoldScene) =>
  (
    await bed.admin<{ action: string }[]>`select action from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action like 'approval.%' order by seq`
  ).map((row) => row.action);
const list = (ctx: Ctx, change: object = {}) => listApprovals(ctx, approvalListInput.parse(change));

describe('castVote', () => {
  it('approves what one person may decide, audited vote and decision', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene, query);
    const answer = await vote(reviewerOf(scene), id, 'approve', { password: null, reason: '' });
    expect(answer).toEqual({ state: 'approved', approvals: 1, missing: 0 });
    expect(await auditOf(scene)).toEqual([
      'approval.requested',
      'approval.voted',
      'approval.approved',
    ]);
    await expect(vote(reviewerOf(scene, 1), id)).rejects.toEqual(refused('conflict'));
  });

  it('needs two distinct people for what is critical, each with password and reason', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene, pay);
    const [first, second] = [reviewerOf(scene), reviewerOf(scene, 1)];
    for (const change of [{ password: null }, { reason: '' }, { password: 'wrong password' }]) {
      const attempt = vote(first, id, 'approve', change);
      await expect(attempt).rejects.toEqual(refused('unprocessable'));
    }
    expect(await vote(first, id)).toEqual({ state: 'pending', approvals: 1, missing: 1 });
    await expect(vote(first, id)).rejects.toEqual(refused('conflict'));
    expect(await vote(second, id)).toEqual({ state: 'approved', approvals: 2, missing: 0 });
  });

  it('throttles wrong passwords like sign-ins', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene, pay);
    const guess = () => vote(reviewerOf(scene), id, 'approve', { password: 'wrong password' });
    for (let count = 0; count < 8; count += 1) {
      await expect(guess()).rejects.toEqual(refused('unprocessable'));
    }
    await expect(guess()).rejects.toEqual(refused('rate_limited'));
    await expect(vote(reviewerOf(scene), id)).rejects.toEqual(refused('rate_limited'));
  });

  it('takes one denial as a veto, with a reason that the agent is told', async () => {
    const scene = await makeHoldScene(bed);
    const { id, actionId } = await held(scene, pay);
    await vote(reviewerOf(scene), id);
    const deny = (reason: string) => vote(reviewerOf(scene, 1), id, 'deny', { reason });
    await expect(deny('')).rejects.toEqual(refused('unprocessable'));
    expect((await deny('no invoice')).state).toBe('denied');
    const told = await awaitDecision(scene.agentCtx, scene.tools, { id: actionId, waitSeconds: 0 });
    expect(told).toMatchObject({ state: 'denied', denyReason: 'no invoice' });
  });

  it('refuses a vote on anything else than was shown', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const attempt = vote(reviewerOf(scene), id, 'approve', { digest: 'sha-256:other' });
    await expect(attempt).rejects.toEqual(refused('args_mismatch'));
  });

  it.each<[string, (scene: HoldScene, voter: Ctx) => Promise<unknown>]>([
    [
      'owner, made so after the request',
      (scene, voter) => bed.admin`update agents
        set owner_user_id = ${uuidOf(personOf(voter).userId)}
        where id = ${uuidOf(scene.agent.id)}`,
    ],
    [
      'requester',
      (scene, voter) => bed.admin`update approvals
        set excluded = jsonb_set(excluded, '{requesters}', ${JSON.stringify([personOf(voter).email])}::text::jsonb)
        where tenant_id = ${uuidOf(scene.tenant.id)}`,
    ],
    [
      'maker of the key',
      (scene, voter) => bed.admin`update approvals
        set excluded = jsonb_set(excluded, '{keyCreators}', ${JSON.stringify([personOf(voter).email.toUpperCase()])}::text::jsonb)
        where tenant_id = ${uuidOf(scene.tenant.id)}`,
    ],
  ])('never counts the %s', async (_, involve) => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const voter = reviewerOf(scene);
    await involve(scene, voter);
    await expect(vote(voter, id)).rejects.toEqual(refused('self_approval'));
    expect((await readApprovalDetail(voter, id)).refusal?.sentence).toMatch(/somebody else/);
    expect((await vote(reviewerOf(scene, 1), id)).state).toBe('approved');
  });

  it('goes by the roles of this moment, not by those of the sign-in', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const voter = reviewerOf(scene);
    await bed.admin`update memberships set roles = '{admin}'
      where user_id = ${uuidOf(personOf(voter).userId)}`;
    await expect(vote(voter, id)).rejects.toEqual(refused('forbidden'));
    await bed.admin`delete from memberships where user_id = ${uuidOf(personOf(voter).userId)}`;
    await expect(vote(voter, id)).rejects.toEqual(refused('forbidden'));
  });

  it('stands still under a stop, and gets the time back', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const stop = await placeStopRow(bed, scene.tenant.id, 'agent', scene.agent.id);
    await expect(vote(reviewerOf(scene), id)).rejects.toEqual(refused('halted'));
    expect((await list(reviewerOf(scene))).items).toMatchObject([{ id, state: 'frozen' }]);
    // The request's half hour is long over, but nearly all of it was frozen.
    await bed.admin`update approvals set requested_at = requested_at - interval '2 hours',
      expires_at = expires_at - interval '2 hours' where id = ${uuidOf(id)}`;
    await bed.admin`update stops set placed_at = placed_at - interval '100 minutes'
      where id = ${uuidOf(stop)}`;
    await liftStopRow(bed, stop);
    expect((await vote(reviewerOf(scene), id)).state).toBe('approved');
  });

  it('refuses what has expired by the database’s clock', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    await bed.admin`update approvals set expires_at = clock_timestamp() where id = ${uuidOf(id)}`;
    await expect(vote(reviewerOf(scene), id)).rejects.toEqual(refused('expired'));
    expect((await list(reviewerOf(scene))).items).toEqual([]);
    expect((await list(reviewerOf(scene), { view: 'history' })).items).toMatchObject([
      { id, state: 'expired' },
    ]);
  });

  it('refuses what was in time when it was judged and late when it was written', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const approval = uuidOf(id);
    let voting: Promise<unknown> = Promise.resolve();
    await bed.admin.begin(async (tx) => {
      // Whoever has judged waits here to write.
      await tx`lock table votes in share mode`;
      await bed.admin`update approvals set expires_at = clock_timestamp() + interval '700 ms'
        where id = ${approval}`;
      voting = vote(reviewerOf(scene), id).catch((error: unknown) => error);
      await bed.admin`select pg_sleep_until(expires_at) from approvals where id = ${approval}`;
    });
    expect(await voting).toEqual(refused('expired'));
    expect(await bed.admin`select 1 from votes where approval_id = ${approval}`).toEqual([]);
    const [row] = await bed.admin`select result from approvals where id = ${approval}`;
    expect(row).toMatchObject({ result: 'pending' });
  });

  it('counts two votes at once one after the other', async () => {
    const scene = await makeHoldScene(bed, { reviewers: 4 });
    const { id } = await held(scene, pay);
    const results = await Promise.allSettled(scene.reviewers.map((reviewer) => vote(reviewer, id)));
    const states = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value.state] : []));
    expect(states.toSorted()).toEqual(['approved', 'pending']);
    const votes = await bed.admin`select 1 from votes where approval_id = ${uuidOf(id)}`;
    expect(votes).toHaveLength(2);
  });

  it('is for reviewers of the tenant alone', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const digest = (await readApprovalDetail(reviewerOf(scene), id)).digest;
    const cast = (ctx: Ctx) => castVote(ctx, { id, verdict: 'approve', reason: 'x', digest });
    const others: Role[] = ['viewer', 'analyst', 'responder', 'auditor', 'admin'];
    for (const actor of [
      await makePerson(bed, scene.tenant.id, others),
      keyActor('agent', scene.agent),
      keyActor('service'),
    ]) {
      const attempt = cast(makeCtx(bed.app, scene.tenant.id, actor));
      await expect(attempt).rejects.toEqual(refused('forbidden'));
    }
    const foreign = await makeHoldScene(bed);
    await expect(cast(reviewerOf(foreign))).rejects.toEqual(refused('not_found'));
  });
});

describe('askQuestion', () => {
  it('asks the agent, which answers once; both are kept with the request', async () => {
    const scene = await makeHoldScene(bed);
    const { id, actionId } = await held(scene);
    const question = await askQuestion(reviewerOf(scene), { id, text: 'Which invoice?' });
    const reply = (text: string) =>
      answerQuestion(scene.agentCtx, scene.tools, actionId, { questionId: question.id, text });
    await reply('That of bob@example.com');
    await expect(reply('another')).rejects.toEqual(refused('conflict'));
    const { questions } = await readApprovalDetail(reviewerOf(scene), id);
    expect(questions).toMatchObject([{ text: 'Which invoice?' }]);
    expect(questions[0]?.answer).toMatch(/That of \[EMAIL:/);
    const foreign = await makeHoldScene(bed);
    const attempt = askQuestion(reviewerOf(foreign), { id, text: 'x' });
    await expect(attempt).rejects.toEqual(refused('not_found'));
    expect(await auditOf(scene)).toEqual([
      'approval.requested',
      'approval.questioned',
      'approval.answered',
    ]);
  });
});

describe('readApprovalDetail', () => {
  it('tells what is registered of the tool, and whether that is what was judged', async () => {
    const scene = await makeHoldScene(bed);
    const [reviewer, tenant] = [reviewerOf(scene), uuidOf(scene.tenant.id)];
    const factsOf = async ({ id }: { id: string }) =>
      (await readApprovalDetail(reviewer, id)).toolFacts;
    const paid = await held(scene, pay);
    const money = { effectClass: 'money', reversibility: 4, isChanged: false };
    expect(await factsOf(paid)).toEqual({ ...money, declared: null });
    expect(await factsOf(await held(scene, { tool: 'unheard_of', args: {} }))).toBeNull();
    const schema = { type: 'object', properties: { recipient: {}, amount: {} } };
    await bed.admin`update tools set schema = ${bed.admin.json(schema)}
      where tenant_id = ${tenant} and name = 'send_money'`;
    expect(await factsOf(paid)).toEqual({ ...money, declared: ['amount', 'recipient'] });
    await bed.admin`update tools set load_bearing_fields = '{recipient}', reversibility = 0,
      updated_at = clock_timestamp() where tenant_id = ${tenant} and name = 'send_money'`;
    expect(await factsOf(paid)).toMatchObject({ declared: ['recipient'], isChanged: true });
    const stranger = await makeHoldScene(bed);
    await expect(readApprovalDetail(reviewerOf(stranger), paid.id)).rejects.toEqual(
      refused('not_found'),
    );
    await expect(readApprovalDetail(scene.enforcerCtx, paid.id)).rejects.toEqual(
      refused('forbidden'),
    );
  });
});

describe('listApprovals', () => {
  it('shows what expires next first, pages without loss, and counts', async () => {
    const scene = await makeHoldScene(bed);
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await held(scene)).id);
    const [voted = ''] = ids;
    await vote(reviewerOf(scene), voted);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(reviewerOf(scene), {
        limit: 2,
        cursor,
      });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(ids.slice(1));
    expect((await list(reviewerOf(scene), { view: 'history' })).items).toMatchObject([
      { id: voted, state: 'approved', approvals: 1, refusal: { code: 'closed' } },
    ]);
    expect(await countApprovals(reviewerOf(scene))).toEqual({ waiting: 4, mine: 4, isCut: false });
    const viewer = makeCtx(
      bed.app,
      scene.tenant.id,
      await makePerson(bed, scene.tenant.id, ['viewer']),
    );
    expect(await countApprovals(viewer)).toEqual({ waiting: 4, mine: 0, isCut: false });
    await expect(list(reviewerOf(scene), { cursor: 'x' })).rejects.toEqual(refused('bad_request'));
  });

  it('narrows by band, agent and tool', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene, query);
    await held(scene, pay);
    const idsOf = async (change: object) =>
      (await list(reviewerOf(scene), change)).items.map((item) => item.id);
    expect(await idsOf({ band: 'medium' })).toEqual([id]);
    expect(await idsOf({ tool: 'query_database' })).toEqual([id]);
    expect(await idsOf({ agent: 'payer' })).toHaveLength(2);
    expect(await idsOf({ agent: scene.agent.id })).toHaveLength(2);
    expect(await idsOf({ agent: 'other' })).toEqual([]);
  });
});
