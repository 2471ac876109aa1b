import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { deadKey, isKeyDead } from '#server/auth/key-standing.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { refuseUnderStopFile, withGate } from '#server/gate/with-gate.ts';
import { isStoreError } from '#server/http/problem.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError, isAppError } from '#server/kernel/errors.ts';
import { equalBytes, hmacSha256 } from '#server/kernel/hash.ts';
import { idOf, isId, newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { canonicalise, canonicaliseArguments } from '#server/permits/canonicalise.ts';
import type { PermitClaims } from '#server/permits/contract.ts';
import { completeDecided } from './complete-arguments.ts';
import type { RedeemAnswer, RedeemInput } from './contract.ts';
import { instantOf } from './present-action.ts';
import { type ActionRecord, lockAction, readActionRecord } from './read-action-record.ts';
import { readRedeemedPermit, type RedeemedPermit } from './read-redeemed-permit.ts';
import { refuseMismatch, refuseUnlessGranted, refuseUnlessLive } from './redeem-refusals.ts';
import { mayEnforce } from '#server/auth/requesting-agent.ts';

/** One attempt to redeem, with what is known of it without the database. */
interface Attempt {
  readonly input: RedeemInput;
  readonly claims: PermitClaims;
  readonly idempotencyKey: string | null;
  readonly requestDigest: Buffer;
}

/**
 * Redeems a permit: the one moment at which an action may run. Everything that granted it is read
 * again behind the gate and under the action's lock, and one conditional update decides; of any number
 * of callers one wins. Each refusal is audited, outside the transaction that it undid.
 * @throws AppError `unauthenticated` for a key that died meanwhile, `forbidden`, `not_found`, `denied`,
 *   `self_approval`, `expired`, `consumed`, `args_mismatch`, `plan_mismatch`, `policy_changed`,
 *   `schema_changed`, `superseded`, `halted`.
 */
export async function redeemPermit(
  ctx: Ctx,
  tools: HoldTools,
  input: RedeemInput,
  idempotencyKey: string | null,
): Promise<RedeemAnswer> {
  requirePermission(ctx, 'permits.redeem');
  canonicaliseArguments(input.args);
  const claims = await tools.permitKey.verify(input.permit);
  try {
    // Before the first look into the database, which may be away.
    refuseUnderStopFile();
    if (claims === null || claims.ten !== ctx.tenantId) throw noSuchPermit();
    const requestKey = tools.requestKeyOf(ctx.tenantId);
    const requestDigest = hmacSha256(requestKey, canonicalise(input));
    return await redeem(ctx, { input, claims, idempotencyKey, requestDigest });
  } catch (error) {
    if (isAppError(error)) await auditRefusal(ctx, claims, error);
    throw error;
  }
}

const noSuchPermit = (): AppError =>
  new AppError('not_found', 'This is no permit of this tenant; ask for the action again.');

async function redeem(ctx: Ctx, attempt: Attempt): Promise<RedeemAnswer> {
  const { claims } = attempt;
  const record = await withRead(ctx, (tx) => readActionRecord(tx, ctx, claims.act));
  if (record === null) throw noSuchPermit();
  if (!mayEnforce(ctx, record.agentId, record.tool)) {
    throw new AppError(
      'denied',
      'Only the agent itself, or an enforcer that is bound to the tool, redeems this permit.',
    );
  }
  return withGate(ctx, record.subject, async (tx) => {
    await lockAction(tx, ctx, record.id);
    // Sent together. A caller whose key died since the door looked gets no answer, a repeated one neither.
    const [isDead, current, permit] = await Promise.all([
      isKeyDead(tx, ctx),
      readActionRecord(tx, ctx, record.id),
      readRedeemedPermit(tx, ctx, claims.jti),
    ]);
    if (isDead) throw deadKey();
    if (current === null || permit === null || permit.actionId !== current.id) {
      throw noSuchPermit();
    }
    if (permit.redeemedAtMs !== null) return answerAgain(tx, ctx, attempt, current, permit);
    if (current.redeemedAtMs !== null) throw consumed();
    // Stops that were placed since its issue ended it for good, lifted or not.
    const coverage = await readCoverage(tx, ctx, current.subject, instantOf(permit.issuedAtMs));
    refuseUnlessLive(current, permit, coverage);
    const args = await completeDecided(tx, ctx, current, attempt.input.args);
    const input = { ...attempt.input, args };
    refuseMismatch(current, permit, input);
    await refuseUnlessGranted(tx, ctx, current, coverage);
    return consume(tx, ctx, { ...attempt, input }, current);
  });
}

const consumed = (): AppError =>
  new AppError('consumed', 'This permit was used already; ask again for another run.');

/** The same caller's same request gets the same answer; everybody else is told that it is used. */
async function answerAgain(
  tx: Tx,
  ctx: Ctx,
  attempt: Attempt,
  record: ActionRecord,
  permit: RedeemedPermit,
): Promise<RedeemAnswer> {
  const isSame =
    attempt.idempotencyKey !== null &&
    attempt.idempotencyKey === permit.redeemIdempotencyKey &&
    ctx.actor.type === 'key' &&
    ctx.actor.keyId === permit.redeemedByKeyId &&
    permit.redeemDigest !== null &&
    equalBytes(permit.redeemDigest, attempt.requestDigest);
  if (!isSame || permit.redemptionId === null || permit.redeemedAtMs === null) throw consumed();
  return {
    redeemed: true,
    actionId: permit.actionId,
    redemptionId: permit.redemptionId,
    args: await completeDecided(tx, ctx, record, attempt.input.args),
    redeemedAt: instantOf(permit.redeemedAtMs),
  };
}

/** Takes the permit, if it is unused and alive at this very moment by the database's clock. */
async function consume(
  tx: Tx,
  ctx: Ctx,
  attempt: Attempt,
  record: ActionRecord,
): Promise<RedeemAnswer> {
  if (ctx.actor.type !== 'key') throw new AppError('forbidden', 'Only a key redeems.');
  const { claims, idempotencyKey, requestDigest } = attempt;
  const redemptionId = newId('redemption');
  const [row] = await tx.execute<{ redeemed_ms: number; redemption_id: string }>(sql`
    update permits set redeemed_at = clock_timestamp(),
      redemption_id = ${uuidOf(redemptionId)}::uuid,
      redeemed_by_key_id = ${uuidOf(ctx.actor.keyId)}::uuid,
      redeemed_by_kind = ${ctx.actor.kind}, redeem_idempotency_key = ${idempotencyKey},
      redeem_digest = ${requestDigest},
      outcome_due_at = clock_timestamp() + make_interval(secs => ${limits.outcomeDueSeconds}::int)
    where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and id = ${uuidOf(claims.jti)}::uuid
      and redeemed_at is null
      and expires_at > clock_timestamp()
    returning (extract(epoch from redeemed_at) * 1000)::float8 as redeemed_ms, redemption_id`);
  // Unused under the lock, so it can only have been the time.
  if (!row) throw expired();
  await writeAudit(tx, ctx, {
    action: 'permit.redeemed',
    subject: { type: 'permit', id: claims.jti },
    decision: 'allow',
    detail: { action: record.id, tool: record.tool, redemption: redemptionId },
  });
  return {
    redeemed: true,
    actionId: record.id,
    redemptionId: idOf('redemption', row.redemption_id),
    args: attempt.input.args,
    redeemedAt: instantOf(row.redeemed_ms),
  };
}

const expired = (): AppError =>
  new AppError('expired', 'This permit has expired; ask for the action again.');

/** Nothing of the arguments: only which permit, who tried, and the code of the refusal. */
async function auditRefusal(
  ctx: Ctx,
  claims: PermitClaims | null,
  refusal: AppError,
): Promise<void> {
  const isOurs = claims !== null && claims.ten === ctx.tenantId && isId('permit', claims.jti);
  const noted = withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'permit.refused',
      subject: { type: 'permit', id: isOurs ? claims.jti : 'unknown' },
      decision: 'deny',
      cause: refusal.code,
      detail: isOurs ? { action: claims.act, tool: claims.tool } : {},
    }),
  );
  await noted.catch((error: unknown) => {
    // The stop file halts without a database too: its word must not become "try again later".
    if (!(isStopFilePresent() && isStoreError(error))) throw error;
  });
}
