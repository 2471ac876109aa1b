import { sql, type SQL } from 'drizzle-orm';
import { instantFromDriver } from '#db/columns.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { traceIdSchema } from './contract.ts';
import { searchQueryOf } from './search-words.ts';
import type { ListTracesInput, TracePage, TraceSummary } from './traces/contract.ts';

interface SummaryRow {
  readonly [column: string]: unknown;
  readonly id: string;
  readonly title: string;
  readonly agents: string[];
  readonly session: string | null;
  readonly user: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly receivedAt: string;
  readonly events: number;
  readonly toolCalls: number;
  readonly errors: number;
  readonly findings: number;
  readonly tools: string[];
  readonly hasUntrusted: boolean;
  readonly alerts: number;
}

/**
 * What a line of the list shows. Alerts are counted where they stand, by `alert_evidence_trace`: a
 * count kept in the row would have two writers, the assembler and the detector, and lose alerts of
 * traces that the detector meets first.
 */
const summaryColumns = sql`
  translate(t.id::text, '-', '') as id, t.title, t.agent_slugs as agents, t.session_id as session,
  t.user_id as "user", t.started_at::text as "startedAt", t.ended_at::text as "endedAt",
  t.last_received_at::text as "receivedAt", t.events, t.tool_calls as "toolCalls", t.errors,
  t.findings, t.tools, t.has_untrusted as "hasUntrusted",
  (select count(distinct a.alert_id)::int from alert_evidence a
    where a.tenant_id = t.tenant_id and a.trace_id = t.id) as alerts`;

function summaryOf(row: SummaryRow): TraceSummary {
  return {
    id: row.id,
    title: row.title,
    agents: row.agents,
    session: row.session,
    user: row.user,
    startedAt: instantFromDriver(row.startedAt),
    endedAt: instantFromDriver(row.endedAt),
    receivedAt: instantFromDriver(row.receivedAt),
    events: row.events,
    toolCalls: row.toolCalls,
    errors: row.errors,
    findings: row.findings,
    tools: row.tools,
    hasUntrusted: row.hasUntrusted,
    alerts: row.alerts,
  };
}

/**
 * A page of traces, newest received first. A search looks at the newest `limits.searchHitsMax`
 * events that match and says when there were more. @throws AppError `forbidden`; `bad_request` for a
 * cursor of another list, or a search without a letter or digit.
 */
export async function listTraces(ctx: Ctx, input: ListTracesInput): Promise<TracePage> {
  requirePermission(ctx, 'telemetry.read');
  const conditions = [sql`t.tenant_id = ${uuidOf(ctx.tenantId)}`, ...filterConditions(input)];
  if (input.cursor) conditions.push(afterCursor(input.cursor));
  const query = searchOf(ctx, input);
  const hits =
    query === null
      ? sql``
      : sql`with hits as materialized (
          select trace_id from search_events(${query}::tsquery, ${firstDay(input)}::date,
            ${limits.searchHitsMax + 1}, ${limits.searchNewestMax})
        )`;
  if (query !== null) conditions.push(sql`t.id in (select trace_id from hits)`);
  const isComplete =
    query === null ? sql`true` : sql`(select count(*) <= ${limits.searchHitsMax} from hits)`;
  const rows = await withRead(ctx, (tx) =>
    tx.execute<SummaryRow & { isComplete: boolean }>(sql`${hits}
      select ${summaryColumns}, ${isComplete} as "isComplete"
      from traces t
      where ${sql.join(conditions, sql` and `)}
      order by t.last_received_at desc nulls last, t.id
      limit ${input.limit + 1}`),
  );
  const items = rows.slice(0, input.limit).map(summaryOf);
  const last = items.at(-1);
  return {
    items,
    next: rows.length > input.limit && last ? `${last.receivedAt} ${last.id}` : null,
    isSearchComplete: rows[0]?.isComplete ?? true,
  };
}

function filterConditions(input: ListTracesInput): SQL[] {
  const conditions: SQL[] = [];
  if (input.agent) conditions.push(sql`${input.agent} = any (t.agent_slugs)`);
  if (input.tool) conditions.push(sql`${input.tool} = any (t.tools)`);
  if (input.session) conditions.push(sql`t.session_id = ${input.session}`);
  if (input.user) conditions.push(sql`t.user_id = ${input.user}`);
  if (input.hasErrors) conditions.push(sql`t.errors > 0`);
  if (input.hasUntrusted) conditions.push(sql`t.has_untrusted`);
  if (input.from) conditions.push(sql`t.last_received_at >= ${input.from}::timestamptz`);
  if (input.until) conditions.push(sql`t.last_received_at < ${input.until}::timestamptz`);
  if (input.hasAlerts) {
    conditions.push(sql`t.id in (select a.trace_id from alert_evidence a
      where a.tenant_id = t.tenant_id)`);
  }
  return conditions;
}

/** What comes after the last line of a page, which is named by its time and id. */
function afterCursor(cursor: string): SQL {
  const [receivedAt, id, ...rest] = cursor.split(' ');
  const isOurs =
    rest.length === 0 &&
    traceIdSchema.safeParse(id).success &&
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(receivedAt ?? '');
  if (!isOurs) throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  // The first condition is what the index is entered by.
  return sql`(t.last_received_at <= ${receivedAt}::timestamptz
    and (t.last_received_at < ${receivedAt}::timestamptz or t.id > ${id}::uuid))`;
}

function searchOf(ctx: Ctx, input: ListTracesInput): string | null {
  if (!input.q) return null;
  const query = searchQueryOf(input.q, uuidOf(ctx.tenantId));
  if (query !== null) return query;
  throw new AppError('bad_request', 'Search for at least one letter or digit.');
}

/** The day from which events can belong to a trace that received one since `from`: any, unless set. */
function firstDay(input: ListTracesInput): string {
  return input.from ? new Date(input.from).toISOString().slice(0, 10) : '2000-01-01';
}

/** The line of one trace. @throws AppError `forbidden`, `not_found`. */
export async function readTrace(ctx: Ctx, traceId: string): Promise<TraceSummary> {
  requirePermission(ctx, 'telemetry.read');
  const [row] = await withRead(ctx, (tx) =>
    tx.execute<SummaryRow>(sql`select ${summaryColumns} from traces t
      where t.tenant_id = ${uuidOf(ctx.tenantId)} and t.id = ${traceId}::uuid`),
  );
  if (!row) {
    throw new AppError(
      'not_found',
      'There is no such trace in this tenant, or its first events are still being assembled.',
    );
  }
  return summaryOf(row);
}
