import { describe, expect, it } from 'vitest';
import { redeemPermit } from '#server/actions/redeem-permit.ts';
import { changeAgent } from '#server/agents/change-agent.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import type { StopScope } from '#server/gate/contract.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask } from '#server/testing/hold-scene.ts';
import { makeHoldTools } from '#server/testing/hold-tools.ts';
import { makeLeaseScene } from '#server/testing/lease-scene.ts';
import { noteHeartbeat } from './note-heartbeat.ts';
import { readStopDetail } from './read-ladder.ts';
import { readPreview } from './read-preview.ts';

const bed = openTestDatabase();

/** What one agent has when the stop comes: work in flight, a permit, a request and a lease, of one session. */
interface Work {
  readonly permit: {
    readonly ctx: Ctx;
    readonly permit: string;
    readonly args: Record<string, unknown>;
  };
  readonly approvalId: string;
  readonly token: string;
}

async function makeScene() {
  const scene = await makeLeaseScene(bed);
  const tools = await makeHoldTools();
  const tenantId = scene.tenant.id;
  await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity, blast_radius,
      effect_class) values (${uuidOf(tenantId)}, ${uuidOf(newId('tool'))}, 'read_file', 0, 0, 0, 'read')`;
  const reviewer = makeCtx(bed.app, tenantId, await makePerson(bed, tenantId, ['reviewer']));
  await makePerson(bed, tenantId, ['reviewer']);
  const helper = await scene.keyOf({ agent: 'helper' });
  await changeAgent(scene.cli, { id: helper.agent?.id ?? '', environment: 'staging' });
  await scene.add({ name: 'letters', tool: 'send_letter', holders: ['helper'] });
  const allow = async (ctx: Ctx, sessionId: string, path: string) => {
    const args = { path };
    const { id, permit } = await ask(
      { agentCtx: ctx, tools },
      { tool: 'read_file', args, sessionId },
    );
    if (permit === null) throw new Error('it was not allowed');
    return { id, ctx, permit, args };
  };
  const work = async (ctx: Ctx, sessionId: string, leased: string): Promise<Work> => {
    const begun = await allow(ctx, sessionId, 'begun');
    await redeemPermit(ctx, tools, { permit: begun.permit, args: begun.args }, null);
    const permit = await allow(ctx, sessionId, 'waiting');
    const held = await ask({ agentCtx: ctx, tools }, { tool: 'send_letter', sessionId });
    const actionId = leased === 'read_file' ? permit.id : null;
    const { token } = await scene.take(ctx, { tool: leased, actionId });
    return { permit, approvalId: held.approval?.id ?? '', token };
  };
  const beat = (ctx: Ctx, instanceId: string) =>
    noteHeartbeat(ctx, { instanceId, capabilities: [], inFlight: [], sessions: [] });
  const works = [
    await work(scene.payer.ctx, 's-payer', 'read_file'),
    await work(helper.ctx, 's-helper', 'send_letter'),
  ];
  await beat(scene.payer.ctx, 'pod-1');
  await beat(scene.payer.ctx, 'pod-2');
  await beat(helper.ctx, 'pod-1');
  const isRefused = async ({ permit: { ctx, permit, args } }: Work) =>
    redeemPermit(ctx, tools, { permit, args }, null).then(
      () => false,
      (error: { code?: string }) => error.code === 'halted',
    );
  const isFrozen = async ({ approvalId }: Work) =>
    (await readApprovalDetail(reviewer, approvalId)).state === 'frozen';
  const asks = await scene.keyOf({
    kind: 'enforcer',
    agent: null,
    tools: ['read_file', 'send_letter'],
  });
  const isLive = async ({ token }: Work) => (await scene.ask(token, asks.ctx)).active;
  /** How many of the works something is true of. */
  const count = async (is: (one: Work) => Promise<boolean>) => {
    let found = 0;
    for (const one of works) if (await is(one)) found += 1;
    return found;
  };
  return { ...scene, tools, allow, count, isFrozen, isLive, isRefused };
}

const scopes: readonly (readonly [string, StopScope, { agents: number; inFlight: number }])[] = [
  ['tenant', { kind: 'tenant' }, { agents: 2, inFlight: 2 }],
  ['agent', { kind: 'agent', id: 'payer' }, { agents: 1, inFlight: 1 }],
  ['tree', { kind: 'tree', id: 'helper' }, { agents: 1, inFlight: 1 }],
  ['environment', { kind: 'environment', id: 'staging' }, { agents: 1, inFlight: 1 }],
  ['session', { kind: 'session', id: 's-payer' }, { agents: 2, inFlight: 1 }],
  ['tool', { kind: 'tool', id: 'send_letter' }, { agents: 2, inFlight: 0 }],
  ['credential', { kind: 'credential', id: 'files' }, { agents: 1, inFlight: 0 }],
];

describe('the preview of a stop', () => {
  it.each(scopes)('of a %s counts what the stop then does', async (_, scope, known) => {
    const scene = await makeScene();
    const { count, isFrozen, isLive, isRefused, responder } = scene;
    const preview = await readPreview(responder, scope);
    const liveBefore = await count(isLive);
    expect([liveBefore, await count(isFrozen)]).toEqual([2, 0]);
    const stop = await placeStop(responder, { scope, level: 1, reason: 'test' });
    const { ladder } = await readStopDetail(responder, stop.id);
    expect(preview).toMatchObject({
      ...known,
      agents: new Set(ladder.map((row) => row.agentId)).size,
      instances: ladder.length,
      pendingApprovals: await count(isFrozen),
      liveLeases: liveBefore - (await count(isLive)),
      livePermits: await count(isRefused),
    });
  });

  it('counts nothing that an earlier stop has ended for good', async () => {
    const { admin, responder, payer, allow, count, isLive, isRefused } = await makeScene();
    const stop = await placeStop(responder, {
      scope: { kind: 'agent', id: 'payer' },
      level: 1,
      reason: 'test',
    });
    await liftStop(admin, stop.id, 'test');
    const preview = await readPreview(responder, { kind: 'tenant' });
    expect(preview).toMatchObject({ livePermits: 1, liveLeases: 1, pendingApprovals: 2 });
    await allow(payer.ctx, 's-payer', 'after it');
    expect(await readPreview(responder, { kind: 'tenant' })).toMatchObject({ livePermits: 2 });
    expect([await count(isLive), await count(isRefused)]).toEqual([1, 1]);
  });

  it('is for people of the tenant, and of its own agents alone', async () => {
    const [scene, stranger] = [await makeScene(), await makeScene()];
    await expect(readPreview(scene.payer.ctx, { kind: 'tenant' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(
      readPreview(stranger.responder, { kind: 'agent', id: scene.payer.agent?.id ?? '' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    expect(await readPreview(stranger.responder, { kind: 'tenant' })).toMatchObject({ agents: 2 });
  });
});
