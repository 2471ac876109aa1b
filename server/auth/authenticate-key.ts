import { and, eq, isNull, lt, or, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { Db } from '#db/client.ts';
import type { KeyKind } from '#db/enums.ts';
import { apiKeys } from '#db/schema/tenancy.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, mintTenantId, type TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { hashKey, keyOfHeader } from './key-format.ts';

export type KeyActor = Extract<Actor, { type: 'key' }>;

/** What a live key stands for. */
export interface KeyStanding {
  readonly tenantId: TenantId;
  readonly actor: KeyActor;
}

type Verdict = { readonly standing: KeyStanding } | { readonly refusal: string };

interface KeyCache {
  /** By hash of the key; `askedAtMs` is taken before the database is asked. */
  readonly verdicts: LRUCache<
    string,
    { readonly askedAtMs: number; readonly verdict: Promise<Verdict> }
  >;
  /** By key id: when its use was last noted. */
  readonly notedAtMs: LRUCache<string, number>;
  readonly running: Set<Promise<void>>;
}

/** One per pool; a process has one pool, a test file several. */
const caches = new WeakMap<Db, KeyCache>();

function cacheOf(db: Db): KeyCache {
  const found = caches.get(db);
  if (found) return found;
  const made: KeyCache = {
    verdicts: new LRUCache({ max: limits.keyVerdictsMax }),
    notedAtMs: new LRUCache({ max: limits.keyVerdictsMax }),
    running: new Set(),
  };
  caches.set(db, made);
  return made;
}

/**
 * Finds out whose key an `Authorization` header carries. The verdict, a refusal too, is reused for
 * `limits.keyVerdictMs` at most: five thousand requests a second ask the database once, and a key
 * that is revoked anywhere, or whose agent is disabled, obtains nothing a second later.
 * @throws AppError `unauthenticated`, saying what is wrong with the key.
 */
export async function authenticateKey(
  db: Db,
  authorization: string | null | undefined,
): Promise<KeyStanding> {
  const key = keyOfHeader(authorization);
  if (key === null) {
    throw new AppError(
      'unauthenticated',
      'Send a key as `Authorization: Bearer sbk_…`; an administrator creates one under Settings, Keys.',
    );
  }
  const cache = cacheOf(db);
  const hash = hashKey(key);
  const slot = hash.toString('base64');
  const nowMs = performance.now();
  let entry = cache.verdicts.get(slot);
  if (!entry || nowMs - entry.askedAtMs >= limits.keyVerdictMs) {
    const asked = { askedAtMs: nowMs, verdict: findKey(db, hash) };
    // A store that is away is no verdict: the next request asks again.
    asked.verdict.catch(() => {
      if (cache.verdicts.get(slot) === asked) cache.verdicts.delete(slot);
    });
    cache.verdicts.set(slot, asked);
    entry = asked;
  }
  const verdict = await entry.verdict;
  if ('refusal' in verdict) throw new AppError('unauthenticated', verdict.refusal);
  noteUse(db, cache, verdict.standing, nowMs);
  return verdict.standing;
}

/** Forgets what this process knows of all keys, at once: after a revocation made here. */
export function forgetKeyVerdicts(db: Db): void {
  caches.get(db)?.verdicts.clear();
}

/** Resolves when no note of a key's use is being written; before the pool is closed. */
export async function settleKeyUses(db: Db): Promise<void> {
  const running = caches.get(db)?.running;
  if (running) await Promise.all(running);
}

type FoundKey = Readonly<{
  tenant_id: string;
  key_id: string;
  kind: KeyKind;
  name: string;
  tools: string[];
  agent_id: string | null;
  agent_slug: string | null;
  is_revoked: boolean;
  is_expired: boolean;
  is_agent_disabled: boolean;
}>;

/**
 * The look-up goes by the hash of 256 random bits, so what an attacker could learn from its timing
 * is a prefix of a hash that they cannot steer.
 */
async function findKey(db: Db, hash: Buffer): Promise<Verdict> {
  const [row] = await db.$client<FoundKey[]>`select * from auth_find_key(${hash})`;
  if (!row) return { refusal: 'This key is not known here; check that it was copied whole.' };
  if (row.is_revoked) return { refusal: 'This key was revoked; ask for a new one.' };
  if (row.is_expired) return { refusal: 'This key has expired; ask for a new one.' };
  if (row.is_agent_disabled) {
    return { refusal: 'The agent of this key is disabled; an administrator can enable it.' };
  }
  const agent =
    row.agent_id !== null && row.agent_slug !== null
      ? { id: idOf('agent', row.agent_id), slug: row.agent_slug }
      : null;
  return {
    standing: {
      tenantId: mintTenantId(idOf('tenant', row.tenant_id)),
      actor: {
        type: 'key',
        keyId: idOf('key', row.key_id),
        kind: row.kind,
        name: row.name,
        agent,
        tools: row.tools,
      },
    },
  };
}

/** Starts to note the last use, at most once a minute per key, outside the request's own path. */
function noteUse(db: Db, cache: KeyCache, standing: KeyStanding, nowMs: number): void {
  const { keyId } = standing.actor;
  const notedAtMs = cache.notedAtMs.get(keyId);
  if (notedAtMs !== undefined && nowMs - notedAtMs < limits.keyUseNotedMs) return;
  cache.notedAtMs.set(keyId, nowMs);
  const note = writeUse({ ...standing, db, requestId: 'key-use' })
    // Shown to people, decides nothing: when it cannot be written, the next use tries again.
    .catch(() => {
      cache.notedAtMs.delete(keyId);
    })
    .finally(() => cache.running.delete(note));
  cache.running.add(note);
}

// no-audit: the last use of a key is not a change that somebody made.
async function writeUse(ctx: Ctx & { readonly actor: KeyActor }): Promise<void> {
  await withTransaction(ctx, (tx) =>
    tx
      .update(apiKeys)
      .set({ lastUsedAt: sql`now()` })
      .where(
        and(
          eq(apiKeys.tenantId, ctx.tenantId),
          eq(apiKeys.id, ctx.actor.keyId),
          or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, sql`now() - interval '1 minute'`)),
        ),
      ),
  );
}
