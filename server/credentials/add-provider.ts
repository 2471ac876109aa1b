import { and, count, eq } from 'drizzle-orm';
import { providers } from '#db/schema/credentials.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { AddProviderInput } from './contract.ts';
import type { BrokerTools } from './broker-tools.ts';
import { webhookSigner } from './adapters/webhook.ts';
import { addressRefusal } from './provider-request.ts';
import { sealSecret, storeSecret } from './seal-secret.ts';

/**
 * Names a place where credentials are made and can be revoked. What the broker says there to be let in
 * is sealed like a credential's secret.
 * @throws AppError `forbidden`, `conflict` for a name that is taken, `unprocessable` for an address that
 *   may not be asked or a secret that nothing can be signed with
 */
export async function addProvider(
  ctx: Ctx,
  { keyManagement, innerHosts }: BrokerTools,
  input: AddProviderInput,
): Promise<{ id: string }> {
  requirePermission(ctx, 'credentials.write');
  const { name, settings, secret } = input;
  for (const url of addressesOf(settings)) {
    const refusal = addressRefusal(url, innerHosts);
    if (refusal !== null) throw new AppError('unprocessable', refusal);
  }
  if (settings.adapter === 'webhook') requireSigner(secret);
  const id = newId('provider');
  const sealed = await sealSecret(ctx, keyManagement, id, secret);
  await withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ there: count() })
      .from(providers)
      .where(and(eq(providers.tenantId, ctx.tenantId)));
    if ((row?.there ?? 0) >= limits.providersMax) {
      throw new AppError('unprocessable', `A tenant has ${limits.providersMax} providers at most.`);
    }
    const made = await tx
      .insert(providers)
      .values({
        tenantId: ctx.tenantId,
        id,
        name,
        adapter: settings.adapter,
        settings,
        createdBy: actorIdentity(ctx.actor).label,
      })
      .onConflictDoNothing({ target: [providers.tenantId, providers.name] })
      .returning({ id: providers.id });
    if (made.length === 0) {
      throw new AppError('conflict', 'A provider of this name is there; choose another name.');
    }
    await storeSecret(tx, ctx, id, sealed);
    await writeAudit(tx, ctx, {
      action: 'provider.added',
      subject: { type: 'provider', id },
      detail: { name, settings },
    });
  });
  return { id };
}

/** Now, and not at the first revocation. @throws AppError `unprocessable` */
function requireSigner(secret: string): void {
  try {
    webhookSigner(secret);
  } catch (error) {
    throw new AppError('unprocessable', 'A secret that begins with whsec_ goes on in base64.', {
      cause: error,
    });
  }
}

function addressesOf(settings: AddProviderInput['settings']): string[] {
  switch (settings.adapter) {
    case 'oauth':
      return [settings.revokeUrl, settings.introspectUrl].filter((url) => url !== null);
    case 'vault':
      return [settings.address];
    case 'webhook':
      return [settings.url, settings.probeUrl].filter((url) => url !== null);
  }
}
