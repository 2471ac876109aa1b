import { addCredential } from '#server/credentials/add-credential.ts';
import { addCredentialInput } from '#server/credentials/contract.ts';
import { seededRandom } from '#server/demo/fill-template.ts';
import type { TestBed } from '#server/testing/database.ts';
import { makeCtx, makePerson } from '#server/testing/factories.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';
import { testBrokerTools } from '#server/testing/lease-scene.ts';
import { openCampaignBed } from './hold-bed.ts';
import { checkersNotes } from './hold-notes.ts';
import { type Played, playInProcesses } from './hold-players.ts';
import type { SceneFacts } from './hold-process.ts';
import { type HoldLedger, leasedTool } from './hold-round.ts';
import { type HoldVerdict, judgeHold } from './hold-verdict.ts';

const tenants = 4;
const faultsShown = 20;
/** To so many times its rounds it goes on while something of `mustCome` has not come. */
const roundsFactorMax = 4;
/** A campaign in which one of these never came proves nothing. */
const mustCome = [
  'redeemed',
  'refused halted',
  'edited',
  'lease alive',
  'lease dead',
  'went first',
  'first redeemed',
  'first lease alive',
  'held again',
];

export interface HoldResult {
  readonly name: 'hold';
  readonly seed: number;
  readonly rounds: number;
  readonly played: Played;
  /** How often each thing came out. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly verdict: HoldVerdict;
  readonly ok: boolean;
}

async function makeScene(bed: TestBed): Promise<SceneFacts> {
  const { tenant, agent, reviewers } = await makeHoldScene(bed, { reviewers: 3 });
  const responders = [
    await makePerson(bed, tenant.id, ['responder']),
    await makePerson(bed, tenant.id, ['responder']),
  ] as const;
  const admin = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  const wanted = addCredentialInput.parse({
    name: 'warehouse',
    tool: leasedTool,
    kind: 'api_key',
    secret: 'never shown',
    scopes: ['read'],
    holders: [agent.slug],
  });
  const { id: credentialId } = await addCredential(admin, testBrokerTools, wanted);
  return { tenant, reviewers: reviewers.map(({ actor }) => actor), responders, credentialId };
}

/**
 * Approve, deny, edit, expire, stop, lift, cancel, redeem, lease and introspect against one another, under
 * stops of an agent and of all, of which one agent goes first and is held again; sixteen actions at a time over real connections of several processes, which are killed now and then; then
 * judges what is stored (I4 to I8). The seed decides who comes when; the scheduling of the processes and
 * of the database adds its own.
 */
export async function runHoldCampaign(rounds: number, seed: number): Promise<HoldResult> {
  const { bed, stop } = await openCampaignBed();
  try {
    await bed.admin.unsafe(checkersNotes);
    const scenes = await Promise.all(Array.from({ length: tenants }, () => makeScene(bed)));
    const ledger: HoldLedger = { redeemed: [], counts: new Map(), faults: [] };
    const { appUrl, adminUrl } = bed.database;
    const hasCome = () =>
      mustCome.every((what) => [...ledger.counts.keys()].some((told) => told.startsWith(what)));
    const table = { kind: 'begin', appUrl, adminUrl, scenes } as const;
    const played = await playInProcesses(
      table,
      { rounds, mostRounds: roundsFactorMax * rounds, hasCome, seed, random: seededRandom(seed) },
      ledger,
    );
    const verdict = await judgeHold(bed.admin, ledger, played.struck);
    const counts = Object.fromEntries(
      [...ledger.counts].toSorted(([a], [b]) => a.localeCompare(b)),
    );
    const isClean = Object.values(verdict).every((faults) => faults === 0);
    return {
      name: 'hold',
      seed,
      rounds,
      played,
      counts,
      faults: ledger.faults.slice(0, faultsShown),
      verdict,
      ok: hasCome() && isClean && ledger.faults.length === 0,
    };
  } finally {
    await stop();
  }
}
