import { and, eq, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { actionEdits, actions } from '#db/schema/actions.ts';
import { approvals } from '#db/schema/approvals.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { voteRefusal } from '#server/approvals/approval-state.ts';
import { voteInGate } from '#server/approvals/cast-vote.ts';
import type { castVoteAnswer } from '#server/approvals/contract.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { maskArguments } from '#server/approvals/mask-arguments.ts';
import { readSealed, unseal } from '#server/approvals/open-arguments.ts';
import { voterOf } from '#server/approvals/present.ts';
import {
  type ApprovalRecord,
  judgeApproval,
  readApproval,
  readVotes,
} from '#server/approvals/read-approval.ts';
import { noSuchApproval } from '#server/approvals/read-approval-detail.ts';
import { readVoters } from '#server/approvals/read-voters.ts';
import { refusalError } from '#server/approvals/refusal-error.ts';
import { countApprovers, insertSealed } from '#server/approvals/request-approval.ts';
import { restoreMasked } from '#server/approvals/restore-masked.ts';
import { confirmPassword } from '#server/auth/confirm-password.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { withGate } from '#server/gate/with-gate.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';
import type { RedactionTools } from '#server/ingest/redact.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noteChange } from '#server/live/note-change.ts';
import {
  canonicalise,
  canonicaliseArguments,
  type JsonObject,
} from '#server/permits/canonicalise.ts';
import { fingerprintOf } from '#server/permits/digest.ts';
import { parseExactJson } from '#server/permits/parse-exact-json.ts';
import { measureArguments } from '#server/policy/measure-arguments.ts';
import { completeAsked } from './complete-arguments.ts';
import type { EditInput } from './contract.ts';
import { type ActionRecord, lockAction, readActionRecord } from './read-action-record.ts';
import { type JudgedAgain, judgeAgain } from './read-policy-now.ts';
import { digestOfArguments } from './redeem-refusals.ts';

type Answer = z.infer<typeof castVoteAnswer>;
type Person = Extract<Ctx['actor'], { type: 'person' }>;

/** What an edit would make of an action; nothing of it is written yet. */
interface Edited {
  readonly args: JsonObject;
  readonly canonical: string;
  readonly digest: string;
  readonly judged: JudgedAgain;
}

/**
 * A reviewer changes the arguments of a held action and approves what they made of it. The edited call is
 * checked against the tool's schema, scored, bound and sealed like the original, which is kept; votes on
 * the original no longer count. It never asks for fewer people than before, so an edit is no way around
 * the second one. The password is always needed: the words are the editor's own.
 * @throws AppError `forbidden`, `not_found`, `self_approval`, `conflict`, `expired`, `halted`, `gone`,
 *   `args_mismatch` for another digest than was shown, `invalid_arguments`, `unrepresentable`,
 *   `schema_changed`, `denied` where the policy would deny it now, `unprocessable` for an edit that
 *   changes nothing bound, of a plan, or that nobody could approve.
 */
export async function editAction(ctx: Ctx, tools: HoldTools, input: EditInput): Promise<Answer> {
  requirePermission(ctx, 'approvals.vote');
  const { actor } = ctx;
  if (actor.type !== 'person') throw new AppError('forbidden', 'Only a person edits.');
  if (!isId('approval', input.id)) throw noSuchApproval();
  const asked = await withRead(ctx, (tx) => readApproval(tx, ctx, input.id));
  if (asked === null) throw noSuchApproval();
  const written = parseExactJson(Buffer.from(input.args));
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw new AppError('unprocessable', 'Arguments are an object with their names.');
  }
  await confirmPassword(ctx, input.password);
  const redaction = await tools.redactionOf(ctx);
  return withGate(ctx, asked.subject, async (tx) => {
    // The action first, as a cancel takes them.
    await lockAction(tx, ctx, asked.actionId);
    const record = await readApproval(tx, ctx, input.id, { isLocked: true });
    const action = await readActionRecord(tx, ctx, asked.actionId);
    if (record === null || action === null) throw noSuchApproval();
    await requireEditor(tx, ctx, record, input);
    const edited = await makeEdit(tx, ctx, tools, redaction, action, written);
    await requireApprovers(tx, ctx, record, edited);
    await write(tx, ctx, tools, actor, record, action, edited, input.reason);
    const { id, reason, password } = input;
    const { digest } = edited;
    return voteInGate(tx, ctx, actor, { id, verdict: 'approve', reason, password, digest }, true);
  });
}

/** Whoever may vote on it now, on what they were shown. */
async function requireEditor(
  tx: Tx,
  ctx: Ctx,
  record: ApprovalRecord,
  input: EditInput,
): Promise<void> {
  const cast = (await readVotes(tx, ctx, [record.id])).get(record.id) ?? [];
  const voters = await readVoters(tx, ctx);
  const coverage = await readCoverage(tx, ctx, record.subject, record.requestedAt);
  const { facts, state } = judgeApproval(record, coverage, cast, voters);
  const refusal = voteRefusal(facts, voterOf(ctx, voters), cast, coverage.nowMs);
  if (refusal !== null) throw refusalError(refusal, state);
  if (input.digest !== record.digest) {
    throw new AppError('args_mismatch', 'This is not what was shown; open the request again.');
  }
}

