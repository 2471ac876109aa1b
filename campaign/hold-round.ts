import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { awaitDecision } from '#server/actions/await-decision.ts';
import { cancelAction } from '#server/actions/cancel-action.ts';
import type { ActionAnswer } from '#server/actions/contract.ts';
import { editAction } from '#server/actions/edit-action.ts';
import { redeemPermit } from '#server/actions/redeem-permit.ts';
import { castVote } from '#server/approvals/cast-vote.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { leaseInput } from '#server/credentials/contract.ts';
import { introspectToken } from '#server/credentials/introspect-token.ts';
import { issueLease } from '#server/credentials/issue-lease.ts';
import type { Random } from '#server/demo/fill-template.ts';
import { drainStop } from '#server/gate/drain-stop.ts';
import { holdAgain } from '#server/gate/hold-again.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { resumeAgent } from '#server/gate/resume-agent.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { isStoreError } from '#server/http/problem.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { idOf, newId, uuidOf } from '#server/kernel/ids.ts';
import type { JsonObject } from '#server/permits/canonicalise.ts';
import type { TestBed } from '#server/testing/database.ts';
import { keyActor, makeCtx } from '#server/testing/factories.ts';
import { ask, holdPassword, type HoldScene } from '#server/testing/hold-scene.ts';

/** Who plays and what with: two who may stop and lift, and a credential of `query_database`. */
export interface CampaignScene extends Pick<HoldScene, 'tenant' | 'tools' | 'reviewers'> {
  readonly responders: readonly [Ctx, Ctx];
  readonly credentialId: string;
}

/** The database as a round needs it. */
export type CampaignBed = Pick<TestBed, 'app' | 'admin'>;

/** What callers were told: to be compared with what is stored. */
export interface HoldLedger {
  /** Redemption ids that were answered. */
  readonly redeemed: string[];
  /** How often each thing came out, by name. */
  readonly counts: Map<string, number>;
  /** Whatever came that is no answer of the contract. */
  readonly faults: string[];
}

export const count = (ledger: HoldLedger, what: string) =>
  ledger.counts.set(what, (ledger.counts.get(what) ?? 0) + 1);

