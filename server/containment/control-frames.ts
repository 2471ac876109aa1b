import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { ControlNoun } from '#db/enums.ts';
import { approvals, questions } from '#db/schema/approvals.ts';
import { stops } from '#db/schema/gate.ts';
import { anyAncestor } from '#server/gate/tree-members.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { decodePosition, encodePosition, type Position } from '#server/telemetry/position.ts';

/** A change of the control plane as a stream tells it, and whom it concerns. */
export interface ControlFrame {
  /** `stop`, `lift`, `revoke`, `decided` or `ask`. */
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Place of the change; what was told is not told again. */
  readonly position: string;
  readonly audience: Audience;
  /** Of the stop that this frame delivers; null for others. */
  readonly stopId: string | null;
}

/** Whom a frame is for: one agent, the agents of a tree or of an environment, or all. */
export type Audience =
  | { readonly kind: 'all' }
  | { readonly kind: 'agent'; readonly agentId: string }
  | { readonly kind: 'agents'; readonly agentIds: ReadonlySet<string> }
  | { readonly kind: 'environment'; readonly environment: string };

interface ChangeRow extends Record<string, unknown> {
  readonly incarnation: number;
  readonly xid: string;
  readonly seq: string;
  readonly noun: ControlNoun;
  readonly subject_id: string;
  readonly change: string;
  readonly agent_id: string | null;
}

/** What the changes are about, by their subjects. */
interface Subjects {
  readonly stops: ReadonlyMap<string, typeof stops.$inferSelect>;
  /** Agents of a tree, by its root. */
  readonly trees: ReadonlyMap<string, ReadonlySet<string>>;
  readonly questions: ReadonlyMap<string, { readonly actionId: string; readonly text: string }>;
  /** Action of an approval. */
  readonly actions: ReadonlyMap<string, string>;
}

/** What a reading of changes answers. */
export interface FrameReading {
  readonly frames: readonly ControlFrame[];
  /** A position below which everything is contained in this reading or older: the id of a frame. */
  readonly horizon: string;
  /** True when changes were left out: begin afresh. */
  readonly isCut: boolean;
}

/** A position that somebody sent back; null for what is none of ours. */
function readPosition(text: string): Position | null {
  try {
    return decodePosition(text);
  } catch {
    return null;
  }
}

/**
 * Changes after a position, oldest first, at most `limits.controlReplayMax`; an unknown position, or one
 * of an earlier life of the database, is cut. The horizon is the oldest transaction that still runs: a
 * stream that resumes from it misses nothing, and is told again only what was committed beside one
 * that had begun earlier.
 */
export function readFramesSince(ctx: Ctx, since: string): Promise<FrameReading> {
  return withRead(ctx, async (tx) => {
    const now = await readHorizon(tx);
    const from = readPosition(since);
    if (from === null || from.incarnation !== now.incarnation) {
      return { frames: [], horizon: now.position, isCut: true };
    }
    const rows = await selectChanges(
      tx,
      ctx,
      sql`(c.incarnation, c.xid, c.seq) > (${from.incarnation}::smallint, ${from.xid}::xid8, ${from.seq}::bigint)`,
    );
    const isCut = rows.length > limits.controlReplayMax;
    return { frames: isCut ? [] : await framesOf(tx, ctx, rows), horizon: now.position, isCut };
  });
}

/** The one change at a position, as a signal named it. */
export function readFrameAt(ctx: Ctx, position: string): Promise<FrameReading> {
  return withRead(ctx, async (tx) => {
    const now = await readHorizon(tx);
    const at = readPosition(position);
    if (at === null) return { frames: [], horizon: now.position, isCut: true };
    const rows = await selectChanges(
      tx,
      ctx,
      sql`c.incarnation = ${at.incarnation}::smallint and c.xid = ${at.xid}::xid8 and c.seq = ${at.seq}::bigint`,
    );
    return { frames: await framesOf(tx, ctx, rows), horizon: now.position, isCut: false };
  });
}

/** The life of the database and the oldest transaction that still runs, as a position. */
export async function readHorizon(tx: Tx): Promise<{ incarnation: number; position: string }> {
  const [row] = await tx.execute<{ incarnation: number; xid: string }>(sql`
    select (select incarnation from log_incarnation) as incarnation,
      pg_snapshot_xmin(pg_current_snapshot())::text as xid`);
  if (!row) throw new Error('the database told no horizon');
  const before = (BigInt(row.xid) - 1n).toString();
  const { incarnation } = row;
  const position = encodePosition({ incarnation, xid: before, seq: Number.MAX_SAFE_INTEGER });
  return { incarnation, position };
}

function selectChanges(tx: Tx, ctx: Ctx, where: ReturnType<typeof sql>) {
  return tx.execute<ChangeRow>(sql`
    select c.incarnation, c.xid::text, c.seq::text, c.noun, c.subject_id, c.change, c.agent_id
    from control_changes c
    where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${where}
    order by c.incarnation, c.xid, c.seq limit ${limits.controlReplayMax + 1}`);
}

