import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { settleKeyUses } from '#server/auth/authenticate-key.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { type Caller, makeCallers, testPassword } from '#server/testing/authorisation-callers.ts';
import { fingerprintTenant } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { ask, type HoldScene, makeHoldScene } from '#server/testing/hold-scene.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);
const read = { tool: 'read_file', args: { path: '/a' } };
const write = { tool: 'write_file', args: { path: '/a', content: 'x' } };
const query = { tool: 'query_database', args: { sql: 'select 1' } };

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

interface World {
  readonly scene: HoldScene;
  readonly callers: readonly Caller[];
  readonly key: string;
}
const holder: { world?: World } = {};

beforeAll(async () => {
  const scene = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, scene.tenant.id, cliActor);
  const { key } = await issueKey(cli, { kind: 'agent', name: 'a', agent: 'payer', tools: [] });
  holder.world = { scene, key, callers: await makeCallers(bed, served, scene.tenant.id) };
});

const world = (): World => {
  if (!holder.world) throw new Error('the world is made before the tests');
  return holder.world;
};

async function send(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, retryAfter, body: await answer.json() };
}

/** As the scene's agent, at a door. */
const asAgent = (path: string, body: unknown, idempotencyKey: string = randomUUID()) =>
  send(path, body, {
    authorization: `Bearer ${world().key}`,
    'idempotency-key': idempotencyKey,
  });

/** As somebody of this role or key. */
function as(principal: Caller['principal'], path: string, input: unknown) {
  const { callers, scene } = world();
  const caller = callers.find((one) => one.principal === principal);
  const isTrpc = !path.startsWith('/');
  const url = isTrpc ? `/api/trpc/${path}?tenant=${scene.tenant.slug}` : path;
  return send(url, isTrpc ? { json: input } : input, {
    ...caller?.headers,
    'x-signalbox-tenant': scene.tenant.slug,
    'sec-fetch-site': 'same-origin',
  });
}

/** Makes what a verb is done to, and answers how to do it; to be done again with the same request. */
type Verb = () => Promise<() => Promise<Answer>>;

const asked = (what: typeof read | typeof write | typeof query): Verb => {
  return async () => {
    const idempotencyKey = randomUUID();
    return () => asAgent('/api/v1/actions', what, idempotencyKey);
  };
};

const voted =
  (verdict: 'approve' | 'deny'): Verb =>
  async () => {
    const { scene } = world();
    const { approval } = await ask(scene, write);
    const [reviewer] = scene.reviewers;
    if (!reviewer || approval === null) throw new Error('nobody could approve');
    const { digest } = await readApprovalDetail(reviewer, approval.id);
    const input = { id: approval.id, verdict, reason: 'seen', digest, password: testPassword };
    return () => as('reviewer', 'approvals.vote', input);
  };

const verbs: Readonly<Record<string, Verb>> = {
  'a decision that allows': asked(read),
  'a decision that holds': asked(write),
  'a vote that approves': voted('approve'),
  'a vote that denies': voted('deny'),
  'a redeem': async () => {
    const { permit } = await ask(world().scene, read);
    const idempotencyKey = randomUUID();
    const body = { permit, args: read.args };
    return () => asAgent('/api/v1/permits/redeem', body, idempotencyKey);
  },
  'a stop by a service key': async () => {
    const scope = { kind: 'tool', id: `tool-${randomUUID()}` };
    return () => as('service key', '/api/v1/stops', { scope, level: 1, reason: 'looks hijacked' });
  },
  'a stop by a person': async () => {
    const scope = { kind: 'tool', id: `tool-${randomUUID()}` };
    return () => as('responder', 'stops.place', { scope, level: 1, reason: 'looks hijacked' });
  },
  'a lift': async () => {
    const { id } = await placeStop(makeCtx(bed.owner, world().scene.tenant.id, cliActor), {
      scope: { kind: 'tool', id: `tool-${randomUUID()}` },
      level: 1,
      reason: 'looks hijacked',
    });
    return () => as('responder', 'stops.lift', { id, reason: 'all is well' });
  },
};

/** Ways in which an audit row is not to be written; each is undone afterwards. */
const faults: Readonly<Record<string, { readonly begin: string; readonly end: string }>> = {
  'the table refuses it': {
    begin: `create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no row today'; end $$;
      create trigger refuse before insert on audit_log for each row execute function refuse();`,
    end: 'drop trigger refuse on audit_log; drop function refuse();',
  },
  'the login may not': {
    begin: 'revoke insert on audit_log from signalbox_app',
    end: 'grant insert on audit_log to signalbox_app',
  },
};

async function during<T>({ begin, end }: (typeof faults)[string], work: () => Promise<T>) {
  await bed.admin.unsafe(begin);
  try {
    return await work();
  } finally {
    await bed.admin.unsafe(end);
  }
}

/** All that is kept of the tenant, but when its keys were last used, which is no effect of a verb. */
async function keptOf() {
  const { id } = world().scene.tenant;
  await settleKeyUses(served.services.db);
  await bed.admin`update api_keys set last_used_at = null where tenant_id = ${uuidOf(id)}`;
  return fingerprintTenant(bed, id);
}

describe('no audit, no action', () => {
  it.each(
    Object.entries(verbs).flatMap(([name, verb]) =>
      Object.entries(faults).map(([why, fault]) => [name, why, verb, fault] as const),
    ),
  )('keeps nothing of %s and says 503 when %s', async (_, _why, verb, fault) => {
    const act = await verb();
    const before = await keptOf();
    const refused = await during(fault, act);
    expect(refused).toMatchObject({ status: 503, retryAfter: '2' });
    expect(JSON.stringify(refused.body)).toMatch(/store.unavailable/);
    expect(JSON.stringify(refused.body)).not.toMatch(/audit_log|no row today|permission denied/);
    expect(await keptOf()).toBe(before);
    // The very same request goes through once it can be recorded, and leaves its row.
    expect((await act()).status).toBeLessThan(300);
    expect(await keptOf()).not.toBe(before);
  });
});
