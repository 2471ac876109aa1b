import { and, asc, count, desc, eq, gt, ilike, lt, max, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { agentInstances, agents, tools } from '#db/schema/agents.ts';
import { apiKeys, users } from '#db/schema/tenancy.ts';
import type { KeyRow } from '#server/auth/contract.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Agent, AgentDetail, Tool } from './contract.ts';

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}
export interface PageWanted {
  readonly limit: number;
  readonly cursor: string | null;
}

/** One row more than wanted tells whether there is a next page. */
function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

const likePattern = (text: string) => `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

/** Last sign of life and number of instances of each agent. */
const instancesOf = (tx: Tx, ctx: Ctx) =>
  tx
    .select({
      agentId: agentInstances.agentId,
      lastSeenAt: max(agentInstances.lastSeenAt).as('last_seen_at'),
      instances: count().as('instances'),
    })
    .from(agentInstances)
    .where(eq(agentInstances.tenantId, ctx.tenantId))
    .groupBy(agentInstances.agentId)
    .as('seen');

async function selectAgents(
  ctx: Ctx,
  condition: ReturnType<typeof and>,
  limit: number,
): Promise<(Agent & { ownerUserId: string | null })[]> {
  const rows = await withRead(ctx, (tx) => {
    const seen = instancesOf(tx, ctx);
    return tx
      .select({
        id: agents.id,
        slug: agents.slug,
        environment: agents.environment,
        state: agents.state,
        isDrill: agents.isDrill,
        owner: users.email,
        ownerUserId: agents.ownerUserId,
        createdAt: agents.createdAt,
        lastSeenAt: seen.lastSeenAt,
        instances: seen.instances,
      })
      .from(agents)
      .leftJoin(users, eq(users.id, agents.ownerUserId))
      .leftJoin(seen, eq(seen.agentId, agents.id))
      .where(and(eq(agents.tenantId, ctx.tenantId), condition))
      .orderBy(asc(agents.slug))
      .limit(limit);
  });
  return rows.map((row) => ({ ...row, instances: row.instances ?? 0 }));
}

/** A page of agents by slug, with the last sign of life of each. @throws AppError `forbidden`. */
export async function listAgents(
  ctx: Ctx,
  wanted: PageWanted & { readonly search: string | null },
): Promise<Page<Agent>> {
  requirePermission(ctx, 'agents.read');
  const rows = await selectAgents(
    ctx,
    and(
      wanted.cursor === null ? undefined : gt(agents.slug, wanted.cursor),
      wanted.search === null ? undefined : ilike(agents.slug, likePattern(wanted.search)),
    ),
    wanted.limit + 1,
  );
  return pageOf(rows, wanted.limit, (row) => row.slug);
}

/** One agent by slug or id, with its instances. @throws AppError `forbidden`, `not_found`. */
export async function readAgent(ctx: Ctx, slugOrId: string): Promise<AgentDetail> {
  requirePermission(ctx, 'agents.read');
  const wanted = isId('agent', slugOrId) ? eq(agents.id, slugOrId) : eq(agents.slug, slugOrId);
  const [agent] = await selectAgents(ctx, wanted, 1);
  if (!agent) throw new AppError('not_found', 'There is no such agent in this tenant.');
  return withRead(ctx, async (tx) => {
    const running = await tx
      .select({
        instanceId: agentInstances.instanceId,
        firstSeenAt: agentInstances.firstSeenAt,
        lastSeenAt: agentInstances.lastSeenAt,
      })
      .from(agentInstances)
      .where(and(eq(agentInstances.tenantId, ctx.tenantId), eq(agentInstances.agentId, agent.id)))
      .orderBy(desc(agentInstances.lastSeenAt))
      .limit(limits.pageItemsMax);
    const [keys] = await tx
      .select({
        live: sql<number>`count(*) filter (where ${isLive})::integer`,
        total: sql<number>`count(*)::integer`,
      })
      .from(apiKeys)
      .where(and(eq(apiKeys.tenantId, ctx.tenantId), eq(apiKeys.agentId, agent.id)));
    return { ...agent, running, keys: keys ?? { live: 0, total: 0 } };
  });
}

/** The database's clock decides what has expired, as it does when the key is used. */
const isLive = sql`${apiKeys.revokedAt} is null
  and (${apiKeys.expiresAt} is null or ${apiKeys.expiresAt} > now())`;

/** A page of machine keys, newest first. @throws AppError `forbidden`. */
export async function listKeys(ctx: Ctx, wanted: PageWanted): Promise<Page<KeyRow>> {
  requirePermission(ctx, 'keys.read');
  if (wanted.cursor !== null && !isId('key', wanted.cursor)) {
    throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  }
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        id: apiKeys.id,
        kind: apiKeys.kind,
        name: apiKeys.name,
        prefix: apiKeys.prefix,
        state: sql<KeyRow['state']>`case when ${apiKeys.revokedAt} is not null then 'revoked'
          when ${isLive} then 'live' else 'expired' end`,
        agentId: apiKeys.agentId,
        agentSlug: agents.slug,
        tools: apiKeys.tools,
        createdBy: apiKeys.createdBy,
        createdAt: apiKeys.createdAt,
        expiresAt: apiKeys.expiresAt,
        revokedAt: apiKeys.revokedAt,
        lastUsedAt: apiKeys.lastUsedAt,
      })
      .from(apiKeys)
      .leftJoin(agents, and(eq(agents.tenantId, apiKeys.tenantId), eq(agents.id, apiKeys.agentId)))
      .where(
        and(
          eq(apiKeys.tenantId, ctx.tenantId),
          wanted.cursor === null ? undefined : lt(apiKeys.id, wanted.cursor),
        ),
      )
      .orderBy(desc(apiKeys.id))
      .limit(wanted.limit + 1),
  );
  const items = rows.map(({ agentId, agentSlug, ...row }) => ({
    ...row,
    agent: agentId !== null && agentSlug !== null ? { id: agentId, slug: agentSlug } : null,
  }));
  return pageOf(items, wanted.limit, (row) => row.id);
}

/** A page of the tools table by name. @throws AppError `forbidden`. */
export async function listTools(
  ctx: Ctx,
  wanted: PageWanted & { readonly search: string | null },
): Promise<Page<Tool>> {
  requirePermission(ctx, 'tools.read');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        id: tools.id,
        name: tools.name,
        description: tools.description,
        reversibility: tools.reversibility,
        sensitivity: tools.sensitivity,
        blastRadius: tools.blastRadius,
        effectClass: tools.effectClass,
        loadBearingFields: tools.loadBearingFields,
        argumentSchema: sql<string | null>`${tools.schema}::text`,
        isGoverned: tools.isGoverned,
        origin: tools.origin,
        updatedAt: tools.updatedAt,
      })
      .from(tools)
      .where(
        and(
          eq(tools.tenantId, ctx.tenantId),
          wanted.cursor === null ? undefined : gt(tools.name, wanted.cursor),
          wanted.search === null ? undefined : ilike(tools.name, likePattern(wanted.search)),
        ),
      )
      .orderBy(asc(tools.name))
      .limit(wanted.limit + 1),
  );
  return pageOf(rows, wanted.limit, (row) => row.name);
}
