import { and, eq, isNotNull, lt, or, isNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { credentials, providers, revocationSteps, revocations } from '#db/schema/credentials.ts';
import type { RevocationStepKind } from '#db/enums.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readSealed, type SealedRow } from './open-secret.ts';
import type { Evidence, ProviderCredential, RevocationAdapter } from './adapters/adapter.ts';
import {
  afterProbing,
  afterSending,
  retryAfterMs,
  revocationMoves,
  type Verdict,
} from './revocation-state.ts';

/** A revocation that this worker has claimed, with what it takes to do it. */
export interface ClaimedRevocation {
  readonly row: typeof revocations.$inferSelect;
  readonly credential: ProviderCredential;
  readonly adapter: RevocationAdapter;
  /** Our own introspection is known to tell the living from the dead; a provider's has to show it. */
  readonly isProbeTrusted: boolean;
  /** When the credential dies by itself; null = never, or unknown. */
  readonly diesAt: string | null;
}

/** A revocation as it was claimed, with what the step needs, as it lies in the tables. */
export interface Claim {
  readonly row: typeof revocations.$inferSelect;
  readonly credential: typeof credentials.$inferSelect;
  readonly provider: typeof providers.$inferSelect | null;
  /** Sealed: of the credential and of its provider; none for our own leases. */
  readonly sealed: readonly SealedRow[];
}

/**
 * Takes a revocation for this worker until `limits.revocationClaimMs` from now; null when it is not due
 * or another worker has it. A worker that dies loses its claim by time, and the step is taken again.
 * Everything is read in the same transaction: with a transaction for each thing, a thousand revocations
 * took four times as long.
 * @throws AppError `forbidden`
 */
export async function claimRevocation(ctx: Ctx, id: string): Promise<Claim | null> {
  requirePermission(ctx, 'credentials.finish');
  // no-audit: which worker does a step is no change; the step writes its own row.
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .update(revocations)
      .set({
        claimedUntil: sql`clock_timestamp() + make_interval(secs => ${limits.revocationClaimMs / 1000})`,
      })
      .where(
        and(
          eq(revocations.tenantId, ctx.tenantId),
          eq(revocations.id, id),
          isNotNull(revocations.nextAttemptAt),
          sql`${revocations.nextAttemptAt} <= clock_timestamp()`,
          or(
            isNull(revocations.claimedUntil),
            lt(revocations.claimedUntil, sql`clock_timestamp()`),
          ),
        ),
      )
      .returning();
    if (!row) return null;
    const isOwn = row.target === 'leases';
    const subjects = [row.credentialId, row.providerId].filter((subject) => subject !== null);
    const [found, sealed] = await Promise.all([
      tx
        .select({ credential: credentials, provider: providers })
        .from(credentials)
        .leftJoin(
          providers,
          and(
            eq(providers.tenantId, credentials.tenantId),
            row.providerId === null ? sql`false` : eq(providers.id, row.providerId),
          ),
        )
        .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.id, row.credentialId))),
      isOwn ? [] : readSealed(tx, ctx, subjects),
    ]);
    const [one] = found;
    if (!one) throw new Error('the credential of a revocation is gone');
    return { row, ...one, sealed };
  });
}

/**
 * Does the next steps of a claimed revocation: a probe before, the revocation itself, a probe after. Each
 * is committed with its evidence before the next begins. Nothing is noted as sent before the provider
 * has answered: after a crash it is sent again, which does no harm, instead of having been sent perhaps.
 */
export async function workRevocation(ctx: Ctx, claimed: ClaimedRevocation): Promise<void> {
  requirePermission(ctx, 'credentials.finish');
  let { row } = claimed;
  if (row.state === 'requested' || row.state === 'failed') {
    if (!wasSeenLive(claimed, row)) row = await probeBefore(ctx, claimed, row);
    const { verdict, evidence } = await claimed.adapter.revoke(claimed.credential);
    const after = afterSending(factsOf(row, wasSeenLive(claimed, row)), verdict);
    row = await keep(ctx, claimed, row, { step: 'sent', verdict, evidence, after });
    if (after.next !== 'probe') return;
  }
  const { verdict, evidence } = await claimed.adapter.probe(claimed.credential);
  const after = afterProbing(factsOf(row, wasSeenLive(claimed, row)), verdict);
  await keep(ctx, claimed, row, { step: 'probed', verdict, evidence, after });
}

/** A step that failed before it could be taken: counted like a provider that was not reached. */
export async function failStep(ctx: Ctx, claimed: Row): Promise<void> {
  requirePermission(ctx, 'credentials.finish');
  // As it is now: a part of the step may have been kept.
  const [row] = await withTransaction(ctx, (tx) =>
    tx
      .select()
      .from(revocations)
      .where(and(eq(revocations.tenantId, ctx.tenantId), eq(revocations.id, claimed.id))),
  );
  if (!row || row.nextAttemptAt === null || row.claimedUntil !== claimed.claimedUntil) return;
  const isSent = row.state === 'sent' || row.state === 'confirmed';
  const judge = isSent ? afterProbing : afterSending;
  const after = judge(factsOf(row, row.wasLiveAt !== null), 'unreachable');
  const evidence = { host: 'this Signalbox', status: null, said: 'Something failed on our side.' };
  const step = isSent ? 'probed' : 'sent';
  await keep(ctx, { diesAt: row.lastValidAt }, row, {
    step,
    verdict: 'unreachable',
    evidence,
    after,
  });
}

