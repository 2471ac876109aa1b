import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { agents } from '#db/schema/agents.ts';
import { containments } from '#db/schema/containment.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { addLeases, noLeases } from '#server/credentials/count-leases.ts';
import { readMortals } from '#server/credentials/read-holdings.ts';
import { readStop } from '#server/gate/queries.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readLadder } from '../read-ladder.ts';
import { readCoveredAgents, readCuts } from '../read-cuts.ts';
import { noSuchContainment } from './confirm-containment.ts';
import { containmentItems, containmentState, type ContainmentFacts } from './containment-items.ts';
import type { Containment } from './contract.ts';

type Row = typeof containments.$inferSelect;

/** One containment with its items as they are now. @throws AppError `forbidden`, `not_found` */
export async function readContainment(ctx: Ctx, id: string): Promise<Containment> {
  requirePermission(ctx, 'stops.read');
  if (!isId('containment', id)) throw noSuchContainment();
  const row = await findRow(ctx, eq(containments.id, id));
  if (row === null) throw noSuchContainment();
  return present(ctx, row);
}

/**
 * The containment of an agent that is open, or was released in the last day; or that of a stop. Null
 * where there is none. @throws AppError `forbidden`
 */
export async function findContainment(
  ctx: Ctx,
  of: { readonly agent: string } | { readonly stopId: string },
): Promise<Containment | null> {
  requirePermission(ctx, 'stops.read');
  if ('stopId' in of && !isId('stop', of.stopId)) return null;
  const which =
    'stopId' in of
      ? eq(containments.stopId, of.stopId)
      : and(
          isId('agent', of.agent)
            ? eq(containments.agentId, of.agent)
            : eq(containments.agentLabel, of.agent),
          sql`(${containments.releasedAt} is null
            or ${containments.releasedAt} > clock_timestamp() - interval '1 day')`,
        );
  const row = await findRow(ctx, which);
  return row === null ? null : present(ctx, row);
}

/** Open ones first, then the latest. */
function findRow(ctx: Ctx, which: SQL | undefined): Promise<Row | null> {
  return withRead(ctx, async (tx) => {
    const [row] = await tx
      .select()
      .from(containments)
      .where(and(eq(containments.tenantId, ctx.tenantId), which))
      .orderBy(sql`${containments.releasedAt} is not null`, desc(containments.requestedAt))
      .limit(1);
    return row ?? null;
  });
}

async function present(ctx: Ctx, row: Row): Promise<Containment> {
  const stop = row.stopId === null ? null : await readStop(ctx, row.stopId);
  const ladder = stop === null ? null : (await readLadder(ctx, stop)).ladder;
  const held = await withRead(ctx, (tx) => readHeld(tx, ctx, row, stop?.scope ?? null));
  // What no stop covers any more is contained by nobody; an agent of its own stays locked.
  const isReleased = row.releasedAt !== null || (row.agentId === null && stop?.state === 'lifted');
  const facts: ContainmentFacts = {
    level: row.level,
    isCutFirst: row.isCutFirst,
    isReleased,
    agent: row.agentId === null ? null : { isActive: held.isActive, lockedAt: row.lockedAt },
    stop,
    counts: ladder?.counts ?? null,
    evidence:
      row.evidenceAt === null || row.evidenceDigest === null
        ? null
        : { at: row.evidenceAt, digest: row.evidenceDigest },
    leases: held.leases,
    isConfirmed: row.confirmedAt !== null,
    cutAt: row.cutAt,
    credentials: held.credentials,
  };
  const items = containmentItems(facts);
  return {
    id: row.id,
    state: containmentState(items, isReleased),
    agent: row.agentId === null ? null : { id: row.agentId, slug: row.agentLabel ?? '' },
    stopId: row.stopId,
    level: row.level,
    reason: row.reason,
    isCutFirst: row.isCutFirst,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt,
    alertId: row.alertId,
    confirmedBy: row.confirmedBy,
    evidence:
      facts.evidence === null ? null : { ...facts.evidence, counts: countsOf(row.evidence) },
    items,
    proven: items.filter((one) => one.state === 'confirmed').length,
    releasedAt: row.releasedAt,
    releasedBy: row.releasedBy,
    at: held.at,
  };
}

/** What the agents hold now, and what they held when it was cut: neither hides the other. */
async function readHeld(
  tx: Tx,
  ctx: Ctx,
  row: Row,
  scope: Parameters<typeof readCoveredAgents>[2] | null,
) {
  const [now] = await tx.execute<{ at: string }>(sql`select clock_timestamp()::text as at`);
  const at = instantFromDriver(now?.at ?? '');
  const [agent] =
    row.agentId === null
      ? []
      : await tx
          .select({ state: agents.state, slug: agents.slug })
          .from(agents)
          .where(and(eq(agents.tenantId, ctx.tenantId), eq(agents.id, row.agentId)));
  const covering =
    scope ??
    (row.agentId === null
      ? null
      : ({ kind: 'agent', id: row.agentId, label: agent?.slug ?? '' } as const));
  const covered = covering === null ? [] : await readCoveredAgents(tx, ctx, covering);
  const cuts =
    covering === null
      ? null
      : await readCuts(
          tx,
          ctx,
          { scope: covering, cutAt: row.cutAt },
          covered.map((one) => one.id),
        );
  const cutRows = await tx.execute<{ id: string }>(sql`
    select credential_id as id from containment_credentials
    where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and containment_id = ${uuidOf(row.id)}::uuid
    limit ${limits.credentialsMax}`);
  const known = new Set(cuts?.holdings.map((holding) => holding.credentialId));
  const gone = cutRows.map((one) => idOf('credential', one.id)).filter((id) => !known.has(id));
  const all = [...(cuts?.holdings ?? []), ...(await readMortals(tx, ctx, gone))];
  const slugs = new Map(covered.map((one) => [one.id, one.slug]));
  const credentials = new Map(
    all.map(({ credentialId: id, name, provider, death }) => {
      const holders = (cuts?.holdings ?? []).filter((holding) => holding.credentialId === id);
      const heldBy = holders.map((holding) => slugs.get(holding.agentId) ?? holding.agentId);
      return [id, { id, name, provider, death, heldBy }];
    }),
  );
  let leases: ContainmentFacts['leases'] = noLeases;
  for (const cut of cuts?.byAgent.values() ?? []) {
    if (cut.leases === null || leases === null) leases = null;
    else leases = addLeases(leases, cut.leases);
  }
  return {
    at,
    isActive: agent?.state === 'active',
    leases,
    credentials: [...credentials.values()],
  };
}

/** Of the stored evidence, how many of each kind it has. */
function countsOf(evidence: unknown): Record<string, number> {
  const held = (evidence as { held?: Record<string, { count: number }> } | null)?.held ?? {};
  return Object.fromEntries(Object.entries(held).map(([name, { count }]) => [name, count]));
}