async function makeEdit(
  tx: Tx,
  ctx: Ctx,
  tools: HoldTools,
  redaction: RedactionTools,
  action: ActionRecord,
  written: object,
): Promise<Edited> {
  if (action.planHash !== null) {
    throw refused(
      'It was decided with a plan, which an edit would leave; deny it with the reason.',
    );
  }
  if (action.edits >= limits.editsMax) throw refused(`It was edited ${limits.editsMax} times.`);
  const sealed = await readSealed(tx, ctx, action.id);
  if (sealed === null) throw new AppError('gone', 'The arguments were destroyed.');
  const whole = unseal(ctx, tools, sealed);
  const shown = maskArguments(whole, sealed.places, redaction.tenantKey);
  const texts = new Map([...stringsOf(shown.value)].map((one) => [one.pointer, one.text]));
  const masks = shown.masked.map(({ pointer, start, end }) =>
    (texts.get(pointer) ?? '').slice(start, end),
  );
  const before = JSON.parse(whole) as JsonObject;
  const restored = restoreMasked(written, shown.value, before, masks) as JsonObject;
  const { schema } = await judgeAgain(tx, ctx, action, action.riskInput.measures);
  const args = completeAsked(schema, restored);
  refuseUnbound(before, args, action.boundFields);
  const canonical = canonicaliseArguments(args);
  const digest = digestOfArguments(action, args);
  if (digest === null) throw new AppError('gone', 'The arguments were destroyed.');
  if (digest === action.digest) throw refused('Nothing was changed; approve it as it is.');
  const judged = await judgeAgain(tx, ctx, action, measureArguments(args), (name) =>
    isChanged(before, args, name),
  );
  if (judged.isSchemaChanged) {
    throw new AppError('schema_changed', 'The tool’s schema changed; the agent asks again.');
  }
  if (judged.evaluation.decision === 'deny') {
    const why = judged.evaluation.reasons.at(-1)?.detail ?? 'The policy denies it now.';
    throw new AppError('denied', why);
  }
  return { args, canonical, digest, judged };
}

const isChanged = (before: JsonObject, after: JsonObject, name: string): boolean =>
  Object.hasOwn(before, name) &&
  canonicalise({ [name]: before[name] ?? null }) !== canonicalise({ [name]: after[name] ?? null });

/** What a permit does not bind the agent may set as it likes: an edit of it would promise what is not so. */
function refuseUnbound(before: JsonObject, after: JsonObject, fields: readonly string[] | null) {
  if (fields === null) return;
  const bound = new Set(fields);
  const unbound = (args: JsonObject) =>
    canonicalise(Object.fromEntries(Object.entries(args).filter(([name]) => !bound.has(name))));
  if (unbound(before) !== unbound(after)) {
    throw refused(
      `A permit binds ${fields.join(', ')} only; leave the other arguments as they are.`,
    );
  }
}

const refused = (why: string) => new AppError('unprocessable', why);

/** Never fewer than before, and only what enough people could still approve. */
async function requireApprovers(
  tx: Tx,
  ctx: Ctx,
  record: ApprovalRecord,
  { judged }: Edited,
): Promise<void> {
  const needs = needsOf(record, judged);
  const eligible = await countApprovers(tx, ctx, record.excluded);
  if (eligible >= needs) return;
  throw refused(
    `So edited it needs ${needs} reviewers who are neither owner nor requester, and there are ${eligible}.`,
  );
}

const needsOf = (record: ApprovalRecord, { evaluation }: JudgedAgain) =>
  Math.max(record.needs, evaluation.needs);

async function write(
  tx: Tx,
  ctx: Ctx,
  tools: HoldTools,
  actor: Person,
  record: ApprovalRecord,
  action: ActionRecord,
  edited: Edited,
  reason: string,
): Promise<void> {
  const { tenantId } = ctx;
  const { digest, canonical, judged } = edited;
  const { risk, reasons, isFreshSignInNeeded } = judged.evaluation;
  const version = action.edits + 1;
  const asks = {
    needs: needsOf(record, judged),
    isFreshSignInNeeded: record.isFreshSignInNeeded || isFreshSignInNeeded,
  };
  await insertSealed(tx, ctx, tools, {
    actionId: action.id,
    version,
    canonicalArguments: canonical,
  });
  await tx.insert(actionEdits).values({
    tenantId,
    actionId: action.id,
    version,
    editorUserId: actor.userId,
    editorLabel: actor.email,
    reason,
    digestBefore: action.digest,
    digest,
    riskScoreBefore: action.risk.score,
    riskBandBefore: action.risk.band,
    riskScore: risk.score,
    riskBand: risk.band,
  });
  await tx
    .update(actions)
    .set({
      ...asks,
      digest,
      edits: version,
      riskScore: risk.score,
      riskBand: risk.band,
      riskFactors: risk.factors,
      riskInput: judged.riskInput,
      reasons,
      policyVersion: judged.policyVersion,
    })
    .where(and(eq(actions.tenantId, tenantId), eq(actions.id, action.id)));
  await tx
    .update(approvals)
    .set({ ...asks, band: risk.band, fingerprint: fingerprintOf(digest) })
    .where(
      and(
        eq(approvals.tenantId, tenantId),
        eq(approvals.id, record.id),
        sql`${approvals.result} = 'pending'`,
      ),
    );
  await tell(tx, ctx, record, action, edited, { version, reason, needs: asks.needs });
}

/** Of an edit: who, why and between which digests; never a value. */
async function tell(
  tx: Tx,
  ctx: Ctx,
  record: ApprovalRecord,
  action: ActionRecord,
  { digest, judged }: Edited,
  made: { readonly version: number; readonly reason: string; readonly needs: number },
): Promise<void> {
  const { risk } = judged.evaluation;
  await writeAudit(tx, ctx, {
    action: 'approval.edited',
    subject: { type: 'approval', id: record.id },
    risk: risk.band,
    cause: made.reason,
    detail: {
      action: action.id,
      version: made.version,
      digest: { before: action.digest, after: digest },
      score: { before: action.risk.score, after: risk.score },
      needs: { before: record.needs, after: made.needs },
    },
  });
  await noteChange(tx, ctx, {
    noun: 'approval',
    subjectId: record.id,
    change: 'edited',
    agentId: record.agentId,
  });
}
