import { describe, expect, it } from 'vitest';
import { changeAgent } from '#server/agents/change-agent.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { setStopFile } from '#server/gate/stop-file.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { ask, holdPassword, placeStopRow, vote } from '#server/testing/hold-scene.ts';
import { type KeyedScene, makeKeyedScene } from '#server/testing/keyed-scene.ts';
import { awaitDecision } from './await-decision.ts';
import { editAction } from './edit-action.ts';
import { redeemPermit } from './redeem-permit.ts';

const bed = openTestDatabase();
const args = { path: '/a', content: 'x' };
const written = { tool: 'write_file', args, sessionId: 's-1' };
const read = { tool: 'read_file', args: {}, sessionId: 's-1' };

const reviewerOf = ({ reviewers }: KeyedScene): Ctx => {
  const [first] = reviewers;
  if (!first) throw new Error('a reviewer expected');
  return first;
};

async function hold(scene: KeyedScene, wish: Parameters<typeof ask>[1] = written) {
  const held = await ask(scene, wish);
  if (held.approval === null) throw new Error(`not held: ${held.state}`);
  return { id: held.id, approvalId: held.approval.id };
}

const permitOf = async (scene: KeyedScene, id: string) =>
  (await awaitDecision(scene.agentCtx, scene.tools, { id, waitSeconds: 0 })).permit;

async function approve(scene: KeyedScene, approvalId: string): Promise<void> {
  await vote(reviewerOf(scene), approvalId);
}

async function edit(scene: KeyedScene, approvalId: string, next: object): Promise<void> {
  const { digest } = await readApprovalDetail(reviewerOf(scene), approvalId);
  const change = { args: JSON.stringify(next), reason: 'less', password: holdPassword };
  await editAction(reviewerOf(scene), scene.tools, { id: approvalId, digest, ...change });
}

/** What is there before the state changes, and the step that would issue or use something after it. */
type Path = (scene: KeyedScene) => Promise<() => Promise<unknown>>;

/** Every way by which an agent comes to a permit, or has one honoured. */
const paths: Readonly<Record<string, Path>> = {
  'an allowed ask': async (scene) => async () => (await ask(scene, read)).permit,
  'the repeat of an allowed ask': async (scene) => {
    await ask(scene, read, 'k');
    return async () => (await ask(scene, read, 'k')).permit;
  },
  'an ask that replaces a held one': async (scene) => {
    const { id } = await hold(scene);
    return async () => (await ask(scene, { ...read, supersedes: id })).permit;
  },
  'waiting for what was approved': async (scene) => {
    const { id, approvalId } = await hold(scene);
    await approve(scene, approvalId);
    return () => permitOf(scene, id);
  },
  'waiting for what was edited and approved': async (scene) => {
    const { id, approvalId } = await hold(scene);
    await edit(scene, approvalId, { ...args, content: 'y' });
    await approve(scene, approvalId).catch(() => undefined);
    return () => permitOf(scene, id);
  },
  'the approved one asked for again': async (scene) => {
    const held = await ask(scene, written, 'k');
    await approve(scene, held.approval?.id ?? '');
    await permitOf(scene, held.id);
    return async () => (await ask(scene, written, 'k')).permit;
  },
  'a permit fetched a second time': async (scene) => {
    const { id, approvalId } = await hold(scene);
    await approve(scene, approvalId);
    await permitOf(scene, id);
    return () => permitOf(scene, id);
  },
  'a redeem by the agent': async (scene) => {
    const { id, approvalId } = await hold(scene);
    await approve(scene, approvalId);
    const permit = (await permitOf(scene, id)) ?? '';
    return async () =>
      (await redeemPermit(scene.agentCtx, scene.tools, { permit, args }, null)).redeemed;
  },
  'a redeem by the enforcer': async (scene) => {
    const { id, approvalId } = await hold(scene);
    await approve(scene, approvalId);
    const permit = (await permitOf(scene, id)) ?? '';
    return async () =>
      (await redeemPermit(scene.enforcerCtx, scene.tools, { permit, args }, null)).redeemed;
  },
};

const endKey = (scene: KeyedScene, change: 'revoked' | 'expired') => {
  const keys = [scene.agentKey.keyId, scene.enforcer.keyId].map(uuidOf);
  return change === 'revoked'
    ? bed.admin`update api_keys set revoked_at = now() where id in ${bed.admin(keys)}`
    : bed.admin`update api_keys set expires_at = clock_timestamp() where id in ${bed.admin(keys)}`;
};

/** In what an agent obtains nothing. */
const states: Readonly<Record<string, (scene: KeyedScene) => Promise<unknown>>> = {
  'the agent is disabled': ({ cli, agent }) =>
    changeAgent(cli, { id: agent.id, state: 'disabled' }),
  'its key is revoked': (scene) => endKey(scene, 'revoked'),
  'its key has expired': (scene) => endKey(scene, 'expired'),
  'everything is stopped': ({ tenant }) => placeStopRow(bed, tenant.id, 'tenant', 'all'),
  'the agent is stopped': ({ tenant, agent }) => placeStopRow(bed, tenant.id, 'agent', agent.id),
  'its environment is stopped': ({ tenant }) =>
    placeStopRow(bed, tenant.id, 'environment', 'production'),
  'its session is stopped': ({ tenant }) => placeStopRow(bed, tenant.id, 'session', 's-1'),
  'its tools are stopped': ({ tenant }) =>
    Promise.all(
      ['read_file', 'write_file'].map((name) => placeStopRow(bed, tenant.id, 'tool', name)),
    ),
  'the stop file is there': async () => {
    setStopFile(import.meta.filename);
  },
};

const nothing = /^(null|false|unauthenticated|forbidden|halted|agent_disabled|denied)$/;

/** What came of it: a permit, a redeem, or the code of the refusal. */
const outcomeOf = (step: () => Promise<unknown>): Promise<string> =>
  step().then(
    (found) => (found === null || found === false ? String(found) : 'obtained'),
    (error: { code?: string }) => error.code ?? 'a fault without a code',
  );

describe.each(Object.entries(paths))('%s', (_path, prepare) => {
  it('obtains while nothing speaks against it', async () => {
    const scene = await makeKeyedScene(bed);
    expect(await outcomeOf(await prepare(scene))).toBe('obtained');
  });

  it.each(Object.entries(states))('obtains nothing when %s', async (_state, change) => {
    const scene = await makeKeyedScene(bed);
    const step = await prepare(scene);
    const before = await bed.admin`select count(*)::int as permits,
        count(redeemed_at)::int as redeemed from permits where tenant_id = ${uuidOf(scene.tenant.id)}`;
    try {
      await change(scene);
      expect(await outcomeOf(step)).toMatch(nothing);
    } finally {
      setStopFile(null);
    }
    // Nothing was issued behind the refusal either.
    const after = await bed.admin`select count(*)::int as permits,
        count(redeemed_at)::int as redeemed from permits where tenant_id = ${uuidOf(scene.tenant.id)}`;
    expect(after).toEqual(before);
  });
});
