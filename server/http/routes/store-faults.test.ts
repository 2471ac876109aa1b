import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { createSql } from '#db/client.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);
const args = { path: '/a' };

async function makeDoor() {
  const { tenant } = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, tenant.id, cliActor);
  const { key } = await issueKey(cli, { kind: 'agent', name: 'a', agent: 'payer', tools: [] });
  const post = async (path: string, body: unknown, idempotencyKey: string) => {
    const answer = await fetch(`${served.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      body: (await answer.json()) as Record<string, unknown>,
    };
  };
  return {
    tenant,
    ask: (idempotencyKey: string = randomUUID()) =>
      post('/api/v1/actions', { tool: 'read_file', args }, idempotencyKey),
    redeem: (permit: unknown, idempotencyKey: string = randomUUID()) =>
      post('/api/v1/permits/redeem', { permit, args }, idempotencyKey),
  };
}

/** Everything that a decision or a redeem could leave behind. */
async function effectsOf(tenantId: TenantId) {
  const tenant = uuidOf(tenantId);
  const [row] = await bed.admin`select
    (select count(*)::int from actions where tenant_id = ${tenant}) as actions,
    (select count(*)::int from permits where tenant_id = ${tenant}) as permits,
    (select count(*)::int from permits where tenant_id = ${tenant}
      and redeemed_at is not null) as redeemed,
    (select count(*)::int from audit_log where tenant_id = ${tenant}
      and action not like 'key.%') as audited`;
  return row;
}

interface Fault {
  /** Brings it about for what begins while `work` runs. */
  readonly during: <T>(tenantId: TenantId, work: () => Promise<T>) => Promise<T>;
}

/** Somebody holds the tenant's gate alone. */
async function holdGate<T>(
  tenantId: TenantId,
  work: (heldBy: ReturnType<typeof createSql>) => Promise<T>,
): Promise<T> {
  const holder = createSql(bed.database.adminUrl, { connectionsMax: 2 });
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = holder.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`gate:${tenantId}`}::text, 0))`;
    held.resolve();
    await over.promise;
  });
  await held.promise;
  try {
    return await work(holder);
  } finally {
    over.resolve();
    await holding;
    await holder.end({ timeout: 1 });
  }
}

/** The writes of a decision and of a redeem take longer than a gate transaction may. */
async function slowWrites<T>(work: () => Promise<T>): Promise<T> {
  const seconds = limits.gateTransactionMs / 1000 + 2;
  await bed.admin.unsafe(`
    create function dawdle() returns trigger language plpgsql as
      $$ begin perform pg_sleep(${seconds}); return new; end $$;
    create trigger dawdle before insert on actions for each row execute function dawdle();
    create trigger dawdle before update on permits for each row execute function dawdle();`);
  try {
    return await work();
  } finally {
    await bed.admin.unsafe(`drop trigger dawdle on actions; drop trigger dawdle on permits;
      drop function dawdle();`);
  }
}

const faults: Readonly<Record<string, Fault>> = {
  'a gate that is not had in time (55P03)': {
    during: (tenantId, work) => holdGate(tenantId, work),
  },
  'a statement that was cancelled (57014)': {
    during: (tenantId, work) =>
      holdGate(tenantId, async (sql) => {
        const working = work();
        await expect
          .poll(
            () => sql`select pg_cancel_backend(pid) from pg_stat_activity
              where datname = current_database() and wait_event = 'advisory'`,
            { interval: 5 },
          )
          .not.toHaveLength(0);
        return working;
      }),
  },
  'a transaction that took too long (25P04)': { during: (_, work) => slowWrites(work) },
};

describe('a store that does not do what it is asked', () => {
  it.each(Object.entries(faults))(
    'is a 503 without effect: %s',
    async (_, { during }) => {
      const { tenant, ask, redeem } = await makeDoor();
      const { body } = await ask();
      const before = await effectsOf(tenant.id);
      const unavailable = {
        status: 503,
        retryAfter: '2',
        body: { type: '/problems/store-unavailable', title: 'Store unavailable' },
      };
      expect(await during(tenant.id, () => ask('again'))).toMatchObject(unavailable);
      expect(await effectsOf(tenant.id)).toEqual(before);
      const { permit } = body;
      expect(await during(tenant.id, () => redeem(permit, 'again'))).toMatchObject(unavailable);
      expect(await effectsOf(tenant.id)).toEqual(before);
      // The very same requests go through once the store does.
      expect(await ask('again')).toMatchObject({ status: 200, body: { state: 'allowed' } });
      expect(await redeem(permit, 'again')).toMatchObject({ status: 200 });
    },
    60_000,
  );
});
