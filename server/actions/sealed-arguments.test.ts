import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { startWeb, type Web } from '#server/http/main.ts';
import type { Services } from '#server/kernel/services.ts';
import { assembler } from '#server/telemetry/assemble-traces.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { indexer } from '#server/telemetry/index-search.ts';
import {
  callOverHttp,
  type Caller,
  makeCallers,
  testPassword,
} from '#server/testing/authorisation-callers.ts';
import { fingerprintTenant } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { type HoldScene, makeHoldScene } from '#server/testing/hold-scene.ts';
import { type Look, lookForLeaks, lookInSearch } from '#server/testing/look-for-leaks.ts';
import { makeServices } from '#server/testing/make-services.ts';
import { spellingsOf } from '#server/testing/marker-spellings.ts';

const bed = openTestDatabase();
/** One word, so that search would keep it whole. */
const marker = `marker${randomBytes(12).toString('hex')}`;
const args = {
  path: `/home/${marker}.txt`,
  [marker]: [{ deep: marker }],
  content: `${marker} with a password: ${marker}-Hunter2!`,
};
/** What redaction knows: in words that are not sealed, an agent may well say it. */
const secret = `ghp_${randomBytes(18).toString('hex')}`;
const email = `${marker}@example.com`;
const spoken = `for ${email} with ${secret}`;
/** In the telemetry of the call, to be found. */
const beacon = `beacon${randomBytes(6).toString('hex')}`;
const traceId = randomBytes(16).toString('hex');
const spellings = [marker, secret].flatMap(spellingsOf);
const holdsMarker = (text: string) => spellings.some((spelling) => text.includes(spelling));

const world: {
  scene?: HoldScene;
  callers: Caller[];
  services?: Services;
  web?: Web;
  key?: string;
  logged: string[];
} = { callers: [], logged: [] };

const made = () => {
  const { scene, services, web, key } = world;
  if (!scene || !services || !web || !key) throw new Error('the world is not made yet');
  return { scene, services, url: `http://127.0.0.1:${web.port}`, key, web };
};

beforeAll(async () => {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      world.logged.push(chunk.toString());
      done();
    },
  });
  world.services = { ...makeServices(bed), log: pino({ level: 'trace' }, stream) };
  world.web = await startWeb({
    services: world.services,
    host: '127.0.0.1',
    port: 0,
    hasPages: false,
  });
  world.scene = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, world.scene.tenant.id, cliActor);
  const { key } = await issueKey(cli, { kind: 'agent', name: 'k', agent: 'payer', tools: [] });
  world.key = key;
  const served = { ...made() };
  world.callers = await makeCallers(bed, served, world.scene.tenant.id);
});
afterAll(async () => {
  await world.web?.close();
  await world.services?.db.$client.end();
});

