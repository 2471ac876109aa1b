import { and, eq } from 'drizzle-orm';
import { revocations } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { ProviderCredential, RevocationAdapter, Told } from './adapters/adapter.ts';
import type { RevocationRow as Row } from './claim-revocations.ts';
import type { KeepStep, StepToKeep } from './keep-steps.ts';
import {
  afterProbing,
  afterSending,
  retryAfterMs,
  revocationMoves,
  type Verdict,
} from './revocation-state.ts';

/** What it takes to ask about a credential; its secret is open here. */
export interface OpenedRevocation {
  readonly credential: ProviderCredential;
  readonly adapter: RevocationAdapter;
  /** When the credential dies by itself; null = never, or unknown. */
  readonly diesAt: string | null;
}

/** A revocation that this worker has claimed. */
export interface ClaimedRevocation {
  readonly row: Row;
  /** Our own introspection is known to tell the living from the dead; a provider's has to show it. */
  readonly isProbeTrusted: boolean;
  /** Asks when it is its turn, opened for that. */
  readonly ask: <T extends { readonly verdict: string }>(
    question: (opened: OpenedRevocation) => Promise<T>,
  ) => Promise<T>;
}

/**
 * Does the next steps of a claimed revocation: a probe before, the revocation itself, a probe after. Each
 * is durable with its evidence before the next begins. Nothing is noted as sent before the provider
 * has answered: after a crash it is sent again, which does no harm, instead of having been sent perhaps.
 */
export async function workRevocation(
  ctx: Ctx,
  claimed: ClaimedRevocation,
  keep: KeepStep,
): Promise<void> {
  requirePermission(ctx, 'credentials.finish');
  let { row } = claimed;
  if (row.state === 'requested' || row.state === 'failed') {
    // Only what was called live before can be proven dead after.
    if (!wasSeenLive(claimed, row)) row = await keep(lookedAt(row, await claimed.ask(probe)));
    const said = await claimed.ask(revoke);
    const after = afterSending(factsOf(row, wasSeenLive(claimed, row)), said.verdict);
    row = await keep(stepOf(row, 'sent', said, after));
    if (after.next !== 'probe') return;
  }
  const said = await claimed.ask(probe);
  const after = afterProbing(factsOf(row, wasSeenLive(claimed, row)), said.verdict);
  await keep(stepOf(row, 'probed', said, after));
}

/** A step that failed before it could be taken: counted like a provider that was not reached. */
export async function failStep(ctx: Ctx, claimed: Row, keep: KeepStep): Promise<void> {
  requirePermission(ctx, 'credentials.finish');
  // As it is now: a part of the step may have been kept.
  const [row] = await withRead(ctx, (tx) =>
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
  const said = { verdict: 'unreachable', evidence, diesAt: row.lastValidAt };
  await keep(stepOf(row, isSent ? 'probed' : 'sent', said, after));
}

type Said<V> = Told<V> & Pick<OpenedRevocation, 'diesAt'>;

const probe = async ({ adapter, credential, diesAt }: OpenedRevocation) => ({
  ...(await adapter.probe(credential)),
  diesAt,
});

const revoke = async ({ adapter, credential, diesAt }: OpenedRevocation) => ({
  ...(await adapter.revoke(credential)),
  diesAt,
});

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

/** A look changes nothing but whether it was seen alive; what it says stands in the ladder. */
function lookedAt(row: Row, { verdict, evidence, diesAt }: Said<string>): StepToKeep {
  const { state, says, attempts } = row;
  return {
    row,
    step: 'probed_before',
    verdict,
    evidence,
    told: evidence.said,
    state,
    says,
    attempts,
    nextInMs: 0,
    isGoingOn: true,
    isSeenLive: verdict === 'live',
    isAnswered: false,
    diesAt,
  };
}

/** @throws Error for a move that there is not */
function stepOf(
  row: Row,
  step: 'sent' | 'probed',
  { verdict, evidence, diesAt }: Said<string>,
  { state, next, says }: Verdict,
): StepToKeep {
  if (!revocationMoves[row.state].includes(state)) {
    throw new Error(`a revocation does not go from ${row.state} to ${state}`);
  }
  const attempts = row.attempts + (next === 'again' || state === 'failed' ? 1 : 0);
  return {
    row,
    step,
    verdict,
    evidence,
    told: `${evidence.said} ${says}`,
    state,
    says,
    attempts,
    nextInMs: nextInMs(next, attempts),
    isGoingOn: next === 'probe',
    isSeenLive: false,
    isAnswered: step === 'sent' && verdict !== 'unreachable',
    diesAt,
  };
}

function nextInMs(next: Verdict['next'], attempts: number): number | null {
  if (next === 'over') return null;
  return next === 'probe' ? 0 : retryAfterMs(attempts);
}
