import { and, desc, eq, isNull, ne, sql } from 'drizzle-orm';
import { recoveryPoints } from '#db/enums.ts';
import { stopChecks, stopLifts, stops } from '#db/schema/gate.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { permissions } from '#server/kernel/permissions.ts';
import type { RecoveryCheck, Stop, StopPage } from './contract.ts';
import { presentStop, stopColumns } from './internal/present-stop.ts';

const standsNow = and(
  ne(stops.state, 'lifted'),
  sql`(${stops.liftedAt} is null or ${stops.liftedAt} > clock_timestamp())`,
);

/** Stops in force, newest first: the banner of every page. @throws AppError `forbidden` */
export async function listStandingStops(ctx: Ctx): Promise<Stop[]> {
  requirePermission(ctx, 'stops.read');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select(stopColumns)
      .from(stops)
      .where(and(eq(stops.tenantId, ctx.tenantId), standsNow))
      .orderBy(desc(stops.placedAt), desc(stops.id))
      .limit(limits.pageItemsMax),
  );
  return rows.map(presentStop);
}

/** A page of all stops, newest first. @throws AppError `forbidden`, `bad_request` for a wrong cursor */
export async function listStops(
  ctx: Ctx,
  wanted: { readonly limit: number; readonly cursor: string | null },
): Promise<StopPage> {
  requirePermission(ctx, 'stops.read');
  if (wanted.cursor !== null && !isId('stop', wanted.cursor)) {
    throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  }
  const before =
    wanted.cursor === null
      ? undefined
      : sql`(${stops.placedAt}, ${stops.id}) < (select placed_at, id from stops
          where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and id = ${uuidOf(wanted.cursor)}::uuid)`;
  const rows = await withRead(ctx, (tx) =>
    tx
      .select(stopColumns)
      .from(stops)
      .where(and(eq(stops.tenantId, ctx.tenantId), before))
      .orderBy(desc(stops.placedAt), desc(stops.id))
      .limit(wanted.limit + 1),
  );
  const items = rows.slice(0, wanted.limit).map(presentStop);
  return { items, next: rows.length > wanted.limit ? (items.at(-1)?.id ?? null) : null };
}

/** One stop. @throws AppError `forbidden`, `not_found` */
export async function readStop(ctx: Ctx, id: string): Promise<Stop> {
  requirePermission(ctx, 'stops.read');
  if (!isId('stop', id)) throw new AppError('not_found', 'There is no such stop in this tenant.');
  const [row] = await withRead(ctx, (tx) =>
    tx
      .select(stopColumns)
      .from(stops)
      .where(and(eq(stops.tenantId, ctx.tenantId), eq(stops.id, id))),
  );
  if (!row) throw new AppError('not_found', 'There is no such stop in this tenant.');
  return presentStop(row);
}

/** Who has said that a stop may be lifted, oldest first. @throws AppError `forbidden` */
export async function listLifts(
  ctx: Ctx,
  stopId: string,
): Promise<{ by: string; at: string; isCounted: boolean }[]> {
  requirePermission(ctx, 'stops.read');
  return withRead(ctx, (tx) =>
    tx
      .select({
        by: stopLifts.actorLabel,
        at: stopLifts.at,
        isCounted: sql<boolean>`${stopLifts.actorType} = 'person'
          and ${stopLifts.at} > clock_timestamp() - make_interval(mins => ${limits.liftPairMinutes})`,
      })
      .from(stopLifts)
      .where(
        and(
          eq(stopLifts.tenantId, ctx.tenantId),
          eq(stopLifts.stopId, stopId),
          isNull(stopLifts.agentId),
        ),
      )
      .orderBy(stopLifts.at)
      .limit(limits.pageItemsMax),
  );
}

/** Every point to be looked at before a lift, with the last word on it. @throws AppError `forbidden` */
export async function listChecks(ctx: Ctx, stopId: string): Promise<RecoveryCheck[]> {
  requirePermission(ctx, 'stops.read');
  const said = await withRead(ctx, (tx) =>
    tx
      .selectDistinctOn([stopChecks.point], {
        point: stopChecks.point,
        isDone: stopChecks.isDone,
        by: stopChecks.actorLabel,
        at: stopChecks.at,
      })
      .from(stopChecks)
      .where(and(eq(stopChecks.tenantId, ctx.tenantId), eq(stopChecks.stopId, stopId)))
      .orderBy(stopChecks.point, desc(stopChecks.at)),
  );
  return recoveryPoints.map(
    (point) =>
      said.find((one) => one.point === point) ?? { point, isDone: false, by: null, at: null },
  );
}

/** How many distinct people could lift a stop now. @throws AppError `forbidden` */
export async function countLifters(ctx: Ctx): Promise<number> {
  requirePermission(ctx, 'stops.read');
  const entitled = [...permissions['stops.lift'].roles];
  const [row] = await withRead(ctx, (tx) =>
    tx
      .select({ people: sql<number>`count(distinct lower(${users.email}))::integer` })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(
        and(
          eq(memberships.tenantId, ctx.tenantId),
          sql`${users.disabledAt} is null`,
          sql`${memberships.roles} && ${sql.param(entitled)}::text[]`,
        ),
      ),
  );
  return row?.people ?? 0;
}