type Row = ClaimedRevocation['row'];

const wasSeenLive = ({ isProbeTrusted }: ClaimedRevocation, row: Row): boolean =>
  isProbeTrusted || row.wasLiveAt !== null;

const factsOf = (row: Row, wasLive: boolean) => ({
  offlineUntil: row.offlineUntil,
  state: row.state,
  wasLive,
  isOwn: row.target === 'leases',
  attempts: row.attempts + 1,
  attemptsMax: limits.revocationAttemptsMax,
});

/** Whether the probe can tell at all: only what was called live before can be proven dead after. */
async function probeBefore(ctx: Ctx, claimed: ClaimedRevocation, row: Row): Promise<Row> {
  const { verdict, evidence } = await claimed.adapter.probe(claimed.credential);
  // no-audit: a look changes nothing; what it says stands in the ladder.
  return withTransaction(ctx, async (tx) => {
    const step = { step: 'probed_before', verdict, evidence, says: evidence.said } as const;
    const [kept] = await Promise.all([
      verdict === 'live' ? update(tx, ctx, row, { wasLiveAt: sql`clock_timestamp()` }) : row,
      insertStep(tx, ctx, row, step),
    ]);
    return kept;
  });
}

interface Step {
  readonly step: RevocationStepKind;
  readonly verdict: string;
  readonly evidence: Evidence;
  readonly after: Verdict;
}

async function keep(
  ctx: Ctx,
  claimed: Pick<ClaimedRevocation, 'diesAt'>,
  row: Row,
  done: Step,
): Promise<Row> {
  const { state, next, says } = done.after;
  if (!revocationMoves[row.state].includes(state)) {
    throw new Error(`a revocation does not go from ${row.state} to ${state}`);
  }
  return withTransaction(ctx, async (tx) => {
    const isCounted = next === 'again' || state === 'failed';
    const attempts = row.attempts + (isCounted ? 1 : 0);
    const change = {
      state,
      says,
      attempts,
      ...(done.step === 'sent' && isAnswered(done.verdict)
        ? { sentAt: sql`clock_timestamp()` }
        : {}),
      ...(state === 'confirmed'
        ? { confirmedAt: sql`coalesce(confirmed_at, clock_timestamp())` }
        : {}),
      ...(state === 'verified' ? { verifiedAt: sql`clock_timestamp()` } : {}),
      ...(state === 'unverifiable' ? { lastValidAt: claimed.diesAt } : {}),
      nextAttemptAt: nextAttempt(next, attempts),
      claimedUntil: next === 'probe' ? row.claimedUntil : null,
    };
    const detail = { revocation: row.id, target: row.target, from: row.state, to: state };
    // In one trip; where another worker went on with it, none of them is kept.
    const [kept] = await Promise.all([
      update(tx, ctx, row, change),
      insertStep(tx, ctx, { ...row, state }, { ...done, says: `${done.evidence.said} ${says}` }),
      state === row.state
        ? undefined
        : writeAudit(tx, ctx, {
            action: 'credential.revocation_moved',
            subject: { type: 'credential', id: row.credentialId },
            detail: { ...detail, ...done.evidence },
          }),
    ]);
    return kept;
  });
}

const isAnswered = (verdict: string): boolean => verdict !== 'unreachable';

function nextAttempt(next: Verdict['next'], attempts: number) {
  if (next === 'over') return null;
  if (next === 'probe') return sql`clock_timestamp()`;
  return sql`clock_timestamp() + make_interval(secs => ${retryAfterMs(attempts) / 1000})`;
}

/** Only a row that is as it was read changes: whoever lost the claim meanwhile changes nothing. */
async function update(
  tx: Tx,
  ctx: Ctx,
  row: Row,
  change: Parameters<ReturnType<typeof tx.update<typeof revocations>>['set']>[0],
): Promise<Row> {
  const [kept] = await tx
    .update(revocations)
    .set(change)
    .where(
      and(
        eq(revocations.tenantId, ctx.tenantId),
        eq(revocations.id, row.id),
        eq(revocations.state, row.state),
        eq(revocations.attempts, row.attempts),
      ),
    )
    .returning();
  if (!kept) throw new Error('another worker went on with this revocation');
  return kept;
}

async function insertStep(
  tx: Tx,
  ctx: Ctx,
  row: Row,
  step: Pick<Step, 'step' | 'verdict' | 'evidence'> & { readonly says: string },
): Promise<void> {
  await tx.insert(revocationSteps).values({
    tenantId: ctx.tenantId,
    id: newId('revocationStep'),
    revocationId: row.id,
    step: step.step,
    state: row.state,
    verdict: step.verdict,
    host: step.evidence.host,
    status: step.evidence.status,
    says: step.says,
  });
}
