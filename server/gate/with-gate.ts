import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import { openTransaction } from '#db/open-transaction.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { gateName } from '#server/kernel/take-gate-alone.ts';
import type { GateSubject } from './contract.ts';
import { type Coverage, type CoveringStop, readCoverage } from './read-coverage.ts';
import { isStopFilePresent } from './stop-file.ts';

/**
 * Runs `work` where no stop can overtake it: one READ COMMITTED transaction that holds the tenant's
 * gate shared and, in a statement after the lock, has seen that no stop covers the subject. A stop is
 * acknowledged only after it has held the gate alone, so whatever it did not see was over before.
 *
 * The order is the control: with the stops read before the lock, or under REPEATABLE READ (whose
 * snapshot is older than the lock), a permit was granted after an acknowledged stop, without an error.
 * A shared row lock instead of the advisory one let new permits overtake a waiting stop for seconds.
 *
 * Bounded by `limits.gateTransactionMs`; a process that pauses inside loses its transaction, and the
 * stop goes on. `work` does no I/O beside its own statements. What `read` asks is sent in the same trip
 * as the gate and answered behind it.
 * @throws AppError `halted` with `{stopId, scope, epoch}`; whatever `work` throws; a database error
 *   when the gate is not had within `limits.gateLockMs` (503, no effect).
 */
export function withGate<T, Facts = undefined>(
  ctx: Ctx,
  subject: GateSubject,
  work: (tx: Tx, coverage: Coverage, facts: Facts) => Promise<T>,
  read?: (tx: Tx) => Promise<Facts>,
): Promise<T> {
  const enter = async (tx: Tx, [coverage]: readonly Coverage[], facts: Facts | undefined) => {
    if (coverage === undefined) throw new Error('the gate told nothing of its only subject');
    if (coverage.standing !== null) throw haltedBy(coverage.standing);
    return work(tx, coverage, facts as Facts);
  };
  return openGate(ctx, [subject], enter, async (tx) => read?.(tx));
}

/**
 * The gate for several subjects of one tenant in one transaction; who of them may pass is for `work` to
 * see. Only {@link withGate} and {@link shareGate} call it.
 * @throws AppError `halted` under the stop file; otherwise as {@link withGate}
 */
export function openGate<T, Facts>(
  ctx: Ctx,
  subjects: readonly GateSubject[],
  work: (tx: Tx, coverages: readonly Coverage[], facts: Facts) => Promise<T>,
  read: (tx: Tx) => Promise<Facts>,
): Promise<T> {
  refuseUnderStopFile();
  return openTransaction(ctx.db, 'read write', settingsOf(ctx), async (tx) => {
    // Sent together, run one after the other: what follows has a snapshot younger than the lock.
    const [, coverages, facts] = await Promise.all([
      hotQuery(tx, takeGate, [gateName(ctx)]),
      Promise.all(subjects.map((subject) => readCoverage(tx, ctx, subject))),
      read(tx),
    ]);
    refuseUnderStopFile();
    return work(tx, coverages, facts);
  });
}

/** Generic plans: planning the decision's statements anew took four times as long as running them. */
const settingsOf = (ctx: Ctx) => ({
  'app.tenant': uuidOf(ctx.tenantId),
  plan_cache_mode: 'force_generic_plan',
  transaction_timeout: String(limits.gateTransactionMs),
  lock_timeout: String(limits.gateLockMs),
});

const takeGate = 'select pg_advisory_xact_lock_shared(hashtextextended($1::text, 0))';

/** The refusal of whatever a standing stop covers. */
export function haltedBy(stop: Pick<CoveringStop, 'id' | 'scope' | 'epoch'>): AppError {
  const { kind, label } = stop.scope;
  return new AppError(
    'halted',
    `A stop of the ${kind} ${label} stands; do nothing further, follow /api/v1/control and ask again after its lift.`,
    { extras: { stopId: stop.id, scope: stop.scope, epoch: stop.epoch } },
  );
}

/** @throws AppError `halted` while the stop file of this process is there. */
export function refuseUnderStopFile(): void {
  if (!isStopFilePresent()) return;
  throw new AppError(
    'halted',
    'The stop file of this host is present, so everything is refused; do nothing further.',
    { extras: { stopId: null, scope: { kind: 'host' }, epoch: null } },
  );
}
