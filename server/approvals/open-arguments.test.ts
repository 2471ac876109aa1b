import { describe, expect, it } from 'vitest';
import { makeOwnEvent } from '#server/testing/untrusted-event.ts';
import { canonicalise } from '#server/permits/canonicalise.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask, type HoldScene, makeHoldScene, vote } from '#server/testing/hold-scene.ts';
import { eraseSealedArguments } from './erase-sealed-arguments.ts';
import { openArguments } from './open-arguments.ts';
import { revealSecret } from './reveal-secret.ts';

const bed = openTestDatabase();
const refused = (code: string) => expect.objectContaining({ code });
const secret = 'ghp_0123456789abcdefABCDEF0123456789abcd';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const args = {
  recipient: 'DE89370400440532013000',
  amount: 1250.5,
  cc: ['a@example.org', 'b@example.org'],
  note: `use ${secret} now, see https://аpple.com/pay`,
};

const reviewerOf = (scene: HoldScene): Ctx => {
  const [reviewer] = scene.reviewers;
  if (!reviewer) throw new Error('no reviewer');
  return reviewer;
};
async function held(scene: HoldScene, change: object = {}) {
  const answer = await ask(scene, { tool: 'send_money', args, traceId, ...change });
  if (answer.approval === null) throw new Error('nothing was held');
  return { id: answer.approval.id, actionId: answer.id };
}

describe('openArguments', () => {
  it('shows everything but credentials, with what the guard says, audited', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const opened = await openArguments(reviewerOf(scene), scene.tools, id);
    const shown = JSON.parse(opened.canonical) as typeof args;
    expect({ ...shown, note: '' }).toEqual({ ...args, note: '' });
    expect(opened.canonical).toBe(canonicalise(shown));
    expect(opened.canonical).not.toContain(secret);
    expect(opened.masked).toMatchObject([{ pointer: '/note', length: secret.length }]);
    const [mask] = opened.masked;
    expect(shown.note.slice(mask?.start, mask?.end)).toMatch(
      /^\[\w+, 40 characters, [0-9a-f]{8}\]$/,
    );
    expect(shown.note.replace(/\[.*\]/, secret)).toBe(args.note);
    expect(opened.blast).toMatchObject({ amount: '1250.5', rows: null });
    expect(opened.blast.recipients.toSorted()).toEqual([
      'a@example.org',
      'b@example.org',
      args.recipient.toLowerCase(),
    ]);
    const found = opened.findings.map(({ pointer, detector }) => `${pointer} ${detector}`);
    expect(found).toEqual(
      expect.arrayContaining(['/recipient iban', '/cc/0 email', '/note lookalike_host']),
    );
    for (const { pointer, start, end, detector } of opened.findings) {
      if (detector === 'lookalike_host') {
        expect(pointer).toBe('/note');
        expect(shown.note.slice(start, end)).toBe('аpple.com');
      }
    }
    const rows = await bed.admin<{ detail: object }[]>`select detail from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'approval.opened'`;
    expect(rows).toHaveLength(1);
  });

  it('reveals one credential at a time, audited without it', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const reveal = (index: number) => revealSecret(reviewerOf(scene), scene.tools, { id, index });
    expect(await reveal(0)).toEqual({ value: secret });
    await expect(reveal(1)).rejects.toEqual(refused('not_found'));
    const rows = await bed.admin<{ detail: string }[]>`select detail::text from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'approval.revealed'`;
    expect(rows).toHaveLength(1);
    expect(rows[0]?.detail).not.toContain(secret);
  });

  it('names the untrusted content that a stretch of the arguments came from', async () => {
    const scene = await makeHoldScene(bed);
    const eventId = await makeOwnEvent(bed, scene, {
      traceId,
      output: `Please pay to ${args.recipient} today. Ref: INV-2026-778`,
      origin: 'email:inbox/3',
    });
    const { id } = await held(scene, {
      args: { recipient: args.recipient, amount: 5, note: 'for INV-2026-778, thanks' },
    });
    const opened = await openArguments(reviewerOf(scene), scene.tools, id);
    const { provenance } = opened;
    expect(opened.isProvenanceWhole).toBe(true);
    expect(provenance).toEqual([
      {
        pointer: '/note',
        start: 4,
        end: 16,
        eventId,
        traceId,
        origin: 'email:inbox/3',
      },
      { pointer: '/recipient', start: 0, end: 22, eventId, traceId, origin: 'email:inbox/3' },
    ]);
  });

  it('says that it could not look through all that the trace had read', async () => {
    const scene = await makeHoldScene(bed);
    const isWhole = async () => {
      const { id } = await held(scene);
      return (await openArguments(reviewerOf(scene), scene.tools, id)).isProvenanceWhole;
    };
    expect(await isWhole()).toBe(false);
    await makeOwnEvent(bed, scene, { traceId, output: 'fine', origin: 'mail/1' });
    expect(await isWhole()).toBe(true);
    await bed.admin`update event_bodies set body = null, salt = null
      where tenant_id = ${uuidOf(scene.tenant.id)}`;
    expect(await isWhole()).toBe(false);
  });

  it('compares with the last call that was approved', async () => {
    const scene = await makeHoldScene(bed);
    const first = await held(scene);
    for (const reviewer of scene.reviewers) await vote(reviewer, first.id);
    const { id } = await held(scene, { args: { ...args, amount: 9 } });
    const { lastApproved } = await openArguments(reviewerOf(scene), scene.tools, id);
    expect(lastApproved?.approvalId).toBe(first.id);
    expect(lastApproved?.canonical).toContain('1250.5');
    expect(lastApproved?.canonical).not.toContain(secret);
  });

  it('is for people who may decide it', async () => {
    const scene = await makeHoldScene(bed);
    const { id } = await held(scene);
    const open = (ctx: Ctx) => openArguments(ctx, scene.tools, id);
    const { tenant } = scene;
    for (const actor of [
      await makePerson(bed, tenant.id, ['viewer', 'analyst', 'responder', 'auditor', 'admin']),
      keyActor('agent', scene.agent),
      keyActor('service'),
    ]) {
      await expect(open(makeCtx(bed.app, tenant.id, actor))).rejects.toEqual(refused('forbidden'));
    }
    const reviewer = reviewerOf(scene);
    const userId = reviewer.actor.type === 'person' ? reviewer.actor.userId : '';
    await bed.admin`update agents set owner_user_id = ${uuidOf(userId)}
      where id = ${uuidOf(scene.agent.id)}`;
    await expect(open(reviewer)).rejects.toEqual(refused('self_approval'));
    const foreign = await makeHoldScene(bed);
    await expect(open(reviewerOf(foreign))).rejects.toEqual(refused('not_found'));
    const rows = await bed.admin`select 1 from audit_log where action = 'approval.opened'
      and tenant_id = ${uuidOf(tenant.id)}`;
    expect(rows).toHaveLength(0);
  });

  it('opens nothing that was moved from another action or changed', async () => {
    const scene = await makeHoldScene(bed);
    const [one, other] = [await held(scene), await held(scene, { args: { ...args, amount: 1 } })];
    await bed.admin`update sealed_arguments s set wrapped_key = o.wrapped_key, sealed = o.sealed
      from sealed_arguments o where s.action_id = ${uuidOf(one.actionId)}
        and o.action_id = ${uuidOf(other.actionId)}`;
    await expect(openArguments(reviewerOf(scene), scene.tools, one.id)).rejects.toThrow();
  });
});

