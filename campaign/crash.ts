import { setTimeout as wait } from 'node:timers/promises';
import { createSql } from '#db/client.ts';
import { type Random, seededRandom } from '#server/demo/fill-template.ts';
import type { WireEvent } from '#server/telemetry/contract.ts';
import { type LoadLedger, makeTrace, sendTrace } from './crash-load.ts';
import { type CrashStack, startCrashStack, type Victim, victims } from './crash-stack.ts';
import { judge, type Verdict } from './crash-verdict.ts';

const senders = 3;
/** Share of the rounds that strike between a commit and its answer. */
const betweenShare = 0.7;
const commitTimeoutMs = 30_000;

/** Who is killed, in turn, and whether the blows are aimed between a commit and its answer. */
export interface CrashAim {
  readonly name: 'crash' | 'crash-worker';
  readonly victims: readonly Victim[];
  readonly isBetween: boolean;
}

export const crashAims = {
  all: { name: 'crash', victims, isBetween: true },
  /** The readers of the log alone, at any moment of a batch, while the door stays open. */
  worker: { name: 'crash-worker', victims: ['worker'], isBetween: false },
} as const satisfies Readonly<Record<string, CrashAim>>;

export interface CrashResult {
  readonly name: CrashAim['name'];
  readonly seed: number;
  readonly rounds: number;
  readonly struck: Readonly<Record<Victim, number>>;
  /** Rounds in which the events of a request were committed and its answer not yet delivered. */
  readonly betweenCommitAndAnswer: number;
  readonly acknowledged: number;
  readonly alarmingTraces: number;
  readonly retried: number;
  /** Parts that could not live through the death of another. */
  readonly selfEnded: readonly string[];
  readonly verdict: Verdict;
  readonly ok: boolean;
}

/** Waits until the events of a batch are committed, as another session sees it. */
async function waitForCommit(adminUrl: string, batch: readonly WireEvent[]): Promise<void> {
  const sql = createSql(adminUrl, { connectionsMax: 1 });
  const ids = batch.map((event) => event.id);
  try {
    for (const deadline = Date.now() + commitTimeoutMs; ;) {
      const [row] = await sql<{ n: number }[]>`
        select count(*)::int as n from events where event_id = any (${ids})`;
      if (row?.n === ids.length) return;
      if (Date.now() > deadline) throw new Error('a batch was not committed in time');
      await wait(2);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Keeps posting traces, a third of them alarming, until told to stop. */
async function sendAll(
  stack: CrashStack,
  run: { readonly id: string; readonly sender: number; readonly random: Random },
  ledger: LoadLedger,
  stopped: AbortSignal,
): Promise<void> {
  for (let n = 0; !stopped.aborted; n += 1) {
    const batches = makeTrace(run.id, `${run.sender}-${n}`, run.random, n % 3 === 0);
    // A trace that was begun is sent to its end: what is promised must be complete.
    await sendTrace({ url: stack.proxy.url, key: stack.key }, batches, ledger);
    await wait(5);
  }
}

/** One strike. Answers whether it fell between a commit and its answer. */
async function strike(
  stack: CrashStack,
  victim: Victim,
  round: { readonly id: string; readonly random: Random; readonly isBetween: boolean },
  ledger: LoadLedger,
): Promise<boolean> {
  await wait(round.random() * 250);
  let marked: Promise<void> | null = null;
  if (round.isBetween) {
    const batches = makeTrace(round.id, 'marked', round.random, false);
    stack.proxy.hold();
    marked = sendTrace({ url: stack.proxy.url, key: stack.key }, batches, ledger);
    // Looked at later; a failure in between must not end the process.
    marked.catch(() => undefined);
    await waitForCommit(stack.adminUrl(), batches[0] ?? []);
    if (batches[0]?.some((event) => ledger.acknowledged.has(event.id))) {
      throw new Error('an answer slipped through the proxy while it was holding');
    }
  }
  await stack.kill(victim);
  if (round.isBetween) {
    stack.proxy.cut();
    stack.proxy.release();
  }
  await stack.restart(victim);
  await marked;
  return round.isBetween;
}

/**
 * kill -9 of web, worker and Postgres while events come in, then: nothing acknowledged is lost,
 * nothing is stored twice, no alert is lost or doubled.
 */
export async function runCrashCampaign(
  rounds: number,
  seed: number,
  aim: CrashAim = crashAims.all,
): Promise<CrashResult> {
  const random = seededRandom(seed);
  const stack = await startCrashStack();
  const ledger: LoadLedger = { acknowledged: new Set(), alarming: new Set(), retried: 0 };
  const struck = { web: 0, worker: 0, postgres: 0 };
  const stopped = new AbortController();
  let betweenCommitAndAnswer = 0;
  try {
    const load = Promise.all(
      Array.from({ length: senders }, (_, sender) =>
        sendAll(
          stack,
          { id: `crash-${seed}`, sender, random: seededRandom(seed + sender + 1) },
          ledger,
          stopped.signal,
        ),
      ),
    );
    load.catch(() => stopped.abort());
    for (let round = 0; round < rounds && !stopped.signal.aborted; round += 1) {
      const victim = aim.victims[round % aim.victims.length] ?? 'worker';
      // The first rounds strike between, so that a short run does too.
      const isBetween = aim.isBetween && (round * 2 < rounds || random() < betweenShare);
      const wasBetween = await strike(
        stack,
        victim,
        { id: `mark-${seed}-${round}`, random, isBetween },
        ledger,
      );
      struck[victim] += 1;
      betweenCommitAndAnswer += wasBetween ? 1 : 0;
      process.stderr.write(
        `round ${round + 1}/${rounds}: ${victim}${wasBetween ? ', between commit and answer' : ''}; ${ledger.acknowledged.size} acknowledged\n`,
      );
    }
    stopped.abort();
    await load;
    const sql = createSql(stack.adminUrl(), { connectionsMax: 1 });
    const verdict = await judge(sql, ledger);
    await sql.end();
    const { stored, ...faults } = verdict;
    const ok =
      stored >= ledger.acknowledged.size &&
      ledger.alarming.size > 0 &&
      stack.selfEnded().length === 0 &&
      (!aim.isBetween || betweenCommitAndAnswer * 2 >= rounds) &&
      Object.values(faults).every((fault) => fault === 0);
    return {
      name: aim.name,
      seed,
      rounds,
      struck,
      betweenCommitAndAnswer,
      acknowledged: ledger.acknowledged.size,
      alarmingTraces: ledger.alarming.size,
      retried: ledger.retried,
      selfEnded: stack.selfEnded(),
      verdict,
      ok,
    };
  } finally {
    stopped.abort();
    await stack.stop();
  }
}
