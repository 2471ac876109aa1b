import { describe, expect, it, vi } from 'vitest';
import { hotQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { placeStop } from './place-stop.ts';
import { type Plan, shareGate, type SharedWork } from './share-gate.ts';
import { withGate } from './with-gate.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agents = await Promise.all(['a', 'b', 'c'].map((slug) => makeAgent(bed, tenant.id, slug)));
  const ctxs = agents.map((agent) => makeCtx(bed.app, tenant.id, keyActor('agent', agent)));
  const stopper = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  return { tenant, agents, ctxs, stopper };
}

const subjectOf = ({ actor }: Ctx) => ({
  agentId: actor.type === 'key' ? (actor.agent?.id ?? '') : '',
  environment: null,
  sessionId: null,
  tool: 'send_money',
});

/** Number of the transaction that it runs in. */
async function transactionOf(tx: Tx): Promise<string> {
  const [row] = await hotQuery<{ id: string }>(tx, 'select pg_current_xact_id()::text as id', []);
  return row?.id ?? '';
}

/** Answers its transaction, and whether it was shared. */
function callerOf(ctx: Ctx, plan?: () => Plan<readonly [string, string]>) {
  const work: SharedWork<string, readonly [string, string]> = {
    subject: subjectOf(ctx),
    read: transactionOf,
    plan: (_, read) => plan?.() ?? { kind: 'write', write: async () => ['shared', read] },
  };
  return shareGate(ctx, work, () =>
    withGate(ctx, subjectOf(ctx), async (tx) => ['alone', await transactionOf(tx)] as const),
  );
}

/** As many transactions as a tenant may have open, until they are let go. */
function fillUp(ctx: Ctx) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const never: SharedWork<null, void> = {
    subject: subjectOf(ctx),
    read: async () => null,
    plan: () => ({ kind: 'alone' }),
  };
  const open = Array.from({ length: limits.sharedGatesMax }, () =>
    shareGate(ctx, never, () => promise),
  );
  return async () => {
    resolve();
    await Promise.all(open);
  };
}

describe('sharing the gate', () => {
  it('gives a transaction of its own to whoever has nobody to share with', async () => {
    const { ctxs } = await makeScene();
    const told = await Promise.all(
      ctxs.slice(0, limits.sharedGatesMax).map((ctx) => callerOf(ctx)),
    );
    expect(told.map(([how]) => how)).toEqual(told.map(() => 'alone'));
    expect(new Set(told.map(([, id]) => id)).size).toBe(limits.sharedGatesMax);
  });

  it('takes those who wait together, in one transaction', async () => {
    const { ctxs } = await makeScene();
    const [first] = ctxs as [Ctx, Ctx, Ctx];
    const letGo = fillUp(first);
    const callers = ctxs.map((ctx) => callerOf(ctx));
    await letGo();
    const told = await Promise.all(callers);
    expect(told.map(([how]) => how)).toEqual(['shared', 'shared', 'shared']);
    expect(new Set(told.map(([, id]) => id)).size).toBe(1);
  });

  it('never mixes tenants', async () => {
    const [one, other] = await Promise.all([makeScene(), makeScene()]);
    const letGo = [fillUp(one.ctxs[0] as Ctx), fillUp(other.ctxs[0] as Ctx)];
    const callers = [...one.ctxs, ...other.ctxs].map((ctx) => callerOf(ctx));
    await Promise.all(letGo.map((go) => go()));
    const ids = (await Promise.all(callers)).map(([, id]) => id);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(new Set(ids.slice(3)).size).toBe(1);
    expect(ids[0]).not.toBe(ids[3]);
  });

  it('refuses whom a stop covers, and nobody beside', async () => {
    const { agents, ctxs, stopper } = await makeScene();
    const scope = { kind: 'agent', id: agents[1]?.id ?? '' } as const;
    await placeStop(stopper, { scope, level: 1, reason: 'looks hijacked' });
    const letGo = fillUp(ctxs[0] as Ctx);
    const callers = Promise.allSettled(ctxs.map((ctx) => callerOf(ctx)));
    await letGo();
    const told = await callers;
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(told[1]).toMatchObject({ reason: { code: 'halted' } });
    expect(told[0]).toMatchObject({ value: ['shared', expect.any(String)] });
  });

  it.each([
    ['refuses to share', (): Plan<never> => ({ kind: 'alone' })],
    [
      'throws',
      (): Plan<never> => {
        throw new TypeError('no plan');
      },
    ],
  ])('lets one whose plan %s go alone, and the others together', async (_, plan) => {
    const { ctxs } = await makeScene();
    const letGo = fillUp(ctxs[0] as Ctx);
    const callers = ctxs.map((ctx, at) => callerOf(ctx, at === 1 ? plan : undefined));
    await letGo();
    const told = await Promise.all(callers);
    expect(told.map(([how]) => how)).toEqual(['shared', 'alone', 'shared']);
    expect(told[0]?.[1]).toBe(told[2]?.[1]);
  });

  it('keeps nothing of a shared transaction in which one write fails', async () => {
    const { ctxs, agents } = await makeScene();
    const rename = (slug: string) => async (tx: Tx) => {
      await hotQuery(tx, 'update agents set slug = $1::text where id = $2::uuid', [
        slug,
        slug === 'broken' ? 'no uuid' : uuidOf(agents[0]?.id ?? ''),
      ]);
      return ['shared', ''] as const;
    };
    const letGo = fillUp(ctxs[0] as Ctx);
    const callers = ctxs.map((ctx, at) =>
      callerOf(ctx, () => ({ kind: 'write', write: rename(at === 2 ? 'broken' : 'renamed') })),
    );
    await letGo();
    expect((await Promise.all(callers)).map(([how]) => how)).toEqual(['alone', 'alone', 'alone']);
    const [row] = await bed.admin`select count(*)::int as n from agents where slug = 'renamed'`;
    expect(row?.['n']).toBe(0);
  });

  it('tells all who wait that the gate was not had, without waiting for it twice', async () => {
    const { tenant, ctxs } = await makeScene();
    const alone = vi.fn<() => Promise<string>>();
    const letGo = fillUp(ctxs[0] as Ctx);
    const callers = Promise.allSettled(
      ctxs.map((ctx) =>
        shareGate<null, string>(
          ctx,
          {
            subject: subjectOf(ctx),
            read: async () => null,
            plan: () => ({ kind: 'settled', value: 'passed' }),
          },
          alone,
        ),
      ),
    );
    await bed.admin.begin(async (sql) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`gate:${tenant.id}`}, 0))`;
      await letGo();
      const told = await callers;
      expect(told).toHaveLength(3);
      for (const one of told) expect(one).toMatchObject({ reason: { code: '55P03' } });
    });
    expect(alone).not.toHaveBeenCalled();
  });
});
