import { describe, expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask, makeHoldScene, vote } from '#server/testing/hold-scene.ts';
import { decisionCountsSchema, traceActionsSchema } from './contract.ts';
import { readDecisionCounts } from './read-decision-counts.ts';
import { readTraceActions } from './read-trace-actions.ts';
import { redeemPermit } from './redeem-permit.ts';
import { reportOutcome } from './report-outcome.ts';

const bed = openTestDatabase();
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const marker = 'DE89370400440532013000';
const pay = { tool: 'send_money', args: { recipient: marker, amount: 100 }, traceId };

async function makeScene() {
  const scene = await makeHoldScene(bed);
  const viewer = await makePerson(bed, scene.tenant.id, ['viewer']);
  return { ...scene, viewer: makeCtx(bed.app, scene.tenant.id, viewer) };
}

describe('readTraceActions', () => {
  it('tells what came of each action of the trace, oldest first, and no argument', async () => {
    const scene = await makeScene();
    const read = await ask(scene, { tool: 'read_file', args: { path: marker }, traceId });
    const body = { permit: read.permit ?? '', args: { path: marker } };
    await redeemPermit(scene.agentCtx, scene.tools, body, null);
    await reportOutcome(scene.agentCtx, scene.tools, read.id, { status: 'succeeded' });
    const held = await ask(scene, pay);
    await ask(scene, { tool: 'read_file', args: { path: '/else' } });

    const answer = await readTraceActions(scene.viewer, traceId);
    expect(() => traceActionsSchema.parse(answer)).not.toThrow();
    expect(answer.isCut).toBe(false);
    expect(answer.items).toMatchObject([
      { id: read.id, decision: 'allow', approvalId: null, resolved: null },
      { id: held.id, decision: 'hold', approvalId: held.approval?.id, permits: [], outcome: null },
    ]);
    expect(answer.items[0]?.permits).toHaveLength(1);
    expect(answer.items[0]?.permits[0]?.redeemedAt).not.toBeNull();
    expect(answer.items[0]?.outcome?.status).toBe('succeeded');
    expect(JSON.stringify(answer)).not.toContain(marker);
  });

  it('tells how an approval ended', async () => {
    const scene = await makeScene();
    const held = await ask(scene, pay);
    const [reviewer] = scene.reviewers;
    if (!reviewer || !held.approval) throw new Error('no reviewer or no approval');
    await vote(reviewer, held.approval.id, 'deny');
    const [item] = (await readTraceActions(scene.viewer, traceId)).items;
    expect(item?.resolved?.state).toBe('denied');
  });

  it('shows nothing of another tenant, and nothing to a key', async () => {
    const mine = await makeScene();
    const other = await makeScene();
    await ask(mine, pay);
    expect((await readTraceActions(other.viewer, traceId)).items).toEqual([]);
    const service = makeCtx(bed.app, mine.tenant.id, keyActor('service'));
    await expect(readTraceActions(service, traceId)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('readDecisionCounts', () => {
  const span = {
    from: '2026-11-22T08:00:00.000Z',
    until: '2026-11-22T10:00:00.000Z',
    stepMinutes: 60,
  } as const;

  it('counts by step and decision, the end excluded, within its tenant', async () => {
    const scene = await makeScene();
    const other = await makeScene();
    const times = ['07:59:59.999', '08:00:00', '08:59:59.999', '09:00:00', '10:00:00'];
    for (const time of times) {
      const { id } = await ask(scene, { tool: 'read_file', args: {} });
      await bed.admin`update actions set decided_at = ${`2026-11-22T${time}Z`}
        where id = ${uuidOf(id)}`;
    }
    const held = await ask(scene, pay);
    await bed.admin`update actions set decided_at = '2026-11-22T09:30:00Z'
      where id = ${uuidOf(held.id)}`;
    const counts = await readDecisionCounts(scene.viewer, span);
    expect(() => decisionCountsSchema.parse(counts)).not.toThrow();
    expect(
      counts.items.map((item) => [item.at.slice(11, 13), item.decision, item.actions]),
    ).toEqual([
      ['08', 'allow', 2],
      ['09', 'allow', 1],
      ['09', 'hold', 1],
    ]);
    expect((await readDecisionCounts(other.viewer, span)).items).toEqual([]);
  });

  it('bounds the steps and refuses keys', async () => {
    const { viewer, tenant } = await makeScene();
    const long = { ...span, from: '2020-01-01T00:00:00.000Z', stepMinutes: 1 as const };
    await expect(readDecisionCounts(viewer, long)).rejects.toMatchObject({ code: 'bad_request' });
    const service = makeCtx(bed.app, tenant.id, keyActor('service'));
    await expect(readDecisionCounts(service, span)).rejects.toMatchObject({ code: 'forbidden' });
  });
});
