import { randomUUID } from 'node:crypto';
import { askSchema, type Ask } from '#server/actions/contract.ts';
import { decideAction } from '#server/actions/decide-action.ts';
import { commonTools } from '#server/agents/common-tools.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { castVote } from '#server/approvals/cast-vote.ts';
import type { CastVoteInput } from '#server/approvals/contract.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { hashPassword } from '#server/auth/password.ts';
import type { StopScopeKind } from '#db/enums.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { TestBed } from './database.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from './factories.ts';
import { makeHoldTools } from './hold-tools.ts';

export const holdPassword = 'correct horse battery';
let passwordHash: Promise<string> | null = null;

/** A tenant with a tools table, an agent with its key, an enforcer's key and reviewers. */
export interface HoldScene {
  readonly tenant: { readonly id: TenantId; readonly slug: string };
  readonly tools: HoldTools;
  readonly agent: { readonly id: string; readonly slug: string };
  readonly agentCtx: Ctx;
  /** Bound to `send_money` and `write_file`. */
  readonly enforcerCtx: Ctx;
  /** As many as asked for; the first one is no owner. */
  readonly reviewers: readonly Ctx[];
}

type PersonActor = Extract<Actor, { type: 'person' }>;

/** A reviewer with a password that works. */
export async function makeReviewer(bed: TestBed, tenantId: TenantId): Promise<PersonActor> {
  const person = await makePerson(bed, tenantId, ['reviewer']);
  if (person.type !== 'person') throw new Error('a person expected');
  passwordHash ??= hashPassword(holdPassword);
  await bed.admin`update users set password_hash = ${await passwordHash}
    where id = ${uuidOf(person.userId)}`;
  return person;
}

export async function makeHoldScene(
  bed: TestBed,
  options: { readonly reviewers?: number; readonly tools?: HoldTools } = {},
): Promise<HoldScene> {
  const tenant = await makeTenant(bed);
  for (const name of ['read_file', 'query_database', 'write_file', 'send_money']) {
    const facts = commonTools.find((tool) => tool.name === name);
    if (!facts) throw new Error(`no tool ${name}`);
    await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity,
        blast_radius, effect_class, load_bearing_fields)
      values (${uuidOf(tenant.id)}, ${uuidOf(newId('tool'))}, ${name}, ${facts.reversibility},
        ${facts.sensitivity}, ${facts.blastRadius}, ${facts.effectClass}, null)`;
  }
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const reviewers: Ctx[] = [];
  for (let index = 0; index < (options.reviewers ?? 2); index += 1) {
    reviewers.push(makeCtx(bed.app, tenant.id, await makeReviewer(bed, tenant.id)));
  }
  const enforcer = { ...keyActor('enforcer'), tools: ['send_money', 'write_file'] };
  return {
    tenant,
    tools: options.tools ?? (await makeHoldTools()),
    agent,
    agentCtx: makeCtx(bed.app, tenant.id, keyActor('agent', agent)),
    enforcerCtx: makeCtx(bed.app, tenant.id, enforcer),
    reviewers,
  };
}

/** A complete ask. */
export const askOf = (change: Partial<Ask> & Pick<Ask, 'tool'>): Ask =>
  askSchema.parse({ args: {}, ...change });

/** Asks in the name of the scene's agent, under a key of its own unless one is given. */
export function ask(
  { agentCtx, tools }: Pick<HoldScene, 'agentCtx' | 'tools'>,
  change: Partial<Ask> & Pick<Ask, 'tool'>,
  idempotencyKey: string = randomUUID(),
) {
  return decideAction(agentCtx, tools, { ask: askOf(change), idempotencyKey });
}

/** Votes on what the person is shown. */
export async function vote(
  ctx: Ctx,
  approvalId: string,
  verdict: CastVoteInput['verdict'] = 'approve',
  change: Partial<CastVoteInput> = {},
) {
  const { digest } = await readApprovalDetail(ctx, approvalId);
  const input = { id: approvalId, verdict, reason: 'seen', digest, password: holdPassword };
  return castVote(ctx, { ...input, ...change });
}

/** A stop as a row, as another process would have committed and acknowledged it. */
export async function placeStopRow(
  bed: TestBed,
  tenantId: TenantId,
  kind: StopScopeKind,
  scopeId: string,
): Promise<string> {
  const id = newId('stop');
  const [row] = await bed.admin<{ epoch: number }[]>`
    insert into stop_epochs (tenant_id, epoch) values (${uuidOf(tenantId)}, 1)
    on conflict (tenant_id) do update set epoch = stop_epochs.epoch + 1 returning epoch::int`;
  await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, level, reason,
      state, epoch, placed_by_type, placed_by_id, placed_by_label, acknowledged_at)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${kind}, ${scopeId}, ${scopeId}, 1, 'test',
      'active', ${row?.epoch ?? 0}, 'system', 'test', 'test', clock_timestamp())`;
  return id;
}

export async function liftStopRow(bed: TestBed, stopId: string): Promise<void> {
  await bed.admin`update stops set state = 'lifted', lifted_at = clock_timestamp()
    where id = ${uuidOf(stopId)}`;
}
