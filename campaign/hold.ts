import { addCredential } from '#server/credentials/add-credential.ts';
import { addCredentialInput } from '#server/credentials/contract.ts';
import { seededRandom } from '#server/demo/fill-template.ts';
import type { TestBed } from '#server/testing/database.ts';
import { makeCtx, makePerson } from '#server/testing/factories.ts';
import { makeHoldScene } from '#server/testing/hold-scene.ts';
import { testKeyManagement } from '#server/testing/lease-scene.ts';
import { openCampaignBed } from './hold-bed.ts';
import { type Played, playInProcesses } from './hold-players.ts';
import type { SceneFacts } from './hold-process.ts';
import { type HoldLedger, leasedTool } from './hold-round.ts';
import { type HoldVerdict, judgeHold } from './hold-verdict.ts';

const tenants = 4;
const faultsShown = 20;

export interface HoldResult {
  readonly name: 'hold';
  readonly seed: number;
  readonly rounds: number;
  readonly played: Played;
  /** How often each thing came out: a campaign in which nothing was redeemed proves nothing. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly verdict: HoldVerdict;
  readonly ok: boolean;
}

/**
 * What the checker has to know beside the rows: which agent a stop covers, under which number it was
 * lifted, and when grants and redeems were committed. Written by the database, so that a caller who
 * loses its answer loses no note; the last ones at the commit, after a pause of up to 60 ms, without
 * which a missing lock showed in none of 400 rounds.
 */
const checkersNotes = `
  create table campaign_commits (id uuid not null, at timestamptz not null);
  create function note_commit() returns trigger language plpgsql security definer as $$ begin
    perform pg_sleep(random() * 0.06);
    insert into campaign_commits values (new.id, clock_timestamp());
    return null;
  end $$;
  create constraint trigger note_grant after insert on permits
    deferrable initially deferred for each row execute function note_commit();
  create constraint trigger note_redeem after update on permits
    deferrable initially deferred for each row
    when (new.redeemed_at is not null and old.redeemed_at is null) execute function note_commit();
  create constraint trigger note_lease after insert on leases
    deferrable initially deferred for each row execute function note_commit();
  create table campaign_introspections (lease_id uuid not null, asked_at timestamptz not null,
    is_active boolean not null);
  create table campaign_agents (id uuid primary key, scope_id text not null unique);
  create table campaign_stops (stop_id uuid primary key, agent_id uuid not null, lift_epoch bigint);
  create function note_stop() returns trigger language plpgsql security definer as $$ begin
    insert into campaign_stops (stop_id, agent_id)
      select new.id, id from campaign_agents where scope_id = new.scope_id;
    return null;
  end $$;
  create function note_lift() returns trigger language plpgsql security definer as $$ begin
    update campaign_stops set lift_epoch = e.epoch from stop_epochs e
      where e.tenant_id = new.tenant_id and stop_id = new.id;
    return null;
  end $$;
  create trigger note_stop after insert on stops for each row execute function note_stop();
  create trigger note_lift after update on stops for each row
    when (new.state = 'lifted' and old.state <> 'lifted') execute function note_lift();`;

async function makeScene(bed: TestBed): Promise<SceneFacts> {
  const { tenant, agent, reviewers } = await makeHoldScene(bed, { reviewers: 3 });
  const responder = await makePerson(bed, tenant.id, ['responder']);
  const admin = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  const wanted = addCredentialInput.parse({
    name: 'warehouse',
    tool: leasedTool,
    kind: 'api_key',
    secret: 'never shown',
    scopes: ['read'],
    holders: [agent.slug],
  });
  const { id: credentialId } = await addCredential(admin, testKeyManagement, wanted);
  return { tenant, reviewers: reviewers.map(({ actor }) => actor), responder, credentialId };
}

/**
 * Approve, deny, edit, expire, stop, lift, cancel, redeem, lease and introspect against one another, sixteen
 * actions at a time over real connections of several processes, which are killed now and then; then
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
    const played = await playInProcesses(
      { kind: 'begin', appUrl, adminUrl, scenes },
      { rounds, seed, random: seededRandom(seed) },
      ledger,
    );
    const verdict = await judgeHold(bed.admin, ledger, played.struck);
    const counts = Object.fromEntries(
      [...ledger.counts].toSorted(([a], [b]) => a.localeCompare(b)),
    );
    const hasPlayed = ['redeemed', 'refused halted', 'edited', 'lease alive', 'lease dead'].every(
      (what) => [...ledger.counts.keys()].some((told) => told.startsWith(what)),
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
      ok: hasPlayed && isClean && ledger.faults.length === 0,
    };
  } finally {
    await stop();
  }
}
