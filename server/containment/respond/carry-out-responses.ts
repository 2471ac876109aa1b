import { and, eq, inArray, lte, type SQL, sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { ruleResponses } from '#db/schema/containment.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { containAgent } from '../contain/begin-containment.ts';
import { readOwnEffect, reasonOf } from './read-own-effect.ts';
import { afterFailure, type Failure, failureOf, silence } from './response-retry.ts';
import { withholdReason } from './withhold-response.ts';

type Row = typeof ruleResponses.$inferSelect;
const silent = sql`clock_timestamp() - make_interval(secs => ${limits.responseSilentMs / 1000})`;
/**
 * Due, or a try failed and its pause is over, or its worker fell silent: doing it twice changes nothing.
 */
const isOpen = sql`(state = 'due' or (state = 'running' and
  case when next_try_at is null then taken_at < ${silent} else next_try_at <= clock_timestamp() end))`;

interface Due extends Record<string, unknown> {
  readonly tenant_id: string;
  readonly id: string;
  readonly tries: number;
}

/**
 * Does what rules have ordered, over all tenants, each once: stops the agent, or contains it as far as that
 * can be undone; the rest waits for a person. Any number of workers may run. What fails is tried again
 * after a pause, `limits.responseTriesMax` times, and then said to have failed.
 * @returns how many it took up
 */
export async function carryOutResponses(db: Db, log: Log): Promise<number> {
  const due = await db.execute<Due>(sql`
    select tenant_id, id, tries from rule_responses where ${isOpen}
    order by ordered_at limit ${limits.stopsMax}`);
  for (const { tenant_id: tenant, id: uuid, tries } of due) {
    const ctx: Ctx = {
      db,
      tenantId: mintTenantId(idOf('tenant', tenant)),
      actor: { type: 'system', name: 'system:rule' },
      requestId: newRequestId(),
    };
    const id = idOf('response', uuid);
    // One that fails holds no other back.
    await respond(ctx, id, tries)
      .catch(async (error: unknown) => {
        log.warn({ err: error, response: id }, 'what a rule ordered could not be done');
        await noteFailure(ctx, id, tries + 1, failureOf(error));
      })
      .catch((error: unknown) =>
        // It counts as the try of a worker that fell silent, or was not taken at all.
        log.warn({ err: error, response: id }, 'the failure of a response could not be noted'),
      );
  }
  return due.length;
}

/** One try, the `tries + 1`th. Each step that is taken stands, whatever comes of the next. */
async function respond(ctx: Ctx, id: string, tries: number): Promise<void> {
  requirePermission(ctx, 'containments.begin');
  if (tries >= limits.responseTriesMax) return noteFailure(ctx, id, tries, silence);
  const taken = await withTransaction(ctx, (tx) => take(tx, ctx, id, tries));
  if (taken === null || taken.agentId === null) return;
  const done =
    taken.action === 'stop'
      ? await stopAgent(ctx, taken, taken.agentId)
      : await contain(ctx, taken, taken.agentId);
  // no-audit: taking it was; what it did has its own rows.
  await withTransaction(ctx, (tx) =>
    tx
      .update(ruleResponses)
      // Given up by another, and done by one that was only slow: it is done.
      .set({ ...done, state: 'done', nextTryAt: null })
      .where(and(mine(ctx, id), inArray(ruleResponses.state, ['running', 'failed']))),
  );
}

const mine = (ctx: Ctx, id: string): SQL | undefined =>
  and(eq(ruleResponses.tenantId, ctx.tenantId), eq(ruleResponses.id, id));

/** Marks it as this worker's, or says why nothing is done; null where nothing is. */
async function take(tx: Tx, ctx: Ctx, id: string, tries: number): Promise<Row | null> {
  // One at a time of a tenant, or two would both find room under the cap.
  await tx.execute(sql`select pg_advisory_xact_lock(
    hashtextextended(${`responses:${ctx.tenantId}`}::text, 0))`);
  const [row] = await tx
    .select()
    .from(ruleResponses)
    .where(and(mine(ctx, id), eq(ruleResponses.tries, tries), isOpen))
    .for('update');
  if (!row) return null;
  // What stands of an earlier try is gone on with, whatever became of the rule.
  const hasBegun = row.state === 'running' && (await readOwnEffect(tx, ctx, row)).isOwn;
  const withheld = hasBegun ? null : await withholdReason(tx, ctx, row);
  const now = sql`clock_timestamp()`;
  await tx
    .update(ruleResponses)
    .set(
      withheld === null
        ? { state: 'running', says: 'Being done.', takenAt: now, tries: tries + 1, nextTryAt: null }
        : { ...withheld, nextTryAt: null },
    )
    .where(mine(ctx, id));
  if (row.takenAt === null || withheld !== null) {
    await writeAudit(tx, ctx, {
      action: withheld === null ? 'response.taken' : 'response.withheld',
      ...auditFacts(row, withheld === null ? {} : { why: withheld.says }),
    });
  }
  return withheld === null ? row : null;
}

/** Another try after a pause, or its end; nothing where another worker has gone on with it. */
async function noteFailure(ctx: Ctx, id: string, tries: number, why: Failure): Promise<void> {
  requirePermission(ctx, 'containments.begin');
  await withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select()
      .from(ruleResponses)
      .where(
        and(
          mine(ctx, id),
          inArray(ruleResponses.state, ['due', 'running']),
          lte(ruleResponses.tries, tries),
        ),
      )
      .for('update');
    if (!row) return;
    const effect = await readOwnEffect(tx, ctx, row);
    const after = afterFailure(tries, why, effect.isOwn);
    const isOver = after.state === 'failed';
    await tx
      .update(ruleResponses)
      .set({
        ...effect,
        state: after.state,
        says: after.says,
        tries,
        nextTryAt: isOver
          ? null
          : sql`clock_timestamp() + make_interval(secs => ${after.retryAfterMs / 1000})`,
      })
      .where(mine(ctx, id));
    if (!isOver) return;
    await writeAudit(tx, ctx, {
      action: 'response.failed',
      ...auditFacts(row, { why: after.says, tries }),
    });
  });
}

