import type { Tx } from '#db/client.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import type { ApprovalFacts } from '#server/approvals/approval-state.ts';
import { requestApproval, type RequestedApproval } from '#server/approvals/request-approval.ts';
import { type HoldTools, redactText } from '#server/approvals/hold-tools.ts';
import { deadKey } from '#server/auth/key-standing.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Coverage } from '#server/gate/read-coverage.ts';
import type { GateSubject } from '#server/gate/contract.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { type Plan, shareGate } from '#server/gate/share-gate.ts';
import { withGate } from '#server/gate/with-gate.ts';
import { isStoreError } from '#server/http/problem.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError, isAppError } from '#server/kernel/errors.ts';
import { equalBytes, hmacSha256 } from '#server/kernel/hash.ts';
import { canonicalise, canonicaliseArguments } from '#server/permits/canonicalise.ts';
import { measureArguments } from '#server/policy/measure-arguments.ts';
import { completeAsked } from './complete-arguments.ts';
import type { ActionAnswer, Ask } from './contract.ts';
import { denyWithoutReviewers, readExcluded } from './eligible-reviewers.ts';
import {
  findEarlierAction,
  insertAction,
  type NewAction,
  type WrittenAction,
} from './insert-action.ts';
import { presentNewAction } from './present-action.ts';
import { readActionRecord } from './read-action-record.ts';
import { answerOf } from './read-action.ts';
import { findUntrustedArguments } from './find-untrusted-arguments.ts';
import {
  completed,
  judgeAsk,
  type Judgement,
  type Known,
  newAction,
  type Prepared,
  type UntrustedArguments,
} from './judge-ask.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';
import { type AskFacts, readAskFacts } from './read-ask-facts.ts';
import { supersedeAction } from './supersede-action.ts';
import { isLikelyTainted, noteUpstream } from './tainted-upstreams.ts';

/**
 * Decides what an agent asks: allow with a permit, hold for people, or deny, with its reasons. Facts,
 * decision, permit or request, and audit row are one transaction behind the gate; the same
 * idempotency key gets the stored decision again.
 * @throws AppError `unauthenticated` for a key that died meanwhile, `forbidden`, `halted`,
 *   `payload_too_large`, `idempotency_mismatch`, `idempotency_in_flight`, `invalid_arguments`, `unprocessable` for a predecessor that is none.
 */
export async function decideAction(
  ctx: Ctx,
  tools: HoldTools,
  input: { readonly ask: Ask; readonly idempotencyKey: string },
): Promise<ActionAnswer> {
  requirePermission(ctx, 'actions.ask');
  const prepared = await prepare(ctx, tools, input);
  const subject = {
    agentId: prepared.agent.id,
    environment: null,
    sessionId: prepared.ask.sessionId ?? null,
    tool: prepared.ask.tool,
  };
  const { agent, keyId, ask } = prepared;
  const asker = { agentId: agent.id, keyId };
  const attempt = (provenance: UntrustedArguments | null) =>
    shareGate(
      ctx,
      {
        subject,
        read: (tx) => readAskFacts(tx, ctx, asker, ask),
        plan: (coverage, facts) =>
          planShared(ctx, tools, prepared, { coverage, facts, provenance }),
      },
      () =>
        pastGate(ctx, prepared, subject, (tx, coverage, facts) =>
          decide(tx, ctx, tools, prepared, { coverage, facts, provenance }),
        ),
    );
  // Only a tainted upstream is read, and never behind the gate: a stop would wait for it.
  const look = () => findUntrustedArguments(ctx, tools, ask);
  // Whoever is halted by the file gets that answer without a database.
  const isReadAhead = !isStopFilePresent() && isLikelyTainted(ctx, ask);
  let decided = await attempt(isReadAhead ? await look() : null);
  if (decided === 'provenance') decided = await attempt(await look());
  if (decided === 'provenance') throw new Error('an ask whose provenance is known is decided');
  if (decided === 'repeated') return answerOf(ctx, tools, await readEarlier(ctx, prepared));
  noteUpstream(ctx, ask, decided.action.facts.hasUntrustedUpstream === true);
  return presentNewAction(ctx, tools, decided);
}

/** A stop's refusal is audited, outside the transaction that never was: rules look for those. */
async function pastGate<T>(
  ctx: Ctx,
  { ask, agent, keyId }: Prepared,
  subject: GateSubject,
  work: (tx: Tx, coverage: Coverage, facts: AskFacts | null) => Promise<T>,
): Promise<T> {
  try {
    return await withGate(ctx, subject, work, (tx) =>
      readAskFacts(tx, ctx, { agentId: agent.id, keyId }, ask),
    );
  } catch (error) {
    if (isAppError(error) && error.code === 'halted') {
      // While a stop stands, whoever asks again is refused without anything being read ahead.
      noteUpstream(ctx, ask, false);
      await auditHalt(ctx, agent.id, ask);
    }
    throw error;
  }
}

async function auditHalt(ctx: Ctx, agentId: string, ask: Ask): Promise<void> {
  const { sessionId, traceId, tool } = ask;
  const noted = withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'action.refused',
      subject: { type: 'agent', id: agentId },
      decision: 'deny',
      cause: 'halted',
      detail: { sessionId: sessionId ?? null, traceId: traceId ?? null, tool },
    }),
  );
  await noted.catch((error: unknown) => {
    // The stop file halts without a database too: its word must not become "try again later".
    if (!(isStopFilePresent() && isStoreError(error))) throw error;
  });
}

