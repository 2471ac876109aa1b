import { describe, expect, it } from 'vitest';
import { paymentScenarios } from '#db/scenarios/payments.ts';
import { scenarioTools } from '#db/scenarios/tools.ts';
import { addTool } from '#server/agents/add-tool.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { seedTools } from '#server/agents/seed-tools.ts';
import { listApprovals } from '#server/approvals/list-approvals.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { assembler } from '#server/telemetry/assemble-traces.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { makeReviewer, vote } from '#server/testing/hold-scene.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { seededRandom } from './fill-template.ts';
import { followControl, readServerSentEvents } from './follow-control.ts';
import { createHoldClient } from './hold-client.ts';
import { runPayment } from './run-payments.ts';

const bed = openTestDatabase();
const server = openTestWeb(bed);

async function makeScene(agent: string) {
  const tenant = await makeTenant(bed);
  const owner = makeCtx(bed.owner, tenant.id, cliActor);
  await withTransaction(owner, (tx) => seedTools(tx, owner));
  for (const tool of scenarioTools)
    await addTool(owner, { ...tool, loadBearingFields: null, argumentSchema: null });
  const { key } = await issueKey(owner, { kind: 'agent', name: 'demo', agent });
  const scenario = paymentScenarios.find((one) => one.agent === agent);
  if (!scenario) throw new Error(`no payments of ${agent}`);
  const reviewers: Ctx[] = [];
  for (let index = 0; index < 2; index += 1) {
    reviewers.push(makeCtx(bed.app, tenant.id, await makeReviewer(bed, tenant.id)));
  }
  const door = { url: server.url, key };
  const stopping = new AbortController();
  const shared = { door, instanceId: `${agent}-1`, stopped: stopping.signal };
  const control = followControl(shared);
  const run = () =>
    runPayment({
      ...shared,
      scenario,
      control,
      client: createHoldClient(door, stopping.signal),
      random: seededRandom(1),
      think: () => drainTail(bed, assembler),
      onPosted: () => undefined,
    });
  const waiting = async () => {
    const [reviewer] = reviewers;
    if (!reviewer) throw new Error('no reviewer');
    await expect
      .poll(
        async () => (await listApprovals(reviewer, { view: 'waiting', limit: 10 })).items.length,
        {
          timeout: 15_000,
        },
      )
      .toBe(1);
    const [item] = (await listApprovals(reviewer, { view: 'waiting', limit: 10 })).items;
    if (!item) throw new Error('nothing waits');
    return item;
  };
  const stateOf = async () =>
    bed.admin<{ tool: string; redeemed: boolean; status: string | null }[]>`
      select a.tool, p.redeemed_at is not null as redeemed, o.status from actions a
      left join permits p on p.action_id = a.id left join outcomes o on o.action_id = a.id
      where a.tenant_id = ${uuidOf(tenant.id)} order by a.decided_at`;
  return { tenant, reviewers, control, run, waiting, stateOf, end: () => stopping.abort() };
}

describe('the demo agent that asks before it pays', () => {
  it('looks up alone, waits for a person with its payment, and pays what was approved', async () => {
    const { reviewers, run, waiting, stateOf, end } = await makeScene('accounts-payable');
    const running = run();
    const held = await waiting();
    expect(held).toMatchObject({ tool: 'pay_supplier', band: 'high', needs: 1, refusal: null });
    const [reviewer] = reviewers;
    if (!reviewer) throw new Error('no reviewer');
    await vote(reviewer, held.id);
    expect(await running).toBe('paid');
    expect(await stateOf()).toEqual([
      { tool: 'get_invoice', redeemed: true, status: 'succeeded' },
      { tool: 'pay_supplier', redeemed: true, status: 'succeeded' },
    ]);
    end();
  });

  it('that was told to by an e-mail is held for two, and pays nothing that was denied', async () => {
    const { reviewers, run, waiting, stateOf, end } = await makeScene('supplier-inbox');
    const running = run();
    const held = await waiting();
    expect(held).toMatchObject({ band: 'critical', needs: 2, refusal: null });
    const [reviewer] = reviewers;
    if (!reviewer) throw new Error('no reviewer');
    await vote(reviewer, held.id, 'deny');
    expect(await running).toBe('refused');
    expect((await stateOf()).at(-1)).toEqual({
      tool: 'pay_supplier',
      redeemed: false,
      status: null,
    });
    end();
  });

  it('is connected, halts under a stop, says so, and goes on after the lift', async () => {
    const { tenant, reviewers, control, run, waiting, end } = await makeScene('accounts-payable');
    const running = run();
    const held = await waiting();
    const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
    const scope = { kind: 'agent', id: 'accounts-payable' } as const;
    const stop = await placeStop(responder, { scope, level: 1, reason: 'test' });
    await expect.poll(() => control.isHalted()).toBe(true);
    const answered = () => bed.admin`select state from stop_receipts
      where tenant_id = ${uuidOf(tenant.id)} and state = 'stopped'`;
    await expect.poll(async () => (await answered()).length).toBe(1);
    await liftStop(responder, stop.id, 'test over');
    await expect.poll(() => control.isHalted()).toBe(false);
    const [reviewer] = reviewers;
    if (!reviewer) throw new Error('no reviewer');
    await vote(reviewer, held.id);
    expect(await running).toBe('paid');
    end();
  });
});

describe('readServerSentEvents', () => {
  it('puts events together whatever the chunks', async () => {
    const text =
      'id: 1\nevent: state\ndata: {"a":\ndata: 1}\n\n: comment\n\nevent: ping\ndata: x\n\n';
    for (const size of [1, 7, text.length]) {
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const found = [];
      for await (const event of readServerSentEvents(toStream(chunks))) found.push(event);
      expect(found).toEqual([
        { event: 'state', data: '{"a":\n1}', id: '1' },
        { event: 'ping', data: 'x', id: null },
      ]);
    }
  });
});

async function* toStream(chunks: readonly Uint8Array[]) {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
