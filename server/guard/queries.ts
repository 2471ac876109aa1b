import { and, desc, eq, inArray, isNull, lt } from 'drizzle-orm';
import { canaries } from '#db/schema/guard.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Canary, CanaryText, PlantedCanary } from './contract.ts';

/** A page of the canaries that are looked for, newest first. @throws AppError `forbidden`, `bad_request`. */
export async function listCanaries(
  ctx: Ctx,
  wanted: { readonly limit: number; readonly cursor: string | null },
): Promise<{ items: Canary[]; next: string | null }> {
  requirePermission(ctx, 'canaries.read');
  if (wanted.cursor !== null && !isId('canary', wanted.cursor))
    throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        id: canaries.id,
        name: canaries.name,
        marker: canaries.marker,
        homes: canaries.homes,
        createdBy: canaries.createdBy,
        createdAt: canaries.createdAt,
      })
      .from(canaries)
      .where(
        and(
          eq(canaries.tenantId, ctx.tenantId),
          isNull(canaries.removedAt),
          wanted.cursor === null ? undefined : lt(canaries.id, wanted.cursor),
        ),
      )
      .orderBy(desc(canaries.id))
      .limit(wanted.limit + 1),
  );
  const items = rows.slice(0, wanted.limit);
  const next = rows.length > wanted.limit ? (items.at(-1)?.id ?? null) : null;
  return { items, next };
}

/**
 * What has to be looked for in texts: whoever sends or opens some has them searched, without being
 * shown the list. @throws AppError `forbidden`.
 */
export async function readCanaryTexts(ctx: Ctx): Promise<CanaryText[]> {
  requirePermission(ctx, 'canaries.search');
  return withRead(ctx, (tx) =>
    tx
      .select({
        id: canaries.id,
        name: canaries.name,
        text: canaries.marker,
        homes: canaries.homes,
      })
      .from(canaries)
      .where(and(eq(canaries.tenantId, ctx.tenantId), isNull(canaries.removedAt)))
      .orderBy(canaries.id)
      .limit(limits.canariesMax),
  );
}

/**
 * What was planted, of canaries that were seen, also of removed ones; in no order, and nothing for an id
 * of no canary of this tenant. The marker stays out. @throws AppError `forbidden`.
 */
export async function readPlantedCanaries(
  ctx: Ctx,
  ids: readonly string[],
): Promise<(PlantedCanary & { readonly id: string })[]> {
  requirePermission(ctx, 'canaries.read');
  const known = ids.filter((id) => isId('canary', id));
  if (known.length === 0) return [];
  return withRead(ctx, (tx) =>
    tx
      .select({
        id: canaries.id,
        name: canaries.name,
        document: canaries.document,
        form: canaries.form,
        homes: canaries.homes,
        createdAt: canaries.createdAt,
        removedAt: canaries.removedAt,
      })
      .from(canaries)
      .where(and(eq(canaries.tenantId, ctx.tenantId), inArray(canaries.id, known)))
      .limit(limits.canariesMax),
  );
}