async function prepare(
  ctx: Ctx,
  tools: HoldTools,
  { ask, idempotencyKey }: { readonly ask: Ask; readonly idempotencyKey: string },
): Promise<Prepared> {
  const { agent, keyId } = agentOf(ctx);
  const canonical = canonicaliseArguments(ask.args);
  const requestKey = tools.requestKeyOf(ctx.tenantId);
  return {
    ask,
    idempotencyKey,
    agent,
    keyId,
    canonical,
    requestDigest: hmacSha256(requestKey, canonicalise(ask)),
    reason: await redactText(ctx, tools, ask.reason),
    onBehalfOf: await redactText(ctx, tools, ask.onBehalfOf),
    measures: measureArguments(ask.args),
  };
}

/** A decision as it was written. */
export interface Decided {
  readonly action: NewAction;
  readonly written: WrittenAction;
  readonly approval: RequestedApproval | null;
}

/**
 * Why nothing was written: the idempotency key has a decision already, or the provenance of the
 * arguments has to be known first.
 */
type Undecided = 'repeated' | 'provenance';

/** Allows and denials are written beside others; what asks people or replaces something goes alone. */
function planShared(
  ctx: Ctx,
  tools: HoldTools,
  prepared: Prepared,
  { facts, ...known }: Omit<Known, 'facts'> & { readonly facts: AskFacts | null },
): Plan<Decided | Undecided> {
  const complete = facts === null ? null : completed(prepared, facts);
  if (facts === null || complete === null || facts.isKeyDead || prepared.ask.supersedes) {
    return { kind: 'alone' };
  }
  if (facts.hasUntrustedUpstream === true && known.provenance === null) {
    return { kind: 'settled', value: 'provenance' };
  }
  const all = { ...known, facts };
  const judged = judgeAsk(complete, all);
  if (judged.evaluation.decision === 'hold') return { kind: 'alone' };
  const action = newAction(ctx, tools, complete, all, judged);
  return {
    kind: 'write',
    write: async (tx) => {
      const written = await insertAction(tx, ctx, action, false);
      return written === null ? 'repeated' : { action, written, approval: null };
    },
  };
}

async function decide(
  tx: Tx,
  ctx: Ctx,
  tools: HoldTools,
  prepared: Prepared,
  { facts, ...known }: Omit<Known, 'facts'> & { readonly facts: AskFacts | null },
): Promise<Decided | Undecided> {
  const { ask } = prepared;
  if (facts === null) throw new AppError('forbidden', 'The agent of this key is gone.');
  if (facts.isKeyDead) throw deadKey();
  const complete = completed(prepared, facts);
  if (complete === null) return refuseUnlessKnown(tx, ctx, prepared, facts);
  if (facts.hasUntrustedUpstream === true && known.provenance === null) return 'provenance';
  const all = { ...known, facts };
  const action = newAction(ctx, tools, complete, all, await judgeHeld(tx, ctx, complete, all));
  const isHeld = action.evaluation.decision === 'hold';
  const written = await insertAction(tx, ctx, action, !isHeld && !ask.supersedes);
  if (written === null) return 'repeated';
  if (ask.supersedes) await supersedeAction(tx, ctx, ask.supersedes, action);
  const approval =
    isHeld && action.excluded !== null
      ? await hold(tx, ctx, tools, { ...action, excluded: action.excluded })
      : null;
  return { action, written, approval };
}

/** What was decided under an earlier schema stays decided. @throws AppError `invalid_arguments` */
async function refuseUnlessKnown(
  tx: Tx,
  ctx: Ctx,
  prepared: Prepared,
  { argumentSchema }: AskFacts,
): Promise<'repeated'> {
  const { agent, ask, idempotencyKey } = prepared;
  if ((await findEarlierAction(tx, ctx, agent.id, idempotencyKey)) !== null) return 'repeated';
  completeAsked(argumentSchema, ask.args);
  throw new Error('arguments that did not fit fit now');
}

/** With the people who may decide it, where it is held; without any it is denied. */
async function judgeHeld(tx: Tx, ctx: Ctx, prepared: Prepared, known: Known): Promise<Judgement> {
  const judged = judgeAsk(prepared, known);
  if (judged.evaluation.decision !== 'hold') return judged;
  const excluded = await readExcluded(tx, ctx, known.facts, prepared);
  const evaluation = await denyWithoutReviewers(tx, ctx, excluded, judged.evaluation);
  return { ...judged, excluded, evaluation };
}

function hold(
  tx: Tx,
  ctx: Ctx,
  tools: HoldTools,
  action: NewAction & { readonly excluded: ApprovalFacts['excluded'] },
): Promise<RequestedApproval> {
  const { evaluation } = action;
  return requestApproval(tx, ctx, tools, {
    actionId: action.id,
    agentId: action.agent.id,
    band: evaluation.risk.band,
    needs: evaluation.needs,
    isFreshSignInNeeded: evaluation.isFreshSignInNeeded,
    windowSeconds: evaluation.windowSeconds,
    digest: action.digest,
    excluded: action.excluded,
    canonicalArguments: action.canonical,
  });
}

/**
 * The decision that this idempotency key has already. The insert finds it, not a look beforehand: so
 * two requests at once wait for each other, and the first pays nothing.
 * @throws AppError `idempotency_mismatch` when the key came with another request.
 */
function readEarlier(ctx: Ctx, { agent, idempotencyKey, requestDigest }: Prepared) {
  return withRead(ctx, async (tx) => {
    const actionId = await findEarlierAction(tx, ctx, agent.id, idempotencyKey);
    const earlier = actionId === null ? null : await readActionRecord(tx, ctx, actionId);
    if (earlier === null) throw new Error('the first decision is not to be found');
    if (equalBytes(earlier.requestDigest, requestDigest)) return earlier;
    throw new AppError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request; use a new key for a new action.',
    );
  });
}
