import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import type { Db } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { ProviderCredential, RevocationAdapter } from './adapters/adapter.ts';
import { createBuiltinAdapter } from './adapters/builtin.ts';
import { createOauthAdapter } from './adapters/oauth.ts';
import { createVaultAdapter } from './adapters/vault.ts';
import { createWebhookAdapter } from './adapters/webhook.ts';
import type { BrokerTools } from './broker-tools.ts';
import { providerSettingsSchema } from './contract.ts';
import { openSecret } from './open-secret.ts';
import { createProviderSender, type SendToProvider } from './provider-request.ts';
import {
  type Claim,
  claimRevocation,
  type ClaimedRevocation,
  failStep,
  workRevocation,
} from './work-revocation.ts';

/** Brings revocations to their providers, over all tenants. */
export interface RevokeWorker {
  /** Begins to work what is due and not being worked; answers how many groups it began. */
  readonly pass: () => Promise<number>;
  /** Resolves once nothing is being worked. */
  readonly settle: () => Promise<void>;
}

/** What is due of one provider of a tenant; of its own leases where there is no provider. */
interface DueGroup {
  readonly tenantId: string;
  readonly providerId: string | null;
}

export interface RevokeWorkerOptions {
  readonly db: Db;
  readonly log: Log;
  readonly tools: BrokerTools;
}

/**
 * Makes the worker. Any number may run: each step is claimed by a conditional update. Each provider of
 * each tenant is worked apart, with a few at a time, so that one that hangs holds nobody else back; and a
 * revocation that fails in an unforeseen way is taken again once its claim is over.
 */
export function createRevokeWorker(options: RevokeWorkerOptions): RevokeWorker {
  const { db, log, tools } = options;
  const send = createProviderSender(tools.innerHosts);
  const busy = new Map<string, Promise<void>>();
  const work = async (tenantId: string, id: string): Promise<void> => {
    const ctx: Ctx = {
      db,
      tenantId: mintTenantId(idOf('tenant', tenantId)),
      actor: { type: 'system', name: 'system:revoke' },
      requestId: newRequestId(),
    };
    const claim = await claimRevocation(ctx, idOf('revocation', id));
    if (claim === null) return;
    try {
      await workRevocation(ctx, await prepare(ctx, claim, tools, send));
    } catch (error) {
      log.warn({ err: error, revocation: claim.row.id }, 'a step of a revocation failed');
      await failStep(ctx, claim.row);
    }
  };
  const drain = async (group: DueGroup): Promise<void> => {
    for (let round = 0; round < limits.revocationRoundsMax; round += 1) {
      const ids = await listDue(db, group);
      if (ids.length === 0) return;
      let isMoving = true;
      const lane = async (): Promise<void> => {
        for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
          await work(group.tenantId, id).catch((error: unknown) => {
            isMoving = false;
            log.warn({ err: error, revocation: id }, 'a revocation is tried again later');
          });
        }
      };
      await Promise.all(Array.from({ length: limits.revocationsPerProviderMax }, lane));
      // What could not even be claimed would be listed again at once.
      if (!isMoving) return;
    }
  };
  return {
    pass: async () => {
      const groups = await listDueGroups(db);
      const free = groups
        .filter((group) => !busy.has(keyOf(group)))
        .slice(0, Math.max(0, limits.revocationGroupsMax - busy.size));
      for (const group of free) {
        const draining = drain(group)
          .catch((error: unknown) => log.warn({ err: error }, 'revocations could not be listed'))
          .finally(() => busy.delete(keyOf(group)));
        busy.set(keyOf(group), draining);
      }
      return free.length;
    },
    settle: async () => {
      while (busy.size > 0) await Promise.all(busy.values());
    },
  };
}

const keyOf = ({ tenantId, providerId }: DueGroup): string =>
  `${tenantId} ${providerId ?? 'leases'}`;

/** A child waits for its parent's first attempt: what could make it anew goes first. */
const isDue = sql`r.next_attempt_at <= clock_timestamp()
  and (r.claimed_until is null or r.claimed_until < clock_timestamp())
  and r.incarnation = (select incarnation from log_incarnation)
  and not exists (select 1 from revocations p
    where p.tenant_id = r.tenant_id and p.root_id = r.root_id and p.depth < r.depth
      and p.target = 'provider' and p.state = 'requested' and p.next_attempt_at is not null
      and (p.claimed_until is null or p.claimed_until >= clock_timestamp()))`;

/** Who has something due, longest waiting first. */
async function listDueGroups(db: Db): Promise<DueGroup[]> {
  const rows = await db.execute<{ tenant_id: string; provider_id: string | null }>(sql`
    select r.tenant_id, r.provider_id from revocations r where ${isDue}
    group by r.tenant_id, r.provider_id order by min(r.next_attempt_at)
    limit ${limits.revocationGroupsMax * 2}`);
  return rows.map((row) => ({ tenantId: row.tenant_id, providerId: row.provider_id }));
}

/** The next of a group, parents before children. Who is due is asked of all that wait, so not for each few. */
async function listDue(db: Db, group: DueGroup): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select r.id from revocations r where ${isDue} and r.tenant_id = ${group.tenantId}::uuid
      and r.provider_id is not distinct from ${group.providerId}::uuid
    order by r.depth, r.next_attempt_at limit ${limits.revocationsListedMax}`);
  return rows.map((row) => row.id);
}

async function prepare(
  ctx: Ctx,
  { row, credential, provider, sealed }: Claim,
  { keyManagement }: BrokerTools,
  send: SendToProvider,
): Promise<ClaimedRevocation> {
  const isOwn = row.target === 'leases';
  const open = (subjectId: string) => openSecret(ctx, keyManagement, sealed, subjectId);
  const secret = isOwn ? '' : await open(credential.id);
  const { id: credentialId, name, kind, externalRef } = credential;
  const known: ProviderCredential = {
    revocationId: row.id,
    credentialId,
    name,
    kind,
    secret,
    externalRef,
  };
  const adapter = isOwn
    ? createBuiltinAdapter(ctx)
    : adapterOf(provider, await open(row.providerId ?? ''), send);
  const diesAt = earliest(credential.expiresAt, endOfJwt(secret));
  return { row, isProbeTrusted: isOwn, credential: known, adapter, diesAt };
}

function adapterOf(
  provider: Claim['provider'],
  secret: string,
  send: SendToProvider,
): RevocationAdapter {
  if (provider === null) throw new Error('the provider of a revocation is gone');
  const settings = providerSettingsSchema.parse(provider.settings);
  switch (settings.adapter) {
    case 'oauth':
      return createOauthAdapter(settings, secret, send);
    case 'vault':
      return createVaultAdapter(settings, secret, send);
    case 'webhook':
      return createWebhookAdapter(settings, secret, send);
  }
}

/** When a JWT ends by its own claim, which nobody has to be asked about; null for anything else. */
export function endOfJwt(secret: string): string | null {
  try {
    const { exp } = decodeJwt(secret);
    return exp === undefined ? null : new Date(exp * 1000).toISOString();
  } catch {
    return null;
  }
}

const earliest = (...times: readonly (string | null)[]): string | null =>
  times.filter((time) => time !== null).sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
