import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { changeAgent } from '#server/agents/change-agent.ts';
import { forgetKeyVerdicts } from '#server/auth/authenticate-key.ts';
import { revokeKey } from '#server/auth/revoke-key.ts';
import { containAgent } from '#server/containment/contain/begin-containment.ts';
import { containInput } from '#server/containment/contain/contract.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { makeLeaseScene } from '#server/testing/lease-scene.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

/** What the agent has in hand before its state changes, and the ways to every door. */
async function makeScene() {
  const scene = await makeLeaseScene(bed);
  await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity, blast_radius,
      effect_class) values (${uuidOf(scene.tenant.id)}, ${uuidOf(newId('tool'))}, 'read_file',
      0, 0, 0, 'read')`;
  const call = (key: string, path: string, init: RequestInit = {}) =>
    fetch(`${served.url}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${key}`,
        'idempotency-key': randomUUID(),
        ...(init.headers as Readonly<Record<string, string>>),
      },
    });
  const post = (key: string, path: string, body: unknown, headers = {}) =>
    call(key, path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const idempotencyKey = randomUUID();
  const ask = (headers = {}) =>
    post(scene.payer.key, '/api/v1/actions', { tool: 'read_file', args: {} }, headers);
  const first = (await (await ask({ 'idempotency-key': idempotencyKey })).json()) as {
    id: string;
    permit: string;
  };
  const lease = await scene.take();
  const jwt = await scene.take(scene.payer.ctx, { tokenFormat: 'jwt' });
  return { ...scene, call, post, ask, first, idempotencyKey, lease, jwt };
}
type Scene = Awaited<ReturnType<typeof makeScene>>;

const permitIn = async (answer: Response) => {
  const body = (await answer.json()) as { permit?: string | null };
  return answer.ok && typeof body.permit === 'string' ? 'obtained' : String(answer.status);
};
const statusOf = (answer: Response) => (answer.ok ? 'obtained' : String(answer.status));
const introspected = async (answer: Response) => {
  if (!answer.ok) return String(answer.status);
  return ((await answer.json()) as { active: boolean }).active ? 'obtained' : 'inactive';
};
const form = (scene: Scene, { token } = scene.lease) => ({
  method: 'POST',
  body: new URLSearchParams({ token }),
});

/** Every way by which something is issued to an agent, refreshed for it, or told to it. */
const paths: Readonly<Record<string, (scene: Scene) => Promise<string>>> = {
  'a new action': async ({ ask }) => permitIn(await ask()),
  'the same action again': async ({ ask, idempotencyKey }) =>
    permitIn(await ask({ 'idempotency-key': idempotencyKey })),
  'an earlier action, read': async ({ call, payer, first }) =>
    permitIn(await call(payer.key, `/api/v1/actions/${first.id}`)),
  'a redeem by itself': async ({ post, payer, first }) =>
    statusOf(await post(payer.key, '/api/v1/permits/redeem', { permit: first.permit, args: {} })),
  'a redeem by its enforcer': async ({ post, enforcer, first }) =>
    statusOf(
      await post(enforcer.key, '/api/v1/permits/redeem', { permit: first.permit, args: {} }),
    ),
  'a new lease': async ({ post, payer }) =>
    statusOf(await post(payer.key, '/api/v1/leases', { tool: 'read_file', scopes: ['read'] })),
  'a lease for an action': async ({ post, payer, first }) =>
    statusOf(
      await post(payer.key, '/api/v1/leases', {
        tool: 'read_file',
        scopes: ['read'],
        actionId: first.id,
      }),
    ),
  'a new lease as a JWT': async ({ post, payer }) =>
    statusOf(
      await post(payer.key, '/api/v1/leases', {
        tool: 'read_file',
        scopes: ['read'],
        tokenFormat: 'jwt',
      }),
    ),
  'an earlier lease as a JWT, introspected by its enforcer': async (scene) =>
    introspected(await scene.call(scene.enforcer.key, '/oauth/introspect', form(scene, scene.jwt))),
  'an earlier lease, introspected by itself': async (scene) =>
    introspected(await scene.call(scene.payer.key, '/oauth/introspect', form(scene))),
  'an earlier lease, introspected by its enforcer': async (scene) =>
    introspected(await scene.call(scene.enforcer.key, '/oauth/introspect', form(scene))),
  'the control stream': async ({ call, payer }) => {
    const answer = await call(payer.key, '/api/v1/control?instanceId=pod-1');
    await answer.body?.cancel();
    return statusOf(answer);
  },
  'a heartbeat': async ({ post, payer }) => {
    const answer = await post(payer.key, '/api/v1/heartbeat', { instanceId: 'pod-1' });
    if (!answer.ok) return String(answer.status);
    return ((await answer.json()) as { halted: boolean }).halted ? 'halted' : 'obtained';
  },
};

/** The states of an agent and of its key, and what each path answers where it is not the rule. */
const states: Readonly<
  Record<
    string,
    {
      readonly change: (scene: Scene) => Promise<unknown>;
      readonly rule: RegExp;
      readonly but?: Readonly<Record<string, RegExp>>;
    }
  >
> = {
  'as it should be': { change: async () => undefined, rule: /^obtained$/ },
  'the agent is disabled': {
    change: ({ cli, payer }) => changeAgent(cli, { id: payer.agent?.id ?? '', state: 'disabled' }),
    rule: /^401$/,
    but: {
      'a redeem by its enforcer': /^403$/,
      'an earlier lease, introspected by its enforcer': /^inactive$/,
      'an earlier lease as a JWT, introspected by its enforcer': /^inactive$/,
    },
  },
  'the agent is contained': {
    change: ({ responder }) =>
      containAgent(responder, containInput.parse({ agent: 'payer', reason: 'test' })),
    rule: /^401$/,
    but: {
      'a redeem by its enforcer': /^423$/,
      'an earlier lease, introspected by its enforcer': /^inactive$/,
      'an earlier lease as a JWT, introspected by its enforcer': /^inactive$/,
    },
  },
  'the agent is stopped': {
    change: ({ responder }) =>
      placeStop(responder, {
        scope: { kind: 'agent', id: 'payer' },
        level: 1,
        reason: 'test',
      }),
    rule: /^423$/,
    but: {
      // It may know what it asked for; the permit in it is dead.
      'an earlier action, read': /^200$/,
      'an earlier lease, introspected by itself': /^inactive$/,
      'an earlier lease, introspected by its enforcer': /^inactive$/,
      'an earlier lease as a JWT, introspected by its enforcer': /^inactive$/,
      // Through these it hears of the stop.
      'the control stream': /^obtained$/,
      'a heartbeat': /^halted$/,
    },
  },
  'its key is revoked': {
    change: ({ cli, payer }) => revokeKey(cli, payer.id),
    rule: /^401$/,
    but: {
      // The permit was granted to the agent: exchanging its key voids nothing that was approved.
      'a redeem by its enforcer': /^obtained$/,
      'an earlier lease, introspected by its enforcer': /^inactive$/,
      'an earlier lease as a JWT, introspected by its enforcer': /^inactive$/,
    },
  },
  'its key has expired': {
    change: ({ payer }) =>
      bed.admin`update api_keys set expires_at = now() - interval '1 second'
        where id = ${uuidOf(payer.id)}`,
    rule: /^401$/,
    but: {
      'a redeem by its enforcer': /^obtained$/,
      'an earlier lease, introspected by its enforcer': /^inactive$/,
      'an earlier lease as a JWT, introspected by its enforcer': /^inactive$/,
    },
  },
};

describe.each(Object.entries(states))('%s', (_state, { change, rule, but }) => {
  it.each(Object.entries(paths))('%s', async (name, path) => {
    const scene = await makeScene();
    await change(scene);
    // A door remembers a key for `limits.keyVerdictMs` at most; this is after that.
    forgetKeyVerdicts(served.services.db);
    expect(await path(scene)).toMatch(but?.[name] ?? rule);
  });
});

it('names no path in an exception that is not in the table', () => {
  for (const { but } of Object.values(states)) {
    for (const name of Object.keys(but ?? {})) expect(Object.keys(paths)).toContain(name);
  }
});

it('ends a stream that is open when its agent is contained', async () => {
  const scene = await makeScene();
  const stream = await scene.call(scene.payer.key, '/api/v1/control?instanceId=pod-1');
  const told: string[] = [];
  const decoder = new TextDecoder();
  const reading = (async () => {
    for await (const chunk of stream.body ?? []) told.push(decoder.decode(chunk as Uint8Array));
  })();
  await containAgent(scene.responder, containInput.parse({ agent: 'payer', reason: 'test' }));
  // Over by itself: the server ends it, and the agent has heard of the stop before.
  await reading;
  const text = told.join('');
  expect(text.indexOf('event: stop')).toBeGreaterThan(-1);
  expect(text.indexOf('event: revoke')).toBeGreaterThan(text.indexOf('event: stop'));
});