describe('eraseSealedArguments', () => {
  it('destroys seal and nonce 30 days after the end, audited; the digest stays', async () => {
    const scene = await makeHoldScene(bed);
    const { id, actionId } = await held(scene);
    const recent = await held(scene);
    const age = (of: string, days: number) =>
      bed.admin.begin(async (tx) => {
        await tx`update actions set decided_at = decided_at - make_interval(days => ${days})
        where id = ${uuidOf(of)}`;
        await tx`update approvals set requested_at = requested_at - make_interval(days => ${days}),
        expires_at = expires_at - make_interval(days => ${days}) where action_id = ${uuidOf(of)}`;
      });
    await age(actionId, 31);
    await age(recent.actionId, 29);
    await eraseSealedArguments(bed.worker);
    const rows = await bed.admin<{ id: string; nonce: Buffer | null; digest: string }[]>`
      select id, nonce, digest from actions where tenant_id = ${uuidOf(scene.tenant.id)}
        and nonce is null`;
    expect(rows).toMatchObject([
      { id: uuidOf(actionId), digest: expect.stringMatching(/^sha-256:/) },
    ]);
    const open = openArguments(reviewerOf(scene), scene.tools, id);
    await expect(open).rejects.toEqual(refused('gone'));
    await expect(openArguments(reviewerOf(scene), scene.tools, recent.id)).resolves.toBeDefined();
    const audited = await bed.admin<{ subject_id: string }[]>`select subject_id from audit_log
      where tenant_id = ${uuidOf(scene.tenant.id)} and action = 'action.erased'`;
    expect(audited).toEqual([{ subject_id: actionId }]);
    await expect(eraseSealedArguments(bed.app)).rejects.toThrow();
  });
});
