import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { RiskBand } from '#db/enums.ts';
import { approvals, sealedArguments } from '#db/schema/approvals.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { findSensitive } from '#server/guard/inspect-text.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { newId } from '#server/kernel/ids.ts';
import { noteChange } from '#server/live/note-change.ts';
import { fingerprintOf } from '#server/permits/digest.ts';
import { type ApprovalFacts, countEligible } from './approval-state.ts';
import type { HoldTools } from './hold-tools.ts';
import { readVoters } from './read-voters.ts';
import { sealArguments } from './seal-arguments.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';

/** What is held, and who may not decide it. */
export interface ApprovalToRequest {
  readonly actionId: string;
  readonly agentId: string;
  readonly band: RiskBand;
  readonly needs: number;
  readonly isFreshSignInNeeded: boolean;
  readonly windowSeconds: number;
  readonly digest: string;
  readonly excluded: ApprovalFacts['excluded'];
  /** RFC 8785 text of the arguments. */
  readonly canonicalArguments: string;
}

export interface RequestedApproval {
  readonly id: string;
  readonly expiresAt: string;
  readonly fingerprint: string;
}

/**
 * How many people could approve such a request at this moment. Fewer than it needs means that
 * nobody ever could: it is denied at once instead of waiting for its expiry.
 */
export async function countApprovers(
  tx: Tx,
  ctx: Ctx,
  excluded: ApprovalFacts['excluded'],
): Promise<number> {
  return countEligible({ excluded }, await readVoters(tx, ctx));
}

/**
 * Opens the human process on an action that was just held: the pending row, the sealed arguments,
 * the audit row and the word to everybody who watches, in the transaction of the decision.
 */
export async function requestApproval(
  tx: Tx,
  ctx: Ctx,
  tools: HoldTools,
  wanted: ApprovalToRequest,
): Promise<RequestedApproval> {
  const id = newId('approval');
  const fingerprint = fingerprintOf(wanted.digest);
  const [made] = await tx
    .insert(approvals)
    .values({
      tenantId: ctx.tenantId,
      id,
      actionId: wanted.actionId,
      band: wanted.band,
      needs: wanted.needs,
      isFreshSignInNeeded: wanted.isFreshSignInNeeded,
      fingerprint,
      expiresAt: sql`clock_timestamp() + make_interval(secs => ${wanted.windowSeconds})`,
      excluded: wanted.excluded,
    })
    .returning({ expiresAt: approvals.expiresAt });
  if (!made) throw new Error('the approval was not written');
  await insertSealed(tx, ctx, tools, { ...wanted, version: 0 });
  await writeAudit(tx, ctx, {
    action: 'approval.requested',
    subject: { type: 'approval', id },
    risk: wanted.band,
    detail: { action: wanted.actionId, needs: wanted.needs, fingerprint },
  });
  await noteChange(tx, ctx, {
    noun: 'approval',
    subjectId: id,
    change: 'requested',
    agentId: wanted.agentId,
  });
  return { id, expiresAt: made.expiresAt, fingerprint };
}

/** Seals a version of an action's arguments beside those that are there. */
export async function insertSealed(
  tx: Tx,
  ctx: Ctx,
  tools: HoldTools,
  wanted: {
    readonly actionId: string;
    readonly version: number;
    readonly canonicalArguments: string;
  },
): Promise<void> {
  const { actionId, version, canonicalArguments } = wanted;
  const of = { tenantId: ctx.tenantId, actionId, version };
  await tx.insert(sealedArguments).values({
    ...of,
    ...sealArguments(canonicalArguments, tools.sealKeyOf(ctx.tenantId), of),
    secrets: findCredentials(canonicalArguments),
  });
}

/** Where a credential was detected among arguments; never its value, nor a name that holds one. */
export interface CredentialPlace {
  /** Which string of {@link stringsOf}, counted from 0: a pointer could spell out an argument's key. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** Credentials in the strings and keys of canonical arguments, in their order. */
export function findCredentials(canonical: string): CredentialPlace[] {
  return [...stringsOf(JSON.parse(canonical))].flatMap(({ text, name }, at) =>
    findSensitive(text, name)
      .filter(({ placeholder }) => placeholder === 'SECRET')
      .map(({ start, end, detector }) => ({ at, start, end, type: detector })),
  );
}
