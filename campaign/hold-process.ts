import { createDb, createSql } from '#db/client.ts';
import { seededRandom } from '#server/demo/fill-template.ts';
import type { Actor } from '#server/kernel/context.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { makeCtx } from '#server/testing/factories.ts';
import { makeHoldTools } from '#server/testing/hold-tools.ts';
import { type CampaignBed, type CampaignScene, type HoldLedger, playRound } from './hold-round.ts';

/** No multiple of the tenants, so that each has its turn. */
const roundsPerStopOfAll = 21;

/** A scene as it crosses from one process to the next. */
export interface SceneFacts {
  readonly tenant: { readonly id: TenantId; readonly slug: string };
  readonly reviewers: readonly Actor[];
  readonly responders: readonly [Actor, Actor];
  readonly credentialId: string;
}

/** What a player is told: first where to play, then one round after the other. */
export type PlayerOrder =
  | {
      readonly kind: 'begin';
      readonly appUrl: string;
      readonly adminUrl: string;
      readonly scenes: readonly SceneFacts[];
    }
  | { readonly kind: 'round'; readonly round: number; readonly seed: number };

/** What a player says of a round that is over. */
export interface PlayedRound {
  readonly round: number;
  readonly redeemed: readonly string[];
  readonly counts: readonly (readonly [string, number])[];
  readonly faults: readonly string[];
}

interface Table {
  readonly bed: CampaignBed;
  readonly scenes: readonly CampaignScene[];
}

async function openTable(order: Extract<PlayerOrder, { kind: 'begin' }>): Promise<Table> {
  const app = createDb(order.appUrl, { connectionsMax: 20 });
  const admin = createSql(order.adminUrl, { connectionsMax: 10 });
  const tools = await makeHoldTools();
  const scenes = order.scenes.map((facts): CampaignScene => {
    const ctxOf = (actor: Actor) => makeCtx(app, facts.tenant.id, actor);
    const { tenant, credentialId } = facts;
    const [first, second] = facts.responders;
    const responders = [ctxOf(first), ctxOf(second)] as const;
    return { tenant, tools, credentialId, reviewers: facts.reviewers.map(ctxOf), responders };
  });
  return { bed: { app, admin }, scenes };
}

async function play({ bed, scenes }: Table, round: number, seed: number): Promise<PlayedRound> {
  const ledger: HoldLedger = { redeemed: [], counts: new Map(), faults: [] };
  const scene = scenes[round % scenes.length];
  try {
    const isAllStopped = round % roundsPerStopOfAll === 0;
    if (scene) await playRound(bed, scene, { random: seededRandom(seed), ledger, isAllStopped });
  } catch (error) {
    ledger.faults.push(String(error));
  }
  const { redeemed, counts, faults } = ledger;
  return { round, redeemed, counts: [...counts], faults };
}

if (process.send) {
  let table: Promise<Table> | null = null;
  process.on('message', (message) => {
    const order = message as PlayerOrder;
    if (order.kind === 'begin') table = openTable(order);
    else void table?.then(async (at) => process.send?.(await play(at, order.round, order.seed)));
  });
  process.once('disconnect', () => process.exit(0));
}
