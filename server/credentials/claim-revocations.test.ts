import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, newRequestId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { limits } from '#server/kernel/limits.ts';
import { makeRevocationScene, serveProvider } from '#server/testing/revocation-scene.ts';
import { claimRevocations, releaseRevocations } from './claim-revocations.ts';
import { createStepKeeper, type StepToKeep } from './keep-steps.ts';

const bed = openTestDatabase();
afterEach(() => void vi.restoreAllMocks());

/** Three credentials at a provider whose revocation is asked for, and a worker that may take them. */
async function makeRevoked() {
  const scene = await makeRevocationScene(bed, ['hook.internal']);
  const settings = { adapter: 'webhook', url: 'http://hook.internal/', probeUrl: null } as const;
  const { id: providerId } = await scene.addAt('hook', settings, 's');
  for (const name of ['a', 'b', 'c']) {
    const { id } = await scene.add({ name, providerId });
    await scene.revoke(id);
  }
  const ctx: Ctx = {
    db: bed.worker,
    tenantId: scene.tenant.id,
    actor: { type: 'system', name: 'system:revoke' },
    requestId: newRequestId(),
  };
  return { scene, ctx, provider: uuidOf(providerId) };
}

/** As a provider that confirms leaves it. */
const confirmed = (row: StepToKeep['row'], change: Partial<StepToKeep> = {}): StepToKeep => ({
  row,
  step: 'sent',
  verdict: 'confirmed',
  evidence: { host: 'hook.internal', status: 200, said: 'It says done.' },
  told: 'It says done.',
  state: 'confirmed',
  says: 'The provider says that it is revoked.',
  attempts: 0,
  nextInMs: 0,
  isGoingOn: true,
  isSeenLive: false,
  isAnswered: true,
  diesAt: null,
  ...change,
});

describe('claimRevocations', () => {
  it('gives each to one worker, with what is sealed of it', async () => {
    const { ctx, provider } = await makeRevoked();
    const taken = await Promise.all([1, 2, 3].map(() => claimRevocations(ctx, provider)));
    const claims = taken.flat();
    expect(new Set(claims.map(({ row }) => row.id)).size).toBe(3);
    expect(claims).toHaveLength(3);
    for (const { row, credential, sealed } of claims) {
      expect(credential.id).toBe(row.credentialId);
      const subjects = new Set<string | null>(sealed.map((one) => one.subjectId));
      expect(subjects).toEqual(new Set([row.credentialId, row.providerId]));
    }
    expect(await claimRevocations(ctx, provider)).toEqual([]);
  });

  it('is refused to others, and takes nothing of another tenant', async () => {
    const { scene, provider } = await makeRevoked();
    const { ctx: stranger } = await makeRevoked();
    await expect(claimRevocations(scene.responder, provider)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await claimRevocations(stranger, provider)).toEqual([]);
  });

  it('has them again at once when they are given back, and not what another has taken', async () => {
    const { scene, ctx, provider } = await makeRevoked();
    const claims = await claimRevocations(ctx, provider);
    const rows = claims.map(({ row }) => row);
    const [lost] = rows;
    if (!lost) throw new Error('three were claimed');
    await bed.admin`update revocations set claimed_until = clock_timestamp() + interval '1 hour'
      where id = ${uuidOf(lost.id)}`;
    await expect(releaseRevocations(scene.responder, rows)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await releaseRevocations(ctx, rows);
    const again = await claimRevocations(ctx, provider);
    expect(again.map(({ row }) => row.id).sort()).toEqual(
      rows
        .slice(1)
        .map((row) => row.id)
        .sort(),
    );
  });
});

describe('the keeper of steps', () => {
  it('keeps each by itself: one that another worker went on with, and one that is refused', async () => {
    const { scene, ctx, provider } = await makeRevoked();
    const claims = await claimRevocations(ctx, provider);
    const [gone, refused, kept] = claims.map(({ row }) => row);
    if (!gone || !refused || !kept) throw new Error('three were claimed');
    await bed.admin`update revocations set attempts = 1 where id = ${uuidOf(gone.id)}`;
    const keep = createStepKeeper(ctx);
    const told = await Promise.allSettled([
      keep(confirmed(gone)),
      keep(confirmed(refused, { diesAt: '+033658-01-01T00:00:00.000Z' })),
      keep(confirmed(kept)),
    ]);
    expect(told.map((one) => one.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(told[0]).toMatchObject({ reason: { message: /another worker/ } });
    const rows = await bed.admin`select r.id, r.state, sent_at is not null as is_sent,
        (select count(*)::int from revocation_steps s where s.revocation_id = r.id) as steps,
        (select count(*)::int from audit_log a where a.detail->>'revocation' = s.id) as audited
      from revocations r join unnest(${claims.map(({ row }) => uuidOf(row.id))}::uuid[],
        ${claims.map(({ row }) => row.id)}::text[]) s(uuid, id) on s.uuid = r.id`;
    const byId = new Map(rows.map((row) => [idOf('revocation', String(row['id'])), row]));
    const untouched = { state: 'requested', is_sent: false, steps: 1, audited: 0 };
    expect(byId.get(gone.id)).toMatchObject(untouched);
    expect(byId.get(refused.id)).toMatchObject(untouched);
    expect(byId.get(kept.id)).toMatchObject({
      state: 'confirmed',
      is_sent: true,
      steps: 2,
      audited: 1,
    });
    expect(() => createStepKeeper(scene.responder)).toThrow(/./);
  });
});

describe('a provider that is slow', () => {
  it('is asked at most by so many at once, and what could not begin is given back and done', async () => {
    const now = performance.now.bind(performance);
    let aheadMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
    const dead = new Set<string>();
    const held: (() => void)[] = [];
    let [asked, open, openMax] = [0, 0, 0];
    const hook = await serveProvider((_request, text, response) => {
      const { type, credential } = JSON.parse(text) as { type: string; credential: { id: string } };
      asked += 1;
      open += 1;
      openMax = Math.max(openMax, open);
      const answer = (): void => {
        open -= 1;
        if (type === 'credential.revoke') dead.add(credential.id);
        response.end(JSON.stringify({ active: !dead.has(credential.id) }));
      };
      if (asked > limits.providerRequestsMin) return answer();
      held.push(answer);
      if (asked < limits.providerRequestsMin) return undefined;
      aheadMs = limits.revocationBeginMs + 1;
      for (const late of held) late();
    });
    const scene = await makeRevocationScene(bed, [hook.host]);
    const at = { adapter: 'webhook', url: hook.url, probeUrl: hook.url } as const;
    const { id: providerId } = await scene.addAt('hook', at, 's');
    const { id: parentId } = await scene.add({ name: 'parent' });
    const ids: string[] = [];
    for (let n = 0; n < limits.providerRequestsMin + 3; n += 1) {
      ids.push((await scene.add({ name: `child-${n}`, parentId, providerId })).id);
    }
    await scene.revoke(parentId);
    await scene.work();
    for (const id of ids) {
      expect(await scene.revocationOf(id)).toMatchObject({ state: 'verified', attempts: 0 });
    }
    expect(openMax).toBe(limits.providerRequestsMin);
    expect(asked).toBe(3 * ids.length);
    await hook.close();
  });
});
