import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { credentials } from '#db/schema/credentials.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { newRequestId, type TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { BrokerTools } from '../broker-tools.ts';
import { openSecret, readSealed } from '../open-secret.ts';
import { storeMarks } from './store-marks.ts';

/**
 * Marks the secrets that came to the broker before anybody looked for them in telemetry. Any number of
 * workers may do it: marks of one secret are the same whoever makes them. What cannot be opened stays
 * `pending`, and is shown so. Answers how many were marked.
 */
export async function markPending(db: Db, log: Log, tools: BrokerTools): Promise<number> {
  let marked = 0;
  for (const { tenantId } of await listTenants(db)) {
    try {
      marked += await markTenant(db, tenantId, tools);
    } catch (error) {
      log.warn({ tenantId, err: error }, 'kept secrets of a tenant could not be marked');
    }
  }
  return marked;
}

async function markTenant(db: Db, tenantId: TenantId, tools: BrokerTools): Promise<number> {
  const actor = { type: 'system', name: 'system:revoke' } as const;
  const ctx: Ctx = { db, tenantId, actor, requestId: newRequestId() };
  requirePermission(ctx, 'credentials.finish');
  const sealed = await withRead(ctx, async (tx) => {
    const pending = await tx
      .select({ id: credentials.id })
      .from(credentials)
      .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.secretWatch, 'pending')))
      .orderBy(sql`random()`)
      .limit(limits.rotationSecretsMax);
    return pending.length === 0
      ? []
      : readSealed(
          tx,
          ctx,
          pending.map((row) => row.id),
        );
  });
  for (const { subjectId } of sealed) {
    const secret = await openSecret(ctx, tools.keyManagement, sealed, subjectId);
    // no-audit: nothing of the credential changes but how it is looked for.
    await withTransaction(ctx, async (tx) => {
      const key = tools.markKeyOf(ctx.tenantId);
      const secretWatch = await storeMarks(tx, ctx, key, { credentialId: subjectId, secret });
      await tx
        .update(credentials)
        .set({ secretWatch })
        .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.id, subjectId)));
    });
  }
  return sealed.length;
}
