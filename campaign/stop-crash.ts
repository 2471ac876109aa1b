import { seededRandom } from '#server/demo/fill-template.ts';
import { withAdmin } from './crash-database.ts';
import { startCrashStack } from './crash-stack.ts';
import { startCrashProvider } from './revoke-crash-provider.ts';
import { waitForEnds } from './revoke-crash-verdict.ts';
import { StopLedger } from './stop-crash-ledger.ts';
import { planOf } from './stop-crash-plan.ts';
import { StopRound } from './stop-crash-round.ts';
import { makeStopScene } from './stop-crash-scene.ts';
import { judgeStops, type StopVerdict } from './stop-crash-verdict.ts';

export interface StopCrashResult {
  readonly name: 'stop-crash';
  readonly seed: number;
  readonly rounds: number;
  readonly struck: Readonly<Record<string, number>>;
  /** Ladders that were looked at, and how often they showed whom green with right. */
  readonly looks: number;
  readonly green: StopLedger['green'];
  /** Requests that got no answer and were sent again. */
  readonly retried: number;
  readonly selfEnded: readonly string[];
  readonly verdict: StopVerdict;
  readonly ok: boolean;
}

/** A short run does not wait until time has gone by: it moves the time of what is waited for. */
const shortRounds = 30;

/**
 * kill -9 of web, worker and Postgres at every step of a stop, over agents that obey, lie, poll, fall silent
 * and only report, then: an acknowledged stop stands, a press is there wholly or not at all, nothing is shown
 * green that is at work, who violates it is found out once and for good, and each order, lift and resumption
 * stands in the audit log once.
 */
export async function runStopCrashCampaign(rounds: number, seed: number): Promise<StopCrashResult> {
  const random = seededRandom(seed);
  const provider = await startCrashProvider();
  const stack = await startCrashStack({ SIGNALBOX_PROVIDER_HOSTS: provider.host });
  const ledger = new StopLedger();
  const struck: Record<string, number> = {};
  const isHurried = rounds < shortRounds;
  let retried = 0;
  try {
    const scene = await makeStopScene(stack, provider);
    for (let n = 0; n < rounds; n += 1) {
      const plan = planOf(n);
      const crew = await scene.makeCrew(`stopped-${n}`);
      const round = new StopRound(scene, crew, plan, { ledger, random, isHurried });
      await round.run();
      const { victim, step, scope, heldBy } = plan;
      struck[`${victim} at ${step}`] = (struck[`${victim} at ${step}`] ?? 0) + 1;
      retried += round.retried;
      const held = `stop of ${scope}, held again by ${heldBy}`;
      process.stderr.write(`round ${n + 1}/${rounds}: ${victim} at ${step}; ${held}\n`);
    }
    await withAdmin(stack, (sql) => waitForEnds(sql, isHurried));
    const verdict = await withAdmin(stack, (sql) => judgeStops(sql, ledger));
    const selfEnded = stack.selfEnded();
    const { looks, green } = ledger;
    const ok =
      selfEnded.length === 0 &&
      // Who obeys has been green in each round, so what is never green is not so for want of looking.
      green.truthful >= rounds &&
      ledger.violators.size === rounds &&
      Object.values(verdict).every((fault) => fault === 0);
    const counts = { struck, looks, green, retried };
    return { name: 'stop-crash', seed, rounds, ...counts, selfEnded, verdict, ok };
  } finally {
    await stack.stop();
    await provider.close();
  }
}