/** Lets other callers go first, now and then several times. */
async function yieldTurns(random: Random): Promise<void> {
  for (let left = Math.floor(random() * 30); left > 0; left -= 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const leasedTool = 'query_database';

/** Whoever placed a stop of all is gone when it stands so long. */
const desertedSeconds = 10;

const shapes = [
  { tool: 'read_file', args: { path: '/a' } },
  { tool: 'query_database', args: { sql: 'select 1' } },
  { tool: 'query_database', args: { sql: 'select 2' } },
  { tool: 'send_money', args: { recipient: 'DE89370400440532013000', amount: 100 } },
] as const;

/**
 * One agent's action and everybody who pulls at it at once.
 * @param isAllStopped somebody stops the whole tenant meanwhile, and this agent goes first
 */
export async function playRound(
  bed: CampaignBed,
  scene: CampaignScene,
  { random, ledger, isAllStopped }: Pick<Round, 'random' | 'ledger' | 'isAllStopped'>,
): Promise<void> {
  const agent = { id: newId('agent'), slug: `agent-${newId('agent').slice(-20)}` };
  const [first] = scene.reviewers;
  // One in three is owned by a reviewer, who then must not count.
  const owner =
    random() < 0.33 && first?.actor.type === 'person' ? uuidOf(first.actor.userId) : null;
  await bed.admin`insert into agents (tenant_id, id, slug, owner_user_id)
    values (${uuidOf(scene.tenant.id)}, ${uuidOf(agent.id)}, ${agent.slug}, ${owner})`;
  await bed.admin`insert into campaign_agents (id, scope_id)
    values (${uuidOf(agent.id)}, ${agent.id})`;
  const actor = keyActor('agent', agent);
  if (actor.type === 'key') await makeHolder(bed, scene, agent.id, actor.keyId);
  const agentCtx = makeCtx(bed.app, scene.tenant.id, actor);
  const shape = shapes[Math.floor(random() * shapes.length)] ?? shapes[0];
  const told = { bed, scene, random, ledger, isAllStopped };
  const answer = await askUnlessRefused(told, { agentCtx, tools: scene.tools }, shape);
  if (answer === null) return;
  count(ledger, `decided ${answer.decision}`);
  const round: Round = { ...told, agentCtx, agentId: agent.id, answer, shape };
  await Promise.all(pullersOf(round).map((pull) => attempt(round, pull)));
  // What is left over is tried once more when all is quiet.
  await attempt(round, () => runOnce(round));
}

/** The rows without which an agent gets no lease: its key, and its hold on the credential. */
async function makeHolder(
  { admin }: CampaignBed,
  { tenant, credentialId }: CampaignScene,
  agentId: string,
  keyId: string,
): Promise<void> {
  await admin`insert into api_keys (tenant_id, id, kind, name, prefix, secret_hash, agent_id, created_by)
    values (${uuidOf(tenant.id)}, ${uuidOf(keyId)}, 'agent', 'campaign', ${keyId}, ${randomBytes(32)},
      ${uuidOf(agentId)}, 'campaign')`;
  await admin`insert into credential_holders (tenant_id, credential_id, agent_id)
    values (${uuidOf(tenant.id)}, ${uuidOf(credentialId)}, ${uuidOf(agentId)})`;
}

/** Null where this machine was too slow for the ask: a 503, with which no round begins. */
async function askUnlessRefused(
  { bed, scene, ledger }: Pick<Round, 'bed' | 'scene' | 'ledger'>,
  ...asked: Parameters<typeof ask>
): Promise<ActionAnswer | null> {
  for (;;) {
    try {
      return await ask(...asked);
    } catch (error) {
      const isHalted = isAppError(error) && error.code === 'halted';
      if (!isHalted && !isStoreError(error)) throw error;
      count(ledger, isHalted ? 'refused halted' : 'refused store_unavailable');
      if (!isHalted) return null;
      // All are stopped: this agent waits until they are not.
      await wait(50);
      await freeTenant(bed, scene, ledger);
    }
  }
}

interface Round {
  readonly bed: CampaignBed;
  readonly scene: CampaignScene;
  readonly random: Random;
  readonly ledger: HoldLedger;
  readonly isAllStopped: boolean;
  readonly agentCtx: Ctx;
  readonly agentId: string;
  readonly answer: ActionAnswer;
  readonly shape: (typeof shapes)[number];
}

type Pull = () => Promise<void>;

function pullersOf(round: Round): Pull[] {
  const { random, scene } = round;
  const pulls: Pull[] = [];
  const often = (chance: number, pull: Pull) => {
    if (random() < chance) pulls.push(pull);
  };
  for (const reviewer of scene.reviewers) {
    often(0.85, () => decide(round, reviewer, random() < 0.9 ? 'approve' : 'deny'));
  }
  for (const reviewer of scene.reviewers) often(0.3, () => edit(round, reviewer));
  for (let index = 0; index < 3; index += 1) pulls.push(() => runOnce(round));
  for (let index = 0; index < 2; index += 1) often(0.5, () => lease(round));
  often(0.15, () => expire(round));
  often(0.3, () => stopAndLift(round));
  if (round.isAllStopped) pulls.push(() => stopAll(round));
  often(0.1, () => cancel(round));
  return pulls
    .map((pull) => ({ pull, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ pull }) => pull);
}

/** A refusal of the contract is an answer; anything else is a fault. */
async function attempt({ random, ledger }: Round, pull: Pull): Promise<void> {
  await yieldTurns(random);
  try {
    await pull();
  } catch (error) {
    if (isAppError(error)) count(ledger, `refused ${error.code}`);
    // Too many at once for this machine: a 503, as the doors answer it, and no effect is promised.
    else if (isStoreError(error)) count(ledger, 'refused store_unavailable');
    else ledger.faults.push(error instanceof Error ? `${error.name}: ${error.message}` : 'thrown');
  }
}

async function decide(
  { answer, ledger }: Round,
  reviewer: Ctx,
  verdict: 'approve' | 'deny',
): Promise<void> {
  if (answer.approval === null) return;
  const { id } = answer.approval;
  const { digest, isFreshSignInNeeded } = await readApprovalDetail(reviewer, id);
  const password = isFreshSignInNeeded ? holdPassword : null;
  const { state } = await castVote(reviewer, { id, verdict, reason: 'seen', digest, password });
  count(ledger, `vote ${state}`);
}

/** A reviewer makes another call of it, which then is the only one that may run. */
async function edit({ answer, ledger, scene, shape, random }: Round, reviewer: Ctx): Promise<void> {
  if (answer.approval === null) return;
  const { id } = answer.approval;
  const { digest } = await readApprovalDetail(reviewer, id);
  const [name] = Object.keys(shape.args);
  const args = JSON.stringify({ ...shape.args, [name ?? '']: `edited ${random()}` });
  const input = { id, digest, args, reason: 'narrower', password: holdPassword };
  const { state } = await editAction(reviewer, scene.tools, input);
  count(ledger, `edited ${state}`);
}

/** What an agent does: reads its action, and redeems what it is given, sometimes wrongly. */
async function runOnce(round: Round): Promise<void> {
  const { agentCtx, scene, answer, random, ledger, shape } = round;
  await yieldTurns(random);
  const read = await awaitDecision(agentCtx, scene.tools, { id: answer.id, waitSeconds: 0 });
  const permit = read.permit ?? (random() < 0.5 ? answer.permit : null);
  if (permit === null) return;
  await yieldTurns(random);
  const isWrong = random() < 0.2;
  const right = read.editedArgs ?? shape.args;
  const args = isWrong ? wrongOf(shape.args, read.editedArgs) : right;
  const { redemptionId } = await redeemPermit(agentCtx, scene.tools, { permit, args }, null);
  ledger.redeemed.push(redemptionId);
  if (isWrong) ledger.faults.push('other arguments were redeemed');
  count(ledger, 'redeemed');
}

/** Not what was approved: what was asked for where it was edited, else something more. */
const wrongOf = (asked: JsonObject, edited: JsonObject | null): JsonObject =>
  edited === null ? { ...asked, extra: 1 } : asked;

/** By moving the rows' own times: the clock that decides is the database's. */
async function expire({ bed, answer, random, ledger }: Round): Promise<void> {
  const id = uuidOf(answer.id);
  if (random() < 0.5) {
    await bed.admin`update permits set expires_at = clock_timestamp() where action_id = ${id}`;
  } else {
    await bed.admin`update approvals set expires_at = clock_timestamp() where action_id = ${id}`;
  }
  count(ledger, 'expired');
}

async function cancel({ agentCtx, scene, answer, ledger }: Round): Promise<void> {
  const { state } = await cancelAction(agentCtx, scene.tools, answer.id);
  count(ledger, `cancel ${state}`);
}

/**
 * Takes a lease and asks three times whether it lives; each asking is noted with a time before it began,
 * by the clock that stops are acknowledged by.
 */
async function lease({ agentCtx, bed, scene, random, ledger }: Round, as = 'lease'): Promise<void> {
  const wish = leaseInput.parse({ tool: leasedTool, scopes: ['read'] });
  const { id, token } = await issueLease(agentCtx, scene.tools, wish);
  count(ledger, 'leased');
  for (let turn = 0; turn < 3; turn += 1) {
    await yieldTurns(random);
    const [now] = await bed.admin<{ at: string }[]>`select clock_timestamp()::text as at`;
    const { active } = await introspectToken(agentCtx, scene.tools, token);
    await bed.admin`insert into campaign_introspections (lease_id, asked_at, is_active)
      values (${uuidOf(id)}, ${now?.at ?? ''}, ${active})`;
    count(ledger, `${as} ${active ? 'alive' : 'dead'}`);
  }
}

/** By the verbs that people press; what the checker needs to know of them triggers write down. */
async function stopAndLift({ scene, agentId, random, ledger }: Round): Promise<void> {
  const scope = { kind: 'agent', id: agentId } as const;
  const [responder] = scene.responders;
  const placed = await placeStop(responder, { scope, level: 1, reason: 'campaign' });
  count(ledger, `stopped ${placed.state}`);
  if (random() < 0.3) return;
  for (let turn = 0; turn < 3; turn += 1) await yieldTurns(random);
  const lifted = await liftStop(responder, placed.id, 'campaign');
  if (lifted.state !== 'lifted') ledger.faults.push(`one person lifted an agent: ${lifted.state}`);
  count(ledger, 'lifted');
}

/** The whole tenant is stopped, this agent goes first by the word of two, and two lift it. */
async function stopAll(round: Round): Promise<void> {
  const { scene, ledger } = round;
  const [responder] = scene.responders;
  const scope = { kind: 'tenant' } as const;
  const { id, state } = await placeStop(responder, { scope, level: 1, reason: 'campaign' });
  count(ledger, `stopped all ${state}`);
  await attempt(round, () => goFirst(round, id));
  await liftAll(scene, id, ledger);
}

/** While it may work again it does, and beside that it is held again, mostly; then it tries once more. */
async function goFirst(round: Round, id: string): Promise<void> {
  const { scene, agentId, ledger, random } = round;
  const [first, second] = scene.responders;
  const wanted = { id, agentId, reason: 'campaign' };
  const { watchedUntil } = await resumeAgent(first, wanted);
  if (watchedUntil !== null) ledger.faults.push('one person let an agent of a tenant go first');
  await resumeAgent(second, wanted);
  count(ledger, 'went first');
  const works = [() => workAnew(round), () => lease(round, 'first lease'), () => runOnce(round)];
  if (random() < 0.5) for (const work of works) await attempt(round, work);
  const isHeld = random() < 0.9;
  const hold = async () => {
    const { changed } = await holdAgain(first, wanted);
    if (changed) count(ledger, 'held again');
  };
  await Promise.all([...works, ...(isHeld ? [hold] : [])].map((pull) => attempt(round, pull)));
  if (isHeld) for (const work of works) await attempt(round, work);
}

/** Another action, of a tool that asks nobody, and its run. */
async function workAnew({ agentCtx, scene, ledger }: Round): Promise<void> {
  const [{ tool, args }] = shapes;
  const { permit } = await ask({ agentCtx, tools: scene.tools }, { tool, args });
  if (permit === null) return;
  const { redemptionId } = await redeemPermit(agentCtx, scene.tools, { permit, args }, null);
  ledger.redeemed.push(redemptionId);
  count(ledger, 'first redeemed');
}

async function liftAll(scene: CampaignScene, id: string, ledger: HoldLedger): Promise<void> {
  const [first, second] = scene.responders;
  await liftStop(first, id, 'campaign');
  const { state } = await liftStop(second, id, 'campaign');
  count(ledger, `all ${state}`);
}

/** What a killed player left standing would halt its tenant for ever: somebody finishes and lifts it. */
async function freeTenant(
  { admin }: CampaignBed,
  scene: CampaignScene,
  ledger: HoldLedger,
): Promise<void> {
  const left = await admin<{ id: string }[]>`select id from stops where scope_kind = 'tenant'
    and tenant_id = ${uuidOf(scene.tenant.id)} and lifted_at is null
    and placed_at < clock_timestamp() - make_interval(secs => ${desertedSeconds})`;
  const [responder] = scene.responders;
  const system = { ...responder, actor: { type: 'system', name: 'system:drain' } } as const;
  for (const { id: uuid } of left) {
    const id = idOf('stop', uuid);
    try {
      await drainStop(system, id);
      await liftAll(scene, id, ledger);
    } catch (error) {
      if (!isAppError(error) && !isStoreError(error)) throw error;
      count(ledger, 'refused to lift what another lifts');
    }
  }
}