async function framesOf(tx: Tx, ctx: Ctx, rows: readonly ChangeRow[]): Promise<ControlFrame[]> {
  const idsOf = (noun: ControlNoun) => [
    ...new Set(rows.filter((row) => row.noun === noun).map((row) => row.subject_id)),
  ];
  const [stopIds, questionIds, approvalIds] = [idsOf('stop'), idsOf('question'), idsOf('approval')];
  const foundStops =
    stopIds.length === 0
      ? []
      : await tx
          .select()
          .from(stops)
          .where(and(eq(stops.tenantId, ctx.tenantId), inArray(stops.id, stopIds)));
  const foundQuestions =
    questionIds.length === 0
      ? []
      : await tx
          .select({ id: questions.id, actionId: approvals.actionId, text: questions.text })
          .from(questions)
          .innerJoin(
            approvals,
            and(eq(approvals.tenantId, questions.tenantId), eq(approvals.id, questions.approvalId)),
          )
          .where(and(eq(questions.tenantId, ctx.tenantId), inArray(questions.id, questionIds)));
  const foundApprovals =
    approvalIds.length === 0
      ? []
      : await tx
          .select({ id: approvals.id, actionId: approvals.actionId })
          .from(approvals)
          .where(and(eq(approvals.tenantId, ctx.tenantId), inArray(approvals.id, approvalIds)));
  const subjects: Subjects = {
    stops: new Map(foundStops.map((stop) => [stop.id, stop])),
    trees: await readTrees(
      tx,
      ctx,
      foundStops.flatMap((stop) => stop.treeRootId ?? []),
    ),
    questions: new Map(foundQuestions.map((question) => [question.id, question])),
    actions: new Map(foundApprovals.map((approval) => [approval.id, approval.actionId])),
  };
  return rows.flatMap((row) => frameOf(row, subjects) ?? []);
}

/** Words of change after which an action is decided. */
const decidedWords = new Set(['approved', 'denied', 'cancelled', 'superseded', 'expired']);

/** A change as a frame; null for one that agents are not told. */
function frameOf(row: ChangeRow, subjects: Subjects): ControlFrame | null {
  const { incarnation, xid } = row;
  const position = encodePosition({ incarnation, xid, seq: Number(row.seq) });
  const agentId = row.agent_id === null ? null : idOf('agent', row.agent_id);
  const audience: Audience = agentId === null ? { kind: 'all' } : { kind: 'agent', agentId };
  const frame = { position, audience, stopId: null };
  const stop = subjects.stops.get(row.subject_id);
  if (stop) return stopFrame(row.change, stop, frame, subjects);
  const question = subjects.questions.get(row.subject_id);
  if (question && row.change === 'asked') {
    const { actionId, text } = question;
    return { ...frame, event: 'ask', data: { questionId: row.subject_id, actionId, text } };
  }
  if (row.noun === 'credential' && row.change === 'revoked') {
    return { ...frame, event: 'revoke', data: { credentialId: row.subject_id } };
  }
  const actionId =
    row.noun === 'action' ? row.subject_id : (subjects.actions.get(row.subject_id) ?? null);
  if (actionId === null || !decidedWords.has(row.change)) return null;
  return { ...frame, event: 'decided', data: { actionId, change: row.change } };
}

/** Words of change of a stop that agents are told. */
const toldOfStops = new Set(['placed', 'raised', 'lifted', 'joined', 'resumed']);

/** Of one agent: it came into the tree later, or goes on before the others. */
const toldAlone = new Set(['joined', 'resumed']);

function stopFrame(
  change: string,
  stop: typeof stops.$inferSelect,
  frame: Pick<ControlFrame, 'position' | 'audience' | 'stopId'>,
  { trees }: Pick<Subjects, 'trees'>,
): ControlFrame | null {
  if (!toldOfStops.has(change)) return null;
  const isLift = change === 'lifted' || change === 'resumed';
  return {
    ...frame,
    audience: toldAlone.has(change) ? frame.audience : audienceOf(stop, frame.audience, trees),
    event: isLift ? 'lift' : 'stop',
    data: stopData(stop),
    stopId: isLift ? null : stop.id,
  };
}

function audienceOf(
  stop: typeof stops.$inferSelect,
  noted: Audience,
  trees: Subjects['trees'],
): Audience {
  if (stop.scopeKind === 'environment') return { kind: 'environment', environment: stop.scopeId };
  if (stop.scopeKind !== 'tree') return noted;
  return { kind: 'agents', agentIds: trees.get(stop.scopeId) ?? new Set([stop.scopeId]) };
}

/** Who is in the trees of these roots now, roots included. */
async function readTrees(
  tx: Tx,
  ctx: Ctx,
  roots: readonly string[],
): Promise<Map<string, Set<string>>> {
  const trees = new Map(roots.map((root) => [root, new Set([root])]));
  if (roots.length === 0) return trees;
  const rows = await tx.execute<{ agent_id: string; root: string }>(sql`
    select up.agent_id, r.root from unnest(${sql.param(roots.map(uuidOf))}::uuid[]) r(root)
    join agent_ancestors up on up.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and up.ancestor_id in (r.root, ${anyAncestor}::uuid)`);
  for (const row of rows) trees.get(idOf('agent', row.root))?.add(idOf('agent', row.agent_id));
  return trees;
}

/** A stop as agents are told of it. */
export function stopData(stop: typeof stops.$inferSelect): Readonly<Record<string, unknown>> {
  return {
    stopId: stop.id,
    epoch: stop.epoch,
    scope: { kind: stop.scopeKind, id: stop.scopeId, label: stop.scopeLabel },
    level: stop.level,
    reason: stop.reason,
    at: stop.placedAt,
  };
}
