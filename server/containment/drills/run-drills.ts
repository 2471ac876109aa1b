import { randomUUID } from 'node:crypto';
import { and, eq, gte, inArray, isNull, sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import type { DrillEnd } from '#db/enums.ts';
import { drills } from '#db/schema/drills.ts';
import { stops } from '#db/schema/gate.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { endAgentLeases } from '#server/credentials/end-agent-leases.ts';
import { revokeForDrillIn } from '#server/credentials/revoke-credential.ts';
import { readLadder } from '#server/containment/read-ladder.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { readStop } from '#server/gate/queries.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import { idOf, mintTenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { createGroupCommit, type GroupCommit } from '#server/telemetry/group-commit.ts';
import type { Drill, DrillPlan } from './contract.ts';
import { drillEvent, drillTraceId } from './drill-event.ts';
import { type DrillStep, nextDrillStep } from './drill-steps.ts';
import { findInstance, ownInstance } from './find-instance.ts';
import { lockPractice } from './practice-credentials.ts';
import { selectDrills, selectPlan } from './queries.ts';
import { startDrill } from './start-drill.ts';

/** Carries drills on, and begins those that are due. */
export interface DrillRunner {
  /** One look at every tenant that drills. */
  readonly pass: () => Promise<void>;
}

interface RunnerState extends RunnerOptions {
  /** The runner's own way into the log. */
  readonly commit: GroupCommit;
  /** What this process has said of each tenant already. */
  readonly told: Map<string, string>;
}

interface RunnerOptions {
  readonly db: Db;
  readonly log: Log;
}

/**
 * Makes the runner. Any number may run: a step is a conditional update or a verb that changes nothing
 * the second time, so two that take it at once do no harm, and one that dies is followed by another.
 */
export function createDrillRunner(options: RunnerOptions): DrillRunner {
  const { db, log } = options;
  const state: RunnerState = {
    ...options,
    commit: createGroupCommit(db.$client),
    told: new Map(),
  };
  return {
    pass: async () => {
      const tenants = await db.execute<{ tenant_id: string }>(sql`
        select tenant_id from drills where ended_at is null
        union select tenant_id from drill_plans`);
      for (const { tenant_id: tenant } of tenants) {
        const tenantId = mintTenantId(idOf('tenant', tenant));
        const actor = { type: 'system', name: 'system:drill' } as const;
        const ctx: Ctx = { db, tenantId, actor, requestId: `drill-${randomUUID()}` };
        try {
          await followPlan(ctx, state);
          await carryOn(ctx, state);
        } catch (error) {
          log.warn({ tenantId, err: error }, 'drills of a tenant could not be carried on');
        }
      }
    },
  };
}

/** Begins what is due, and says in the log what is overdue: a rule makes the alert. */
async function followPlan(ctx: Ctx, options: RunnerState): Promise<void> {
  const found = await withRead(ctx, (tx) => selectPlan(tx, ctx));
  if (found === null) return;
  const { plan, isDue } = found;
  if (plan.isOverdue) await tellOverdue(ctx, options, plan);
  if (!isDue) return;
  try {
    await startDrill(ctx, {
      agentId: plan.agent.id,
      isHandsOn: false,
      credentialId: null,
      trigger: 'schedule',
    });
  } catch (error) {
    // An agent that is stopped, disabled or not for drills any more: in time that is an alert.
    if (!isAppError(error) || error.code !== 'conflict') throw error;
    options.log.info({ tenantId: ctx.tenantId, err: error }, 'a drill that is due cannot begin');
  }
}

/** One event for each time that runs out: sent again under its id it is refused, which does no harm. */
async function tellOverdue(
  ctx: Ctx,
  { commit, told }: RunnerState,
  plan: DrillPlan,
): Promise<void> {
  const about = `${ctx.tenantId} ${plan.setAt} ${plan.lastDoneAt ?? ''}`;
  const traceId = sha256Hex(about).slice(0, 32);
  if (told.get(ctx.tenantId) === traceId) return;
  const instanceId = await withRead(ctx, (tx) => findInstance(tx, ctx, plan.agent.id));
  const at = new Date().toISOString();
  const event = {
    id: `drill-overdue-${traceId}`,
    traceId,
    at,
    instanceId: instanceId ?? ownInstance,
  };
  await commit.store(ctx.tenantId, [drillEvent('signalbox_drill_overdue', plan.agent, event)]);
  told.set(ctx.tenantId, traceId);
}

async function carryOn(ctx: Ctx, state: RunnerState): Promise<void> {
  await adoptStops(ctx);
  const { running, nowMs } = await withRead(ctx, async (tx) => {
    const [now] = await tx.execute<{ ms: number }>(
      sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
    );
    const found = await selectDrills(tx, ctx, sql`d.ended_at is null`, limits.pageItemsMax);
    return { running: found, nowMs: now?.ms ?? 0 };
  });
  for (const drill of running) {
    const step = nextDrillStep(progressOf(drill), nowMs);
    if (step !== null) await take[step](ctx, drill, state);
  }
}

const progressOf = (drill: Drill) => ({
  startedMs: Date.parse(drill.startedAt),
  isHandsOn: drill.isHandsOn,
  isMarked: drill.isMarked,
  isSignalled: drill.signalledAt !== null,
  isDetected: drill.detectedAt !== null,
  stop:
    drill.stopId === null
      ? null
      : {
          isAcknowledged: drill.acknowledgedAt !== null,
          isLifted: drill.liftedAt !== null,
        },
  isRevokeDone: drill.leasesEnded !== null,
  isConfirmed: drill.confirmedAt !== null,
});

/** The first stop of the agent since a drill began is the drill's, whoever placed it. */
async function adoptStops(ctx: Ctx): Promise<void> {
  requirePermission(ctx, 'drills.measure');
  // no-audit: what was seen; the stop wrote its own row.
  await withTransaction(ctx, async (tx) => {
    const waiting = await tx
      .select({ id: drills.id, agentId: drills.agentId, startedAt: drills.startedAt })
      .from(drills)
      .where(and(eq(drills.tenantId, ctx.tenantId), isNull(drills.endedAt), isNull(drills.stopId)));
    for (const { id, agentId, startedAt } of waiting) {
      const [first] = await tx
        .select({ id: stops.id })
        .from(stops)
        .where(
          and(
            eq(stops.tenantId, ctx.tenantId),
            inArray(stops.scopeKind, ['agent', 'tree']),
            eq(stops.scopeId, agentId),
            gte(stops.placedAt, startedAt),
          ),
        )
        .orderBy(stops.placedAt)
        .limit(1);
      if (!first) continue;
      await tx
        .update(drills)
        .set({ stopId: first.id })
        .where(and(eq(drills.tenantId, ctx.tenantId), eq(drills.id, id), isNull(drills.stopId)));
    }
  });
}

const take: Readonly<
  Record<DrillStep, (ctx: Ctx, drill: Drill, state: RunnerState) => Promise<void>>
> = {
  signal: async (ctx, drill, { commit }) => {
    const instanceId = await withRead(ctx, (tx) => findInstance(tx, ctx, drill.agent.id));
    const traceId = drillTraceId(drill.id);
    const told = { id: `drill-${drill.id}`, traceId, at: drill.startedAt, instanceId };
    await commit.store(ctx.tenantId, [drillEvent('signalbox_drill', drill.agent, told)]);
    await note(ctx, drill, sql`signalled_at = coalesce(signalled_at, clock_timestamp())`);
  },
  stop: async (ctx, drill) => {
    const scope = { kind: 'agent', id: drill.agent.id } as const;
    await placeStop(ctx, { scope, level: 2, reason: `Drill ${drill.id}` });
  },
  revoke: async (ctx, drill) => {
    await withTransaction(ctx, async (tx) => {
      const of = { agentId: drill.agent.id, sessionIds: null };
      const ended = await endAgentLeases(tx, ctx, of, 'drill');
      await revokePractice(tx, ctx, drill);
      await tx
        .update(drills)
        .set({ leasesEnded: ended })
        .where(and(ofDrill(ctx, drill), isNull(drills.leasesEnded)));
    });
    await proveRevoked(ctx, drill);
  },
  look: async (ctx, drill) => {
    await proveRevoked(ctx, drill);
    const { ladder } = await readLadder(ctx, await readStop(ctx, drill.stopId ?? ''));
    const mine = ladder.rows.filter(
      (row) => row.agentId === drill.agent.id && row.instanceId !== ownInstance,
    );
    if (mine.length === 0 || mine.some((row) => row.step !== 'quiet' && row.step !== 'cut')) return;
    await note(ctx, drill, sql`confirmed_at = coalesce(confirmed_at, clock_timestamp())`);
  },
  end: (ctx, drill) => end(ctx, drill, 'done'),
  lapse: (ctx, drill) => end(ctx, drill, 'lapsed'),
};

/** Left alone where it is no practice credential any more: the report says that nobody revoked it. */
async function revokePractice(tx: Tx, ctx: Ctx, { id, agent, credential }: Drill): Promise<void> {
  if (credential === null) return;
  if (!(await lockPractice(tx, ctx, agent.id, credential.id))) return;
  await revokeForDrillIn(tx, ctx, { id: credential.id, reason: `Drill ${id}` });
}

const ofDrill = (ctx: Ctx, drill: Drill) =>
  and(eq(drills.tenantId, ctx.tenantId), eq(drills.id, drill.id));

/** Only a look after the commit says so: there were leases, and none of them is live. */
async function proveRevoked(ctx: Ctx, drill: Drill): Promise<void> {
  await note(
    ctx,
    drill,
    sql`revoked_at = case when leases_ended > 0 and not exists (
      select 1 from leases l where l.tenant_id = drills.tenant_id and l.agent_id = drills.agent_id
        and l.ended_at is null and l.expires_at > clock_timestamp())
      then coalesce(revoked_at, clock_timestamp()) else revoked_at end`,
  );
}

/** Notes what was seen of a drill. */
async function note(ctx: Ctx, drill: Drill, what: ReturnType<typeof sql>): Promise<void> {
  requirePermission(ctx, 'drills.measure');
  // no-audit: a measurement; what is measured wrote its own rows.
  await withTransaction(ctx, (tx) =>
    tx.execute(sql`update drills set ${what} where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and id = ${uuidOf(drill.id)}::uuid and ended_at is null`),
  );
}

async function end(ctx: Ctx, drill: Drill, how: DrillEnd): Promise<void> {
  await withTransaction(ctx, async (tx) => {
    const [ended] = await tx
      .update(drills)
      .set({ ended: how, endedAt: sql`clock_timestamp()` })
      .where(and(ofDrill(ctx, drill), isNull(drills.endedAt)))
      .returning({ id: drills.id });
    if (!ended) return;
    await writeAudit(tx, ctx, {
      action: 'drill.ended',
      subject: { type: 'drill', id: drill.id },
      detail: { how, measures: drill.measures },
    });
  });
}
