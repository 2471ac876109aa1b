import { seededRandom } from '#server/demo/fill-template.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';
import { openCampaignBed } from './hold-bed.ts';
import { type HoldLedger, playRound } from './hold-round.ts';
import { type HoldVerdict, judgeHold } from './hold-verdict.ts';

const atOnce = 16;
const tenants = 4;
const faultsShown = 20;

export interface HoldResult {
  readonly name: 'hold';
  readonly seed: number;
  readonly rounds: number;
  /** How often each thing came out: a campaign in which nothing was redeemed proves nothing. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly verdict: HoldVerdict;
  readonly ok: boolean;
}

/**
 * Approve, deny, expire, stop, lift, cancel and redeem against one another, sixteen actions at a time
 * over real connections, then judges what is stored (I4 to I8). The seed decides who comes when; the
 * scheduling of the database adds its own.
 */
export async function runHoldCampaign(rounds: number, seed: number): Promise<HoldResult> {
  const { bed, stop } = await openCampaignBed();
  try {
    // What the checker has to know of stops beside their rows.
    await bed.admin`create table campaign_stops
      (stop_id uuid primary key, agent_id uuid not null, lift_epoch int)`;
    const scenes = await Promise.all(
      Array.from({ length: tenants }, () => makeHoldScene(bed, { reviewers: 3 })),
    );
    const ledger: HoldLedger = { redeemed: [], counts: new Map(), faults: [] };
    let next = 0;
    const play = async (): Promise<void> => {
      for (let round = next++; round < rounds; round = next++) {
        const scene = scenes[round % tenants];
        if (scene) await playRound(bed, scene, seededRandom(seed + round), ledger);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, play));
    const verdict = await judgeHold(bed.admin, ledger);
    const counts = Object.fromEntries(
      [...ledger.counts].toSorted(([a], [b]) => a.localeCompare(b)),
    );
    const hasPlayed = ledger.counts.has('redeemed') && ledger.counts.has('refused halted');
    const isClean = Object.values(verdict).every((faults) => faults === 0);
    return {
      name: 'hold',
      seed,
      rounds,
      counts,
      faults: ledger.faults.slice(0, faultsShown),
      verdict,
      ok: hasPlayed && isClean && ledger.faults.length === 0,
    };
  } finally {
    await stop();
  }
}
