import { afterEach, describe, expect, it } from 'vitest';
import { placeStop } from '#server/gate/place-stop.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  keyActor,
  makeAgent,
  makeCtx,
  makeListeningWeb,
  makePerson,
  makeTenant,
} from '#server/testing/factories.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { answerStop } from './answer-stop.ts';
import { readStopDetail } from './read-ladder.ts';

const bed = openTestDatabase();

/** An instance under a stop of two minutes ago, last beating and last seen on its stream so many seconds ago. */
async function stepOf(
  beatAgo: number | null,
  streamAgo: number | null,
  capabilities = '{control}',
) {
  const tenant = await makeTenant(bed);
  const tenantId = uuidOf(tenant.id);
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const scope = { kind: 'agent', id: 'payer' } as const;
  const stop = await placeStop(ctx, { scope, level: 1, reason: 'test' });
  await bed.admin`update stops set placed_at = placed_at - interval '2 minutes'
    where tenant_id = ${tenantId}`;
  await bed.admin`insert into instance_beats
      (tenant_id, agent_id, instance_id, beat_at, stream_seen_at, capabilities)
    values (${tenantId}, ${uuidOf(agent.id)}, 'pod-1', now() - make_interval(secs => ${beatAgo}),
      now() - make_interval(secs => ${streamAgo}), ${capabilities})`;
  const [row] = (await readStopDetail(ctx, stop.id)).ladder;
  return row?.step;
}

afterEach(() => bed.admin`delete from processes`);

describe('the ladder of an instance that says nothing about the stop', () => {
  it.each<[string, number | null, number | null, string]>([
    ['beats, and has been silent', 1, null, 'quiet'],
    ['only follows a stream, and has been silent', null, 1, 'quiet'],
    // Its line was cut as the stop came; on our side the socket is open still.
    ['beats no more, however open its stream looks', 118, 1, 'unreachable'],
    ['was away for an hour when the stop came', 3720, null, 'unreachable'],
  ])('that %s', async (_, beatAgo, streamAgo, step) => {
    await makeListeningWeb(bed, 3600);
    expect(await stepOf(beatAgo, streamAgo)).toBe(step);
  });

  it('that beats no more, and had said that it halts itself then', async () => {
    await makeListeningWeb(bed, 3600);
    expect(await stepOf(118, 1, '{control,liveness}')).toBe('quiet');
  });

  it('while no web is known to have listened, or only since a moment', async () => {
    expect(await stepOf(1, null)).toBe('requested');
    await makeListeningWeb(bed, 3600);
    await makeListeningWeb(bed, 2);
    expect(await stepOf(1, null)).toBe('requested');
  });
});

describe('the ladder of a whole tenant', () => {
  it('calls an agent of which only the key was heard unconfirmed, and leaves out who was never there', async () => {
    const tenant = await makeTenant(bed);
    for (const slug of ['asking', 'long-gone', 'never-there'])
      await makeAgent(bed, tenant.id, slug);
    await bed.admin`insert into api_keys
        (tenant_id, id, kind, name, prefix, secret_hash, agent_id, created_by, last_used_at)
      select tenant_id, gen_random_uuid(), 'agent', slug, gen_random_uuid()::text, decode(md5(id::text), 'hex'), id, 'test',
        now() - case slug when 'asking' then interval '1 hour' else interval '3 days' end
      from agents where tenant_id = ${uuidOf(tenant.id)} and slug <> 'never-there'`;
    const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
    const wanted = { scope: { kind: 'tenant' }, level: 1, reason: 'test' } as const;
    const { ladder, counts } = await readStopDetail(ctx, (await placeStop(ctx, wanted)).id);
    expect(ladder).toMatchObject([
      {
        agent: 'asking',
        instanceId: '-',
        step: 'unconfirmed',
        evidence: expect.stringContaining('Its key was used'),
      },
    ]);
    expect(ladder[0]?.lastSeenAt).not.toBeNull();
    expect(counts).toMatchObject({ unconfirmed: 1, quiet: 0 });
  });
});

describe('the ladder of an instance that said it stopped', () => {
  it('forgets no work that began later, however much others have done since', async () => {
    const tenant = await makeTenant(bed);
    const agent = await makeAgent(bed, tenant.id, 'payer');
    const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
    const stop = await placeStop(ctx, { scope: { kind: 'tenant' }, level: 1, reason: 'test' });
    const key = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
    const answer = { stopId: stop.id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 } as const;
    await answerStop(key, answer);
    const stepNow = async () => (await readStopDetail(ctx, stop.id)).ladder[0]?.step;
    expect(await stepNow()).toBe('quiet');
    // Folded out of an event that is no longer among the newest of the log.
    await bed.admin`insert into agent_instances
        (tenant_id, agent_id, instance_id, first_seen_at, last_seen_at, last_started_at)
      values (${uuidOf(tenant.id)}, ${uuidOf(agent.id)}, 'pod-1', now(), now() + interval '9 seconds',
        now() + interval '9 seconds')`;
    expect(await stepNow()).toBe('acknowledged');
  });

  it.each([
    ['before the lift', '4 seconds', 'acknowledged'],
    ['after the lift', '6 seconds', 'quiet'],
  ])('judges work that began %s by its time, once it is over', async (_, began, step) => {
    const tenant = await makeTenant(bed);
    const agent = await makeAgent(bed, tenant.id, 'payer');
    const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
    const scope = { kind: 'agent', id: 'payer' } as const;
    const stop = await placeStop(ctx, { scope, level: 1, reason: 'test' });
    const key = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
    const answer = { stopId: stop.id, instanceId: 'pod-1', state: 'stopped', inFlight: 0 } as const;
    await answerStop(key, answer);
    const [times] = await bed.admin<{ at: Date }[]>`update stops
      set placed_at = now() - interval '9 seconds', acknowledged_at = now() - interval '9 seconds',
        lifted_at = now() - interval '4 seconds', state = 'lifted'
      where tenant_id = ${uuidOf(tenant.id)}
      returning placed_at + ${began}::interval as at`;
    await bed.admin`update stop_receipts set acknowledged_at = now() - interval '9 seconds'
      where tenant_id = ${uuidOf(tenant.id)}`;
    const startedAt = times?.at.toISOString() ?? '';
    const event = makeEvent(agent, { startedAt, instanceId: 'pod-1' });
    await createGroupCommit(bed.app.$client).store(tenant.id, [event]);
    expect((await readStopDetail(ctx, stop.id)).ladder[0]?.step).toBe(step);
  });
});