async function post(
  path: string,
  body: unknown,
  idempotencyKey: string = randomBytes(6).toString('hex'),
) {
  const { url, key } = made();
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

const ask = (body: object | string, key?: string) => post('/api/v1/actions', body, key);

/** As a reviewer, over HTTP as the page does it. */
function asReviewer(path: string, input: unknown) {
  const { scene, ...served } = made();
  const caller = world.callers.find((one) => one.principal === 'reviewer');
  if (!caller) throw new Error('no reviewer');
  return callOverHttp(served, caller, {
    path,
    type: 'mutation',
    input,
    tenantSlug: scene.tenant.slug,
  });
}

const digestOf = async (approvalId: string) => {
  const [reviewer] = made().scene.reviewers;
  if (!reviewer) throw new Error('no reviewer');
  return (await readApprovalDetail(reviewer, approvalId)).digest;
};

async function readPermit(id: string) {
  const { url, key } = made();
  const answer = await fetch(`${url}/api/v1/actions/${id}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return (await answer.json()) as { permit: string; state: string };
}

/** Telemetry of the agent's calls, with what redaction is for in it. */
async function tell(id: string, change: object = {}) {
  const at = new Date().toISOString();
  const event = {
    id,
    traceId,
    sessionId: 's-1',
    kind: 'tool_call',
    name: 'write_file',
    status: 'ok',
    startedAt: at,
    endedAt: at,
    input: { to: email, token: secret },
    output: `${beacon} ${spoken}`,
    ...change,
  };
  const told = await post('/api/v1/events', { events: [event] });
  expect(told.status).toBe(200);
  await derive();
}

async function derive() {
  await drainTail(bed, assembler);
  await drainTail(bed, indexer);
}

const lookOf = ({ approvalIds, eventIds }: Held, words = [marker, secret, email]): Look => {
  const { scene, ...served } = made();
  return {
    served,
    callers: world.callers,
    tenantSlug: scene.tenant.slug,
    traceId,
    words,
    ids: { approval: approvalIds, agent: [scene.agent.id], trace: [traceId], event: eventIds },
    holds: holdsMarker,
  };
};

interface Held {
  readonly approvalIds: readonly string[];
  readonly eventIds: readonly string[];
}

/** Nothing of it in a row, a log line, on a screen, in search, an export or a door. */
async function expectNowhere(held: Held) {
  expect(holdsMarker(await fingerprintTenant(bed, made().scene.tenant.id))).toBe(false);
  expect(world.logged.filter(holdsMarker)).toEqual([]);
  expect(await lookForLeaks(lookOf(held))).toEqual([]);
}

describe('arguments of a held action', () => {
  const held = { id: '', approvalId: '' };

  it('are found nowhere while it is held: no table, no log line, nobody’s screen, no refusal', async () => {
    await tell('before');
    const asked = { tool: 'write_file', args, traceId, sessionId: 's-1', reason: spoken };
    const answer = await ask(asked, 'k');
    expect(answer.status).toBe(202);
    const { id, approval } = JSON.parse(answer.text) as { id: string; approval: { id: string } };
    Object.assign(held, { id, approvalId: approval.id });

    // Everything that can go wrong with such a request.
    const refusals = [
      await ask({ ...asked, args: { ...args, more: 1 } }, 'k'),
      await ask({ tool: 'write_file', args, [marker]: 1 }),
      await ask({ tool: 'write_file', args: marker }),
      await ask({ tool: { [marker]: marker }, args }),
      await ask(`{"tool":"write_file","args":{"${marker}":`),
      await ask({ tool: 'write_file', args, traceId: marker }),
      await ask({ tool: 'write_file', args, supersedes: 'act_none' }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([422, 400, 400, 400, 400, 400, 422]);
    expect(refusals.filter(({ text }) => holdsMarker(text))).toEqual([]);
    // A failure of the database in the midst of sealing is logged with its statement.
    await bed.admin.unsafe('revoke insert on sealed_arguments from signalbox_app');
    const failed = await ask({ tool: 'write_file', args });
    await bed.admin.unsafe('grant insert on sealed_arguments to signalbox_app');
    expect(failed.status).toBe(500);
    expect(world.logged.join('')).toContain('request failed');

    // A reviewer asks, and the agent says more than it should.
    const question = await asReviewer('approvals.ask', { id: approval.id, text: 'For whom?' });
    const questionId = /qst_[a-z0-9]+|"id":"([^"]+)"/.exec(question.text)?.[1] ?? '';
    const said = await post(`/api/v1/actions/${id}/answer`, { questionId, text: spoken });
    expect([said.status, holdsMarker(said.text)]).toEqual([200, false]);

    expect(await fingerprintTenant(bed, made().scene.tenant.id)).toContain('write_file');
    await expectNowhere({ approvalIds: [approval.id], eventIds: ['before'] });
  }, 120_000);

  it('are found nowhere after an edit, a redeem, what is told of the run, and a false block', async () => {
    const { id, approvalId } = held;
    const edited = { ...args, path: `/tmp/${marker}.md` };
    const edit = async (text: string) =>
      asReviewer('actions.edit', {
        id: approvalId,
        digest: await digestOf(approvalId),
        args: text,
        reason: 'not at home',
        password: testPassword,
      });
    for (const broken of [`{"path":"${marker}"`, `["${marker}"]`, `{"${marker}":1e999}`]) {
      // Whoever wrote it is told where it is broken; nobody else, and no log, which is looked at below.
      expect((await edit(broken)).code).not.toBe('ok');
    }
    expect(await edit(JSON.stringify(edited))).toMatchObject({ code: 'ok' });

    const { permit } = await readPermit(id);
    const redeem = (given: object) => post('/api/v1/permits/redeem', { permit, args: given });
    const wrong = await redeem(args);
    expect([wrong.status, holdsMarker(wrong.text)]).toEqual([409, false]);
    expect((await redeem(edited)).status).toBe(200);
    const outcome = await post(`/api/v1/actions/${id}/outcome`, {
      status: 'succeeded',
      result: { to: email, token: secret },
      executedArgs: edited,
    });
    expect([outcome.status, holdsMarker(outcome.text)]).toEqual([200, false]);
    await tell('call', { actionId: id, callId: 'c-1' });

    // Another one is denied, and the agent says that it should not have been.
    const denied = await ask({ tool: 'write_file', args });
    const other = JSON.parse(denied.text) as { id: string; approval: { id: string } };
    const digest = await digestOf(other.approval.id);
    const vote = { id: other.approval.id, verdict: 'deny', reason: 'no', digest };
    expect(await asReviewer('approvals.vote', vote)).toMatchObject({ code: 'ok' });
    const report = await post(`/api/v1/actions/${other.id}/false-block`, { reason: spoken });
    expect([report.status, holdsMarker(report.text)]).toEqual([200, false]);
    await expectNowhere({
      approvalIds: [approvalId, other.approval.id],
      eventIds: ['before', 'call'],
    });
  }, 120_000);

  it('would be found by this test, if they were there', async () => {
    const { scene } = made();
    // What may be found is found, and by whoever may search.
    expect(
      new Set(await lookInSearch(lookOf({ approvalIds: [], eventIds: [] }, [beacon]))),
    ).toEqual(
      new Set(
        ['viewer', 'analyst', 'reviewer', 'responder', 'auditor', 'admin', 'service key'].map(
          (one) => `search by ${one}`,
        ),
      ),
    );
    const { event, ...stored } = makeEvent(scene.agent, { traceId, name: marker });
    await createGroupCommit(bed.app.$client).store(scene.tenant.id, [{ ...stored, event }]);
    await derive();
    await bed.admin`update traces set title = ${marker}`;
    await bed.admin`update actions set reason = ${marker}
      where agent_id in (select id from agents where slug = 'payer') and tool = 'write_file'`;
    await bed.admin`update questions set answer = ${marker}`;
    expect(holdsMarker(await fingerprintTenant(bed, scene.tenant.id))).toBe(true);
    const leaks = await lookForLeaks(
      lookOf({ approvalIds: [held.approvalId], eventIds: [event.id] }),
    );
    expect(leaks).toEqual(
      expect.arrayContaining([
        'search by viewer',
        'approvals.get to viewer',
        'traces.list to viewer',
        'traces.get to viewer',
        'traces.events to viewer',
        'traces.event to viewer',
        'export traces to admin',
        `door traces/${traceId} to service key`,
      ]),
    );
  }, 120_000);
});
