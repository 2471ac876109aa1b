import { and, eq, sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { ruleResponses } from '#db/schema/containment.ts';
import { actorIdentity, writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { containAgent } from '../contain/begin-containment.ts';

type Row = typeof ruleResponses.$inferSelect;
const silent = sql`clock_timestamp() - make_interval(secs => ${limits.responseSilentMs / 1000})`;
/** One whose worker died is taken on by another: doing it twice changes nothing. */
const isOpen = sql`(state = 'due' or (state = 'running' and taken_at < ${silent}))`;

/**
 * Does what rules have ordered, over all tenants, each once: stops the agent, or contains it as far as that
 * can be undone; the rest waits for a person. Any number of workers may run.
 * @returns how many it took up
 */
export async function carryOutResponses(db: Db, log: Log): Promise<number> {
  const due = await db.execute<{ tenant_id: string; id: string }>(sql`
    select tenant_id, id from rule_responses where ${isOpen}
    order by ordered_at limit ${limits.stopsMax}`);
  for (const { tenant_id: tenant, id } of due) {
    const ctx: Ctx = {
      db,
      tenantId: mintTenantId(idOf('tenant', tenant)),
      actor: { type: 'system', name: 'system:rule' },
      requestId: newRequestId(),
    };
    // One that fails is taken again once it has been silent, and holds no other back.
    await respond(ctx, idOf('response', id)).catch((error: unknown) =>
      log.warn({ err: error, response: id }, 'what a rule ordered could not be done'),
    );
  }
  return due.length;
}

async function respond(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'containments.begin');
  const taken = await withTransaction(ctx, (tx) => take(tx, ctx, id));
  if (taken === null || taken.agentId === null) return;
  const reason = `Rule “${taken.ruleTitle.slice(0, 200)}”, by itself (${taken.alertId})`;
  const done =
    taken.action === 'stop'
      ? await stopAgent(ctx, taken, taken.agentId, reason)
      : await contain(ctx, taken.agentId, reason, taken.alertId);
  // no-audit: taking it was; what it did has its own rows.
  await withTransaction(ctx, (tx) =>
    tx
      .update(ruleResponses)
      // Done twice, it is still the first time that changed something.
      .set({ ...done, isOwn: sql`${ruleResponses.isOwn} or ${done.isOwn}`, state: 'done' })
      .where(and(mine(ctx, id), eq(ruleResponses.state, 'running'))),
  );
}

const mine = (ctx: Ctx, id: string) =>
  and(eq(ruleResponses.tenantId, ctx.tenantId), eq(ruleResponses.id, id));

/** Marks it as this worker's, or says why nothing is done; null where nothing is. */
async function take(tx: Tx, ctx: Ctx, id: string): Promise<Row | null> {
  // One at a time of a tenant, or two would both find room under the cap.
  await tx.execute(sql`select pg_advisory_xact_lock(
    hashtextextended(${`responses:${ctx.tenantId}`}::text, 0))`);
  const [row] = await tx
    .select()
    .from(ruleResponses)
    .where(and(mine(ctx, id), isOpen))
    .for('update');
  if (!row) return null;
  const withheld = row.state === 'due' ? await withholdReason(tx, ctx, row) : null;
  const changes = withheld ?? { state: 'running' as const, says: 'Being done.' };
  await tx
    .update(ruleResponses)
    .set({ ...changes, ...(withheld === null ? { takenAt: sql`clock_timestamp()` } : {}) })
    .where(mine(ctx, id));
  if (row.state === 'due') {
    await writeAudit(tx, ctx, {
      action: withheld === null ? 'response.taken' : 'response.withheld',
      subject: { type: 'response', id },
      cause: row.ruleId,
      detail: {
        action: row.action,
        rule: row.ruleTitle,
        ruleVersion: row.ruleVersion,
        alert: row.alertId,
        agent: row.agentLabel,
        ...(withheld === null ? {} : { why: withheld.says }),
      },
    });
  }
  return withheld === null ? row : null;
}

async function withholdReason(
  tx: Tx,
  ctx: Ctx,
  row: Row,
): Promise<{ state: 'capped' | 'skipped'; says: string } | null> {
  if (row.agentId === null) return { state: 'skipped', says: row.says };
  const [now] = await tx.execute<{ is_enabled: boolean; taken: number }>(sql`
    select exists (select 1 from rules r where r.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and r.id = ${uuidOf(row.ruleId)}::uuid and r.state = 'enabled'
        and r.version = ${row.ruleVersion}) as is_enabled,
      (select count(*) from rule_responses o where o.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and o.taken_at > clock_timestamp() - interval '1 hour')::int as taken`);
  if (now?.is_enabled !== true) {
    return { state: 'skipped', says: 'The rule was changed or switched off meanwhile.' };
  }
  if (now.taken < limits.responsesPerHourMax) return null;
  return {
    state: 'capped',
    says: `Rules have done ${now.taken} things by themselves within an hour, which is the most: decide yourself.`,
  };
}

/** Its own is only the stop that it placed: one that it raised to its level is lifted by its author's rules. */
async function stopAgent(ctx: Ctx, { orderedAt }: Row, agentId: string, reason: string) {
  const stop = await placeStop(ctx, {
    scope: { kind: 'agent', id: agentId },
    level: limits.responseStopLevel,
    reason,
  });
  const isOwn =
    stop.changed &&
    stop.placedBy === actorIdentity(ctx.actor).label &&
    Date.parse(stop.placedAt) >= Date.parse(orderedAt);
  if (isOwn) return { stopId: stop.id, isOwn, says: 'The agent was stopped.' };
  const raised = stop.changed ? ` Its level was raised to ${limits.responseStopLevel}.` : '';
  return { stopId: stop.id, isOwn, says: `It was stopped already by ${stop.placedBy}.${raised}` };
}

async function contain(ctx: Ctx, agent: string, reason: string, alertId: string) {
  const { id, isNew } = await containAgent(ctx, { agent, reason, alertId, isExfiltration: false });
  const says = isNew
    ? 'The agent was stopped and locked, and evidence is held. Cutting its credentials waits for a person.'
    : 'It was contained already.';
  return { containmentId: id, isOwn: isNew, says };
}
