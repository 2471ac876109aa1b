import { type SQL, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { readStopsSince, spansOf } from '#server/gate/read-stops-since.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Voter } from './approval-state.ts';
import type { ApprovalRow, approvalListInput, approvalListSchema } from './contract.ts';
import { presentApproval } from './present.ts';
import {
  approvalColumns,
  approvalOf,
  type ApprovalRecord,
  approvalTables,
  judgeApproval,
  type JudgedApproval,
  readVotes,
  type StoredVote,
} from './read-approval.ts';
import { readVoters } from './read-voters.ts';

type ListInput = z.output<typeof approvalListInput>;

/** What a row shows beside the approval itself. */
export interface ApprovalExtras {
  readonly agentSlug: string;
  readonly environment: string;
  readonly riskScore: number;
  readonly onBehalfOf: string | null;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
}

/** An approval, judged at one moment, with everything of its row. */
export interface ListedApproval {
  readonly record: ApprovalRecord;
  readonly judged: JudgedApproval;
  readonly votes: readonly StoredVote[];
  readonly extras: ApprovalExtras;
}

/** A reading of the database for some approvals: who may vote, and the moment it was made. */
export interface Judging {
  readonly items: readonly ListedApproval[];
  readonly voters: readonly Voter[];
  readonly nowMs: number;
}

const extraColumns = sql`a.agent_slug, a.risk_score, a.on_behalf_of,
  ap.resolved_at::text as resolved_at, ap.resolved_by_label`;

interface ExtraRow extends Record<string, unknown> {
  readonly agent_slug: string;
  readonly environment: string;
  readonly risk_score: number;
  readonly on_behalf_of: string | null;
  readonly resolved_at: string | null;
  readonly resolved_by_label: string | null;
}

/** Selects approvals by a condition and judges each of them by votes, people and stops of now. */
export async function judgeApprovals(
  tx: Tx,
  ctx: Ctx,
  condition: SQL,
  order: SQL,
  limit: number,
): Promise<Judging> {
  const rows = await tx.execute<ExtraRow>(sql`
    select ${approvalColumns}, ${extraColumns} from ${approvalTables}
    where ap.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${condition}
    order by ${order} limit ${limit}`);
  const records = rows.map((row) => ({ record: approvalOf(row), extras: extrasOf(row) }));
  const since = records.map(({ record }) => record.requestedAt).toSorted()[0];
  const stops = await readStopsSince(tx, ctx, since ?? 'infinity');
  const votes = await readVotes(
    tx,
    ctx,
    records.map(({ record }) => record.id),
  );
  const voters = await readVoters(tx, ctx);
  const items = records.map(({ record, extras }) => {
    const own = votes.get(record.id) ?? [];
    const coverage = { nowMs: stops.nowMs, spans: spansOf(stops, record.subject) };
    return { record, extras, votes: own, judged: judgeApproval(record, coverage, own, voters) };
  });
  return { items, voters, nowMs: stops.nowMs };
}

function extrasOf(row: ExtraRow): ApprovalExtras {
  return {
    agentSlug: row.agent_slug,
    environment: row.environment,
    riskScore: row.risk_score,
    onBehalfOf: row.on_behalf_of,
    resolvedAt: row.resolved_at === null ? null : instantFromDriver(row.resolved_at),
    resolvedBy: row.resolved_by_label,
  };
}

/** What may still wait: not over by its own time, or by a stop that may have given time back. */
export const mayWait = sql`ap.result = 'pending' and (ap.expires_at > clock_timestamp()
  or exists (select 1 from stops s where s.tenant_id = ap.tenant_id
    and s.placed_at < ap.expires_at and (s.lifted_at is null or s.lifted_at > ap.requested_at)))`;

const isWaiting = ({ judged }: ListedApproval) =>
  judged.state === 'pending' || judged.state === 'frozen';

/**
 * The queue, what expires next first, or the history, newest first: a page of rows, never an argument.
 * @throws AppError `forbidden`, `bad_request` for a cursor that this list did not give out
 */
export async function listApprovals(
  ctx: Ctx,
  input: ListInput,
): Promise<z.infer<typeof approvalListSchema>> {
  requirePermission(ctx, 'approvals.read');
  const wantsWaiting = input.view === 'waiting';
  const order = wantsWaiting ? sql`ap.expires_at, ap.id` : sql`ap.requested_at desc, ap.id`;
  return withRead(ctx, async (tx) => {
    const found: ApprovalRow[] = [];
    let cursor = input.cursor ?? null;
    // What is over or still waiting is known only after the reading, so a page may take several.
    for (let round = 0; ; round += 1) {
      const condition = sql.join([...filtersOf(input), pageOf(wantsWaiting, cursor)], sql` and `);
      const judging = await judgeApprovals(tx, ctx, condition, order, input.limit + 1);
      const rows = judging.items.slice(0, input.limit);
      for (const item of rows) {
        if (found.length >= input.limit) break;
        cursor = cursorOf(wantsWaiting, item);
        if (isWaiting(item) === wantsWaiting) found.push(presentApproval(ctx, item, judging));
      }
      const isLast =
        judging.items.length <= input.limit && cursorReached(cursor, wantsWaiting, rows);
      if (isLast || found.length >= input.limit || round >= limits.listRoundsMax) {
        const at = new Date(judging.nowMs).toISOString();
        return { items: found, next: isLast ? null : cursor, at };
      }
    }
  });
}

/** Whether a page ended with the last row read. */
function cursorReached(
  cursor: string | null,
  isWaitingView: boolean,
  rows: readonly ListedApproval[],
): boolean {
  const last = rows.at(-1);
  return last === undefined || cursor === cursorOf(isWaitingView, last);
}

function filtersOf(input: ListInput): SQL[] {
  const filters = [
    input.view === 'waiting' ? mayWait : sql`true`,
    input.band ? sql`ap.band = ${input.band}` : null,
    input.tool ? sql`a.tool = ${input.tool}` : null,
    input.agent ? agentIs(input.agent) : null,
  ];
  return filters.filter((filter) => filter !== null);
}

const agentIs = (agent: string) =>
  isId('agent', agent) ? sql`a.agent_id = ${uuidOf(agent)}::uuid` : sql`a.agent_slug = ${agent}`;

/** Milliseconds in microseconds' precision, and the id: where the next page goes on. */
function cursorOf(isWaitingView: boolean, { record }: ListedApproval): string {
  const ms = isWaitingView ? record.expiresAtMs : record.requestedAtMs;
  return `${Math.round(ms * 1000)}~${record.id}`;
}

function pageOf(isWaitingView: boolean, cursor: string | null): SQL {
  if (cursor === null) return sql`true`;
  const [micros = '', id = ''] = cursor.split('~');
  if (!/^\d{1,17}$/.test(micros) || !isId('approval', id)) {
    throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  }
  const at = sql`${micros}::bigint`;
  const uuid = sql`${uuidOf(id)}::uuid`;
  const microsOf = (column: SQL) => sql`round(extract(epoch from ${column}) * 1000000)::bigint`;
  return isWaitingView
    ? sql`(${microsOf(sql`ap.expires_at`)}, ap.id) > (${at}, ${uuid})`
    : sql`(${microsOf(sql`ap.requested_at`)} < ${at}
        or (${microsOf(sql`ap.requested_at`)} = ${at} and ap.id > ${uuid}))`;
}

/** How many requests wait, and on how many of them this person may vote now. */
export async function countApprovals(
  ctx: Ctx,
): Promise<{ waiting: number; mine: number; isCut: boolean }> {
  requirePermission(ctx, 'approvals.read');
  return withRead(ctx, async (tx) => {
    const bound = limits.approvalsCountedMax;
    const judging = await judgeApprovals(tx, ctx, mayWait, sql`ap.expires_at, ap.id`, bound + 1);
    const waiting = judging.items.slice(0, bound).filter(isWaiting);
    const mine = waiting.filter((item) => presentApproval(ctx, item, judging).refusal === null);
    return {
      waiting: waiting.length,
      mine: mine.length,
      isCut: judging.items.length > bound,
    };
  });
}
