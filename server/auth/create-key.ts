import { and, count, eq, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { KeyKind } from '#db/enums.ts';
import { apiKeys } from '#db/schema/tenancy.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { CreatedKey } from './contract.ts';
import { mintKey } from './key-format.ts';
import { requirePermission } from './require-permission.ts';

export interface KeyToCreate {
  readonly kind: KeyKind;
  readonly name: string;
  /** Of an agent key; null for every other kind. */
  readonly agent: { readonly id: string; readonly slug: string } | null;
  /** Of an enforcer key: the tools it is bound to. */
  readonly tools: readonly string[];
  /** Null: until revoked. */
  readonly lifeSeconds: number | null;
}

/**
 * Creates a machine key inside the caller's transaction (agents/issue-key.ts, which also makes the
 * agent). The key itself is in the answer and nowhere else.
 * @throws AppError `forbidden`, `unprocessable` when the tenant has `limits.keysMax`.
 */
export async function createKeyIn(tx: Tx, ctx: Ctx, wanted: KeyToCreate): Promise<CreatedKey> {
  requirePermission(ctx, 'keys.write');
  const [live] = await tx
    .select({ keys: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, ctx.tenantId), isNull(apiKeys.revokedAt)));
  if ((live?.keys ?? 0) >= limits.keysMax) {
    throw new AppError(
      'unprocessable',
      `A tenant has ${limits.keysMax} keys at most; revoke some.`,
    );
  }
  const id = newId('key');
  const minted = mintKey(wanted.kind, id);
  await tx.insert(apiKeys).values({
    tenantId: ctx.tenantId,
    id,
    kind: wanted.kind,
    name: wanted.name,
    prefix: minted.prefix,
    secretHash: minted.hash,
    agentId: wanted.agent?.id ?? null,
    tools: [...wanted.tools],
    createdBy: actorIdentity(ctx.actor).label,
    expiresAt:
      wanted.lifeSeconds === null
        ? null
        : sql`now() + make_interval(secs => ${wanted.lifeSeconds})`,
  });
  await writeAudit(tx, ctx, {
    action: 'key.created',
    subject: { type: 'key', id },
    detail: {
      kind: wanted.kind,
      name: wanted.name,
      prefix: minted.prefix,
      agent: wanted.agent?.slug ?? null,
      tools: wanted.tools,
      lifeSeconds: wanted.lifeSeconds,
    },
  });
  return { id, key: minted.key, prefix: minted.prefix };
}
