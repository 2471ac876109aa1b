import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import type { Actor } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { startPosition } from '#server/telemetry/position.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeDraft } from '#server/testing/event-factory.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import type { NormalisedEvent } from './contract.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { createIngest, flagSkew } from './store-events.ts';

const bed = openTestDatabase();

const normalised = (...drafts: Partial<EventDraft>[]): NormalisedEvent[] =>
  drafts.map((draft, index) => ({
    draft: makeDraft(draft),
    isAgentExplicit: (draft.agent ?? null) !== null,
    spawned: draft.kind === 'spawn' ? (draft.name ?? null) : null,
    index,
  }));

async function makeScene(actor?: Actor) {
  const tenant = await makeTenant(bed);
  const ingest = createIngest({
    commit: createGroupCommit(bed.app.$client),
    derivationKey: randomBytes(32),
    readCanaries: async () => null,
    readKept: async () => null,
  });
  return {
    tenantId: tenant.id,
    ingest,
    ctx: makeCtx(bed.app, tenant.id, actor ?? keyActor('ingest')),
  };
}

describe('whose event it is', () => {
  it('registers an agent that an ingest key names first, audited, and only claims it', async () => {
    const { ctx, ingest, tenantId } = await makeScene();
    const answer = await ingest.store(
      ctx,
      normalised({ agent: 'new-bot' }, { agent: 'new-bot' }),
      'reject',
    );
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0, rejected: [] });
    await settleLog(bed);
    const tail = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(tail.map((event) => [event.agentSlug, event.identity])).toEqual([
      ['new-bot', 'claimed'],
      ['new-bot', 'claimed'],
    ]);
    const audit = await bed.admin`select action, cause, detail from audit_log
      where tenant_id = ${uuidOf(tenantId)}`;
    expect(audit).toEqual([
      {
        action: 'agent.registered',
        cause: 'first named by telemetry',
        detail: { slug: 'new-bot' },
      },
    ]);
  });

  it('registers one agent once when sixteen batches race', async () => {
    const { ctx, tenantId } = await makeScene();
    const ingests = Array.from({ length: 16 }, () =>
      createIngest({
        commit: createGroupCommit(bed.app.$client),
        derivationKey: randomBytes(32),
        readCanaries: async () => null,
        readKept: async () => null,
      }),
    );
    await Promise.all(
      ingests.map((ingest) => ingest.store(ctx, normalised({ agent: 'racing-bot' }), 'reject')),
    );
    const rows = await bed.admin`select slug from agents where tenant_id = ${uuidOf(tenantId)}`;
    expect(rows).toEqual([{ slug: 'racing-bot' }]);
  });

  it('takes an agent key’s own name, its id or none, and refuses another one by name', async () => {
    const scene = await makeScene();
    const agent = await makeAgent(bed, scene.tenantId, 'own-bot');
    const ctx = makeCtx(bed.app, scene.tenantId, keyActor('agent', agent));
    const answer = await scene.ingest.store(
      ctx,
      normalised(
        { agent: null },
        { agent: 'own-bot' },
        { agent: agent.id },
        { agent: 'other-bot' },
      ),
      'reject',
    );
    expect(answer.accepted).toBe(3);
    expect(answer.rejected).toEqual([
      { index: 3, code: 'agent_mismatch', detail: expect.stringContaining('own-bot') },
    ]);
  });

  it('keeps who started whom, verified by the parent’s own key and claimed by others', async () => {
    const scene = await makeScene();
    const parent = await makeAgent(bed, scene.tenantId, 'parent-bot');
    const own = makeCtx(bed.app, scene.tenantId, keyActor('agent', parent));
    const spawn = { kind: 'spawn', agent: 'parent-bot' } as const;
    const named = normalised({ ...spawn, name: 'child-bot' }, { ...spawn, name: null });
    expect(await scene.ingest.store(own, named, 'reject')).toMatchObject({ accepted: 2 });
    const claimed = normalised({ ...spawn, name: 'other-bot' });
    await scene.ingest.store(scene.ctx, [...claimed, ...claimed], 'reject');
    const rows = await bed.admin`select p.slug as parent, c.slug as child, s.is_verified
      from spawns s join agents p on p.id = s.parent_id join agents c on c.id = s.child_id
      where s.tenant_id = ${uuidOf(scene.tenantId)} order by c.slug`;
    expect(rows).toEqual([
      { parent: 'parent-bot', child: 'child-bot', is_verified: true },
      { parent: 'parent-bot', child: 'other-bot', is_verified: false },
    ]);
    const unknown = normalised({ ...spawn, name: 'agt_01m81vm9psecxbpez8t2a6s64t' });
    expect((await scene.ingest.store(own, unknown, 'reject')).rejected).toMatchObject([
      { code: 'not_found' },
    ]);
  });

  it('stops the tree of an agent that starts one under a stop, known before or not', async () => {
    const scene = await makeScene();
    const parent = await makeAgent(bed, scene.tenantId, 'parent-bot');
    const startedAt = '2126-01-01T00:00:00.000Z';
    const spawn = (name: string) =>
      scene.ingest.store(
        scene.ctx,
        normalised({ kind: 'spawn', agent: 'parent-bot', name, startedAt }),
        'reject',
      );
    await spawn('helper-bot');
    const responder = await makePerson(bed, scene.tenantId, ['responder']);
    await placeStop(makeCtx(bed.app, scene.tenantId, responder), {
      scope: { kind: 'agent', id: parent.id },
      level: 2,
      reason: 'test',
    });
    expect(await spawn('helper-bot')).toMatchObject({ accepted: 1 });
    const stopped = await bed.admin`select scope_label, level from stops
      where tenant_id = ${uuidOf(scene.tenantId)} and scope_kind = 'tree'`;
    expect(stopped).toEqual([{ scope_label: 'parent-bot', level: 2 }]);
  });

  it('rejects an event of an ingest key that names no agent, and an unknown id, alone', async () => {
    const { ctx, ingest } = await makeScene();
    const answer = await ingest.store(
      ctx,
      normalised({ agent: null }, { agent: 'agt_01m81vm9psecxbpez8t2a6s64t' }, { agent: 'fine' }),
      'reject',
    );
    expect(answer.accepted).toBe(1);
    expect(answer.rejected.map((one) => [one.index, one.code])).toEqual([
      [0, 'unprocessable'],
      [1, 'not_found'],
    ]);
  });

  it('is nobody’s who may not post: a service key, a person', async () => {
    const { ingest, tenantId } = await makeScene();
    for (const actor of [keyActor('service'), await makePerson(bed, tenantId, ['admin'])]) {
      await expect(
        ingest.store(makeCtx(bed.app, tenantId, actor), normalised({ agent: 'x' }), 'reject'),
      ).rejects.toMatchObject({ code: 'forbidden' });
    }
  });
});

