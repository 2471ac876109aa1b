import { describe, expect, it } from 'vitest';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask, liftStopRow, makeHoldScene, placeStopRow, vote } from '#server/testing/hold-scene.ts';
import { actionListInput } from './contract.ts';
import { listActions } from './list-actions.ts';
import { redeemPermit } from './redeem-permit.ts';

const bed = openTestDatabase();
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

async function makeList() {
  const scene = await makeHoldScene(bed);
  const viewer = makeCtx(
    bed.app,
    scene.tenant.id,
    await makePerson(bed, scene.tenant.id, ['viewer']),
  );
  const list = (change: object = {}) => listActions(viewer, actionListInput.parse(change));
  return { scene, list };
}

describe('listActions', () => {
  it('shows each action in its state, with what followed it', async () => {
    const { scene, list } = await makeList();
    const allowed = await ask(scene, { tool: 'read_file', traceId });
    const held = await ask(scene, { tool: 'query_database', args: { sql: 'x' } });
    const [reviewer] = scene.reviewers;
    if (!reviewer || !held.approval || !allowed.permit) throw new Error('nothing to go on with');
    await vote(reviewer, held.approval.id);
    await redeemPermit(scene.agentCtx, scene.tools, { permit: allowed.permit, args: {} }, null);
    const { items, next } = await list();
    expect(next).toBeNull();
    expect(items).toMatchObject([
      {
        id: held.id,
        state: 'approved',
        approval: { id: held.approval.id, state: 'approved', votes: [{ verdict: 'approve' }] },
        permit: null,
        redeemed: null,
      },
      {
        id: allowed.id,
        state: 'redeemed',
        approval: null,
        permitState: 'redeemed',
        redeemed: { by: 'agent' },
        outcome: null,
        traceId,
      },
    ]);
    expect((await list({ traceId })).items.map(({ id }) => id)).toEqual([allowed.id]);
    expect((await list({ tool: 'query_database' })).items.map(({ id }) => id)).toEqual([held.id]);
    expect((await list({ agent: scene.agent.id })).items).toHaveLength(2);
    expect((await list({ agent: 'another' })).items).toEqual([]);
  });

  it('tells what a stop ended, under it and after its lift', async () => {
    const { scene, list } = await makeList();
    await ask(scene, { tool: 'read_file' });
    await ask(scene, { tool: 'query_database', args: { sql: 'x' } });
    const states = async () => (await list()).items.map(({ state }) => state);
    expect(await states()).toEqual(['held', 'allowed']);
    const stop = await placeStopRow(bed, scene.tenant.id, 'environment', 'production');
    expect(await states()).toEqual(['frozen', 'invalidated']);
    await liftStopRow(bed, stop);
    expect(await states()).toEqual(['held', 'invalidated']);
  });

  it('pages without losing or repeating one', async () => {
    const { scene, list } = await makeList();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1)
      ids.push((await ask(scene, { tool: 'read_file' })).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(ids.toReversed());
    await expect(list({ cursor: 'x' })).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('is for people of the tenant', async () => {
    const { scene } = await makeList();
    await ask(scene, { tool: 'read_file' });
    const input = actionListInput.parse({});
    const agent = makeCtx(bed.app, scene.tenant.id, keyActor('agent', scene.agent));
    await expect(listActions(agent, input)).rejects.toMatchObject({ code: 'forbidden' });
    const foreign = await makeList();
    expect((await foreign.list()).items).toEqual([]);
  });
});