const auditFacts = (row: Row, detail: Readonly<Record<string, unknown>>) => ({
  subject: { type: 'response', id: row.id },
  cause: row.ruleId,
  detail: {
    action: row.action,
    rule: row.ruleTitle,
    ruleVersion: row.ruleVersion,
    alert: row.alertId,
    agent: row.agentLabel,
    ...detail,
  },
});

/** Its own is only the stop that it placed: one that it raised to its level is lifted by its author's rules. */
async function stopAgent(ctx: Ctx, row: Row, agentId: string) {
  const stop = await placeStop(ctx, {
    scope: { kind: 'agent', id: agentId },
    level: limits.responseStopLevel,
    reason: reasonOf(row),
  });
  const { isOwn } = await withRead(ctx, (tx) => readOwnEffect(tx, ctx, row));
  if (isOwn) return { stopId: stop.id, isOwn, says: 'The agent was stopped.' };
  const raised = stop.changed ? ` Its level was raised to ${limits.responseStopLevel}.` : '';
  return { stopId: stop.id, isOwn, says: `It was stopped already by ${stop.placedBy}.${raised}` };
}

async function contain(ctx: Ctx, row: Row, agent: string) {
  const { alertId } = row;
  const wish = { agent, reason: reasonOf(row), alertId, isExfiltration: false };
  const { id } = await containAgent(ctx, wish);
  const { isOwn } = await withRead(ctx, (tx) => readOwnEffect(tx, ctx, row));
  const says = isOwn
    ? 'The agent was stopped and locked, and evidence is held. Cutting its credentials waits for a person.'
    : 'It was contained already.';
  return { containmentId: id, isOwn, says };
}
