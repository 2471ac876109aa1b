import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { readReach } from '#server/policy/measure-arguments.ts';
import { ineligibility } from './approval-state.ts';
import type { OpenedArguments } from './contract.ts';
import { findProvenance, readTraceTexts, type TraceTexts } from './find-provenance.ts';
import type { HoldTools } from './hold-tools.ts';
import { inspectArguments } from './inspect-arguments.ts';
import { maskArguments, type MaskedArguments } from './mask-arguments.ts';
import { voterOf } from './present.ts';
import { type ApprovalRecord, readApproval } from './read-approval.ts';
import { noSuchApproval } from './read-approval-detail.ts';
import { readVoters } from './read-voters.ts';
import { refusalError } from './refusal-error.ts';
import type { CredentialPlace } from './request-approval.ts';
import { openSealed, type Sealed } from './seal-arguments.ts';

interface SealedRow extends Record<string, unknown> {
  readonly version: number;
  readonly wrapped_key: Buffer;
  readonly sealed: Buffer;
  readonly secrets: string;
}

/** Sealed arguments as they lie in the database. */
export interface SealedRecord extends Sealed {
  readonly actionId: string;
  readonly version: number;
  readonly places: readonly CredentialPlace[];
}

const placesSchema = z.array(
  z.object({ at: z.int(), start: z.int(), end: z.int(), type: z.string() }),
);

/**
 * Opens the sealed arguments of a request for somebody who may decide it, credentials masked, with
 * what the guard and the trace say of them. Each opening is audited in its own transaction before
 * anything is decrypted.
 * @throws AppError `forbidden`, `not_found`, `self_approval`, `gone` once they were destroyed.
 */
export async function openArguments(
  ctx: Ctx,
  tools: HoldTools,
  id: string,
): Promise<OpenedArguments> {
  requirePermission(ctx, 'approvals.open');
  const read = await withTransaction(ctx, async (tx) => {
    const record = await requireVoter(tx, ctx, id);
    const sealed = await readSealed(tx, ctx, record.actionId);
    if (sealed === null) throw destroyed();
    const action = await readAction(tx, ctx, record.actionId);
    const last = await readLastApproved(tx, ctx, record);
    const original = sealed.version === 0 ? null : await readSealed(tx, ctx, record.actionId, 0);
    const texts = await readTraceTexts(tx, ctx, {
      traceId: action.traceId,
      requestedAt: record.requestedAt,
    });
    await writeAudit(tx, ctx, {
      action: 'approval.opened',
      subject: { type: 'approval', id },
      risk: record.band,
      detail: { action: record.actionId, comparedWith: last?.approvalId ?? null },
    });
    return { record, sealed, original, action, last, texts };
  });
  return present(ctx, tools, read);
}

const destroyed = (): AppError =>
  new AppError('gone', 'These arguments were destroyed 30 days after the end; the digest stays.');

/** Sealed arguments are for people who may decide; whoever is involved sees none of them. */
export async function requireVoter(tx: Tx, ctx: Ctx, id: string): Promise<ApprovalRecord> {
  if (ctx.actor.type !== 'person') throw new AppError('forbidden', 'Only a person opens them.');
  const record = isId('approval', id) ? await readApproval(tx, ctx, id) : null;
  if (record === null) throw noSuchApproval();
  const refusal = ineligibility(record, voterOf(ctx, await readVoters(tx, ctx)));
  if (refusal !== null) throw refusalError(refusal, 'pending');
  return record;
}

/**
 * The sealed arguments of an action: those that count, after every edit, or those of a version. Null once
 * they were destroyed.
 */
export async function readSealed(
  tx: Tx,
  ctx: Ctx,
  actionId: string,
  version: number | null = null,
): Promise<SealedRecord | null> {
  const [row] = await tx.execute<SealedRow>(sql`
    select s.version, s.wrapped_key, s.sealed, s.secrets::text from sealed_arguments s
    join actions a on a.tenant_id = s.tenant_id and a.id = s.action_id
    where s.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and s.action_id = ${uuidOf(actionId)}::uuid
      and s.version = coalesce(${version}::int, a.edits)`);
  if (row === undefined) return null;
  return {
    actionId,
    version: row.version,
    wrappedKey: row.wrapped_key,
    sealed: row.sealed,
    places: placesSchema.parse(JSON.parse(row.secrets)),
  };
}

/** Canonical text of sealed arguments. @throws Error when a byte of them was changed. */
export function unseal(ctx: Ctx, tools: HoldTools, record: SealedRecord): string {
  const of = { tenantId: ctx.tenantId, actionId: record.actionId, version: record.version };
  return openSealed(record, tools.sealKeyOf(ctx.tenantId), of);
}

async function readAction(tx: Tx, ctx: Ctx, actionId: string) {
  const [row] = await tx.execute<{ trace_id: string | null; bound_fields: string[] | null }>(sql`
    select trace_id, bound_fields from actions
    where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and id = ${uuidOf(actionId)}::uuid`);
  return {
    traceId: row?.trace_id?.replaceAll('-', '') ?? null,
    boundFields: row?.bound_fields ?? null,
  };
}

interface LastApproved {
  readonly approvalId: string;
  readonly sealed: SealedRecord;
}

/** The last approved call of the same agent and tool before this one, as far as it is still there. */
async function readLastApproved(
  tx: Tx,
  ctx: Ctx,
  record: ApprovalRecord,
): Promise<LastApproved | null> {
  const [row] = await tx.execute<{ id: string; action_id: string }>(sql`
    select ap.id, ap.action_id from approvals ap
    join actions a on a.tenant_id = ap.tenant_id and a.id = ap.action_id
    where ap.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ap.result = 'approved'
      and a.agent_id = ${uuidOf(record.agentId)}::uuid and a.tool = ${record.subject.tool}
      and ap.requested_at < ${record.requestedAt}::timestamptz
    order by ap.requested_at desc limit 1`);
  if (row === undefined) return null;
  const sealed = await readSealed(tx, ctx, idOf('action', row.action_id));
  return sealed === null ? null : { approvalId: idOf('approval', row.id), sealed };
}

interface ReadOpening {
  readonly record: ApprovalRecord;
  readonly sealed: SealedRecord;
  /** What the agent asked for, of an edited action. */
  readonly original: SealedRecord | null;
  readonly action: Awaited<ReturnType<typeof readAction>>;
  readonly last: LastApproved | null;
  readonly texts: TraceTexts;
}

async function present(
  ctx: Ctx,
  tools: HoldTools,
  { record, sealed, original, action, last, texts }: ReadOpening,
): Promise<OpenedArguments> {
  const redaction = await tools.redactionOf(ctx);
  const mask = (one: SealedRecord): MaskedArguments =>
    maskArguments(unseal(ctx, tools, one), one.places, redaction.tenantKey);
  const shown = mask(sealed);
  const reach = readReach(shown.value as Record<string, unknown>);
  const provenance = findProvenance(shown.value, texts, redaction);
  return {
    canonical: shown.canonical,
    digest: record.digest,
    fingerprint: record.fingerprint,
    boundFields: action.boundFields,
    masked: shown.masked,
    ...inspectArguments(shown.value, record.subject.tool ?? '', redaction),
    provenance: provenance.found,
    isProvenanceWhole: provenance.isWhole,
    blast: {
      recipients: [...reach.recipients],
      rows: reach.rows,
      amount: reach.amount === null ? null : String(reach.amount),
    },
    asAsked: original && mask(original).canonical,
    lastApproved: last && {
      approvalId: last.approvalId,
      canonical: mask(last.sealed).canonical,
    },
  };
}
