import { and, eq, sql } from 'drizzle-orm';
import { credentialMarks, credentials } from '#db/schema/credentials.ts';
import type { KeptSecretMatcher } from '#server/guard/contract.ts';
import { createKeptSecretMatcher, type KeptSecret } from '#server/guard/kept-secrets.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { secretForms } from '#server/guard/contract.ts';

/** The tenant's kept secrets, compiled; null when it keeps none. */
export type ReadKeptSecrets = (ctx: Ctx) => Promise<KeptSecretMatcher | null>;

interface Compiled {
  /** Marks are only ever added: their number tells whether there are new ones. */
  readonly count: number;
  readonly matcher: KeptSecretMatcher | null;
}

interface Known {
  readonly compiled: Promise<Compiled>;
  readonly readAtMs: number;
}

/** Tenants whose compiled marks are kept; the longest known go first. */
const tenantsMax = 1000;

/**
 * Reads by what a tenant's kept secrets are recognised, at most once in `limits.keptSecretReadMs`; posts
 * that come meanwhile share the answer. A read that fails is not remembered and fails the post: events
 * that could not be searched are not stored.
 *
 * @param nowMs a clock that never goes back
 */
export function createKeptSecretReader(
  markKeyOf: (tenantId: TenantId) => Uint8Array,
  nowMs: () => number = () => performance.now(),
): ReadKeptSecrets {
  const known = new Map<TenantId, Known>();
  return async (ctx) => {
    const found = known.get(ctx.tenantId);
    const readAtMs = nowMs();
    if (found && readAtMs - found.readAtMs < limits.keptSecretReadMs)
      return (await found.compiled).matcher;
    const before = found === undefined ? null : await found.compiled.catch(() => null);
    const compiled = compile(ctx, markKeyOf(ctx.tenantId), before);
    compiled.catch(() => known.delete(ctx.tenantId));
    known.delete(ctx.tenantId);
    known.set(ctx.tenantId, { compiled, readAtMs });
    for (const [oldest] of known) {
      if (known.size <= tenantsMax) break;
      known.delete(oldest);
    }
    return (await compiled).matcher;
  };
}

async function compile(ctx: Ctx, key: Uint8Array, before: Compiled | null): Promise<Compiled> {
  const secrets = await withRead(ctx, async (tx): Promise<KeptSecret[] | null> => {
    const [row] = await tx.execute<{ count: number }>(sql`select count(*)::int as count
      from credential_marks where tenant_id = ${uuidOf(ctx.tenantId)}::uuid`);
    if (row?.count === before?.count) return null;
    const marks = await tx
      .select({ mark: credentialMarks, name: credentials.name })
      .from(credentialMarks)
      .innerJoin(
        credentials,
        and(
          eq(credentials.tenantId, credentialMarks.tenantId),
          eq(credentials.id, credentialMarks.credentialId),
        ),
      )
      .where(eq(credentialMarks.tenantId, ctx.tenantId));
    return marks.map(({ mark, name }) => ({
      credentialId: mark.credentialId,
      name,
      mark: { ...mark, form: secretForms.find((form) => form === mark.form) ?? 'plain' },
    }));
  });
  if (secrets === null && before !== null) return before;
  const all = secrets ?? [];
  const matcher = all.length === 0 ? null : createKeptSecretMatcher(key, all);
  return { count: all.length, matcher };
}
