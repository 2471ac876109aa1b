import { and, count, eq, isNull } from 'drizzle-orm';
import { canaries } from '#db/schema/guard.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { CanaryInput, PlantedForm } from './contract.ts';
import { createCanaryMatcher } from './find-canaries.ts';

/** What a canary was minted for, and as what. */
export interface Minted {
  readonly document: string;
  readonly form: PlantedForm;
}

/** What is left of it without disguises must be long enough, or it would never be looked for. */
const isFindable = (marker: string): boolean =>
  createCanaryMatcher([{ id: '', text: marker, homes: [] }]).find(marker).length > 0;

/**
 * Registers a planted text: from then on (`limits.canaryReadMs`) every event is searched for it. The
 * audit row says where it lives, not what it says.
 *
 * @throws AppError `forbidden`; `conflict` for a marker that is registered already; `unprocessable`
 *   for one that is too short once disguises are taken off, or when the tenant has `limits.canariesMax` of them.
 */
export async function registerCanary(
  ctx: Ctx,
  input: CanaryInput,
  minted: Minted | null = null,
): Promise<{ id: string }> {
  requirePermission(ctx, 'canaries.write');
  if (!isFindable(input.marker))
    throw new AppError(
      'unprocessable',
      `The marker needs ${limits.canaryCharsMin} characters besides blanks, marks on letters and escapes.`,
    );
  const id = newId('canary');
  await withTransaction(ctx, async (tx) => {
    const living = and(eq(canaries.tenantId, ctx.tenantId), isNull(canaries.removedAt));
    const [total] = await tx.select({ canaries: count() }).from(canaries).where(living);
    if ((total?.canaries ?? 0) >= limits.canariesMax)
      throw new AppError('unprocessable', `A tenant has ${limits.canariesMax} canaries at most.`);
    const [same] = await tx
      .select({ name: canaries.name })
      .from(canaries)
      .where(and(living, eq(canaries.marker, input.marker)));
    if (same) throw new AppError('conflict', `This marker is registered already as ${same.name}.`);
    await tx.insert(canaries).values({
      ...input,
      tenantId: ctx.tenantId,
      id,
      document: minted?.document ?? null,
      form: minted?.form ?? null,
      createdBy: actorIdentity(ctx.actor).label,
    });
    await writeAudit(tx, ctx, {
      action: 'canary.registered',
      subject: { type: 'canary', id },
      detail: { name: input.name, homes: input.homes },
    });
  });
  return { id };
}
