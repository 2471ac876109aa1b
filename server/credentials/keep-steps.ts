import { and, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { RevocationState, RevocationStepKind } from '#db/enums.ts';
import { revocationSteps, revocations } from '#db/schema/credentials.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { isStoreError } from '#server/http/problem.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { gather } from '#server/kernel/gather.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Evidence } from './adapters/adapter.ts';
import type { RevocationRow } from './claim-revocations.ts';

/** A step that was taken, and what becomes of the revocation by it. */
export interface StepToKeep {
  /** As it was read: where it is not so any more, another worker went on with it, and nothing is kept. */
  readonly row: RevocationRow;
  readonly step: RevocationStepKind;
  readonly verdict: string;
  readonly evidence: Evidence;
  /** In the ladder, for people. */
  readonly told: string;
  readonly state: RevocationState;
  readonly says: string;
  readonly attempts: number;
  /** Null once nothing more happens by itself. */
  readonly nextInMs: number | null;
  /** The claim stays, and this worker goes on. */
  readonly isGoingOn: boolean;
  /** A probe called it live, before anything was sent. */
  readonly isSeenLive: boolean;
  /** The provider answered to the revocation. */
  readonly isAnswered: boolean;
  /** Of one that cannot be proven: until when it may live; null = nobody knows. */
  readonly diesAt: string | null;
}

/**
 * Keeps a step; resolves with the row as it is then, once that is durable.
 * @throws Error when another worker went on with it; AppError `store_unavailable` where no audit row can be
 * written; the database's error
 */
export type KeepStep = (step: StepToKeep) => Promise<RevocationRow>;

/** Makes the keeper of a tenant's steps: those that come at the same time share a transaction. */
export function createStepKeeper(ctx: Ctx): KeepStep {
  requirePermission(ctx, 'credentials.finish');
  const keep = gather((steps: readonly StepToKeep[]) => keepSteps(ctx, steps), {
    max: limits.revocationsClaimedMax,
    // One whose values the database refuses holds none of the others back.
    isWorthSplitting: (error) => !isStoreError(error),
  });
  return async (step) => {
    const kept = await keep(step);
    if (kept === null) throw new Error('another worker went on with this revocation');
    return kept;
  };
}

/** Row by row: null where it was not as it had been read. */
async function keepSteps(
  ctx: Ctx,
  steps: readonly StepToKeep[],
): Promise<(RevocationRow | null)[]> {
  const ids = steps.map(({ row }) => row.id);
  return withTransaction(ctx, async (tx) => {
    // Locked in the order of their ids: a worker that lost its claims never waits in a circle.
    const lock = tx
      .select({ id: revocations.id })
      .from(revocations)
      .where(and(eq(revocations.tenantId, ctx.tenantId), inArray(revocations.id, ids)))
      .orderBy(revocations.id)
      .for('no key update');
    const change = tx
      .update(revocations)
      .set({
        state: sql`x.state`,
        says: sql`x.says`,
        attempts: sql`x.attempts`,
        wasLiveAt: sql`case when x.is_seen_live then clock_timestamp() else was_live_at end`,
        sentAt: sql`case when x.is_answered then clock_timestamp() else sent_at end`,
        confirmedAt: sql`case when x.state = 'confirmed'
          then coalesce(confirmed_at, clock_timestamp()) else confirmed_at end`,
        verifiedAt: sql`case when x.state = 'verified' then clock_timestamp() else verified_at end`,
        lastValidAt: sql`case when x.state = 'unverifiable' then x.dies_at else last_valid_at end`,
        nextAttemptAt: sql`clock_timestamp() + x.next_in_ms * interval '1 millisecond'`,
        claimedUntil: sql`case when x.is_going_on then claimed_until end`,
      })
      .from(
        sql`jsonb_to_recordset(${JSON.stringify(steps.map(changeOf))}::text::jsonb) as x(id uuid,
          state_before text, attempts_before int, state text, says text, attempts int,
          next_in_ms float8, is_going_on boolean, is_seen_live boolean, is_answered boolean,
          dies_at timestamptz)`,
      )
      .where(
        and(
          eq(revocations.tenantId, ctx.tenantId),
          sql`${revocations.id} = x.id`,
          sql`${revocations.state} = x.state_before`,
          sql`${revocations.attempts} = x.attempts_before`,
        ),
      )
      .returning(getTableColumns(revocations));
    const [, changed] = await Promise.all([lock, change]);
    const byId = new Map(changed.map((row) => [row.id, row]));
    const kept = steps.filter(({ row }) => byId.has(row.id));
    if (kept.length > 0) {
      await Promise.all([
        tx.insert(revocationSteps).values(kept.map((step) => ladderRow(ctx, step))),
        writeAudit(tx, ctx, kept.filter(isMove).map(auditOf)),
      ]);
    }
    return steps.map(({ row }) => byId.get(row.id) ?? null);
  });
}

const changeOf = (step: StepToKeep) => ({
  id: uuidOf(step.row.id),
  state_before: step.row.state,
  attempts_before: step.row.attempts,
  state: step.state,
  says: step.says,
  attempts: step.attempts,
  next_in_ms: step.nextInMs,
  is_going_on: step.isGoingOn,
  is_seen_live: step.isSeenLive,
  is_answered: step.isAnswered,
  dies_at: step.diesAt,
});

const ladderRow = (ctx: Ctx, { row, step, state, verdict, evidence, told }: StepToKeep) => ({
  tenantId: ctx.tenantId,
  id: newId('revocationStep'),
  revocationId: row.id,
  step,
  state,
  verdict,
  host: evidence.host,
  status: evidence.status,
  says: told,
});

const isMove = ({ row, state }: StepToKeep): boolean => state !== row.state;

const auditOf = ({ row, state, evidence }: StepToKeep) => ({
  action: 'credential.revocation_moved' as const,
  subject: { type: 'credential', id: row.credentialId },
  detail: { revocation: row.id, target: row.target, from: row.state, to: state, ...evidence },
});
