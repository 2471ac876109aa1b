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
import {
  type Claim,
  claimRevocations,
  type DueGroup,
  listDueGroups,
  releaseRevocations,
  type RevocationRow,
} from './claim-revocations.ts';
import { createStepKeeper, type KeepStep } from './keep-steps.ts';
import { openSecret } from './open-secret.ts';
import { createProviderSender, type SendToProvider } from './provider-request.ts';
import { createTurns, type Turns } from './take-turns.ts';
import {
  type ClaimedRevocation,
  failStep,
  type OpenedRevocation,
  workRevocation,
} from './work-revocation.ts';

/** Brings revocations to their providers, over all tenants. */
export interface RevokeWorker {
  /** Begins to work what is due and not being worked; answers how many groups it began. */
  readonly pass: () => Promise<number>;
  /** Resolves once nothing is being worked. */
  readonly settle: () => Promise<void>;
}

export interface RevokeWorkerOptions {
  readonly db: Db;
  readonly log: Log;
  readonly tools: BrokerTools;
}

/**
 * Makes the worker. Any number may run: what is due is claimed before it is worked. Each provider of each
 * tenant is worked apart, with a few requests at a time, so that one that hangs holds nobody else back;
 * and a revocation that fails in an unforeseen way is taken again once its claim is over.
 */
export function createRevokeWorker(options: RevokeWorkerOptions): RevokeWorker {
  const { db, log, tools } = options;
  const send = createProviderSender(tools.innerHosts);
  const busy = new Map<string, Promise<void>>();
  const drain = async ({ tenantId, providerId }: DueGroup): Promise<void> => {
    const ctx: Ctx = {
      db,
      tenantId: mintTenantId(idOf('tenant', tenantId)),
      actor: { type: 'system', name: 'system:revoke' },
      requestId: newRequestId(),
    };
    const own = createBuiltinAdapter(ctx);
    const desk: Desk = {
      ctx,
      keep: createStepKeeper(ctx),
      turns: createTurns(limits.providerRequestsMin, limits.providerRequestsMax),
      prepare: (claim) => prepare(ctx, claim, tools, own, send),
      log,
    };
    for (let round = 0; round < limits.revocationRoundsMax; round += 1) {
      const beginBeforeMs = performance.now() + limits.revocationBeginMs;
      const claims = await claimRevocations(ctx, providerId);
      if (claims.length === 0) return;
      const unbegun = await Promise.all(
        claims.map((claim) => workClaim(desk, claim, beginBeforeMs)),
      );
      await releaseRevocations(
        ctx,
        unbegun.filter((row) => row !== null),
      );
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
          .catch((error: unknown) => log.warn({ err: error }, 'revocations could not be taken'))
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

/** What the revocations of one provider of one tenant share. */
interface Desk {
  readonly ctx: Ctx;
  readonly log: Log;
  readonly keep: KeepStep;
  readonly turns: Turns;
  readonly prepare: (claim: Claim) => Promise<OpenedRevocation>;
}

/** It did not come to its turn while enough of its claim was left. */
class NotBegun extends Error {}

/** Works a claimed revocation; answers its row when it was not begun, and is to be given back. */
async function workClaim(
  { ctx, log, keep, turns, prepare: open }: Desk,
  claim: Claim,
  beginBeforeMs: number,
): Promise<RevocationRow | null> {
  const { row } = claim;
  let opened: OpenedRevocation | null = null;
  const claimed: ClaimedRevocation = {
    row,
    isProbeTrusted: row.target === 'leases',
    ask: (question) =>
      turns.take(opened !== null, async () => {
        if (opened === null && performance.now() > beginBeforeMs) throw new NotBegun();
        opened ??= await open(claim);
        const said = await question(opened);
        turns.heed(said.verdict !== 'unreachable');
        return said;
      }),
  };
  try {
    await workRevocation(ctx, claimed, keep);
  } catch (error) {
    if (error instanceof NotBegun) return row;
    log.warn({ err: error, revocation: row.id }, 'a step of a revocation failed');
    await failStep(ctx, row, keep).catch((failure: unknown) => {
      log.warn({ err: failure, revocation: row.id }, 'a revocation is tried again later');
    });
  }
  return null;
}

async function prepare(
  ctx: Ctx,
  { row, credential, provider, sealed }: Claim,
  { keyManagement }: BrokerTools,
  own: RevocationAdapter,
  send: SendToProvider,
): Promise<OpenedRevocation> {
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
  const adapter = isOwn ? own : adapterOf(provider, await open(row.providerId ?? ''), send);
  return { credential: known, adapter, diesAt: earliest(credential.expiresAt, endOfJwt(secret)) };
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