describe('what is stored', () => {
  it.each(['reject', 'revise'] as const)(
    'is redacted, on the way that may %s',
    async (onConflict) => {
      const { ctx, ingest, tenantId } = await makeScene();
      const marker = `dana.${randomBytes(6).toString('hex')}@example.org`;
      const body = makeDraft().body;
      await ingest.store(
        ctx,
        normalised({ agent: 'bot', body: { ...body, output: `write to ${marker}` } }),
        onConflict,
      );
      const [stored] = await bed.admin<{ body: string }[]>`select body from event_bodies
      where tenant_id = ${uuidOf(tenantId)}`;
      expect(stored?.body).toMatch(/\[EMAIL:[0-9a-f]+\]/);
      const [found] = await bed.admin`select count(*)::int as hits from event_bodies
      where body like ${`%${marker}%`}`;
      expect(found).toEqual({ hits: 0 });
    },
  );

  it.each([
    [0, []],
    [limits.clockSkewMs - 1000, []],
    [limits.clockSkewMs + 1000, ['clock_skew']],
    [-30 * 86_400_000, []],
  ])('says when it claims to start %d ms ahead of us', (aheadMs, flags) => {
    const now = Date.UTC(2026, 10, 22);
    const startedAt = new Date(now + aheadMs).toISOString();
    expect(flagSkew({ startedAt, flags: [] }, now).flags).toEqual(flags);
  });
});
