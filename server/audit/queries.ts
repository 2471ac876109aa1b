import { and, desc, eq, gte, ilike, inArray, lt, or, sql } from 'drizzle-orm';
import { auditLog } from '#db/schema/audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { type AuditFilter, type AuditRow, auditRowSchema } from './contract.ts';

/** One row of the log by its id. @throws AppError `forbidden`, `not_found`. */
export async function readAuditRow(ctx: Ctx, id: string): Promise<AuditRow> {
  requirePermission(ctx, 'audit.read');
  const rows = !isId('audit', id)
    ? []
    : await withRead(ctx, (tx) =>
        tx
          .select()
          .from(auditLog)
          .where(and(eq(auditLog.tenantId, ctx.tenantId), eq(auditLog.id, id))),
      );
  const [row] = rows;
  if (!row) throw new AppError('not_found', 'There is no such row in this tenant’s log.');
  return presentRow(row);
}

/**
 * A page of the audit log, newest first by the order of the transactions; filters narrow it.
 * @throws AppError `forbidden`, `bad_request` for a cursor that this list did not give out.
 */
export async function listAudit(
  ctx: Ctx,
  filter: AuditFilter,
): Promise<{ items: AuditRow[]; next: string | null }> {
  requirePermission(ctx, 'audit.read');
  const { actor } = filter;
  const rows = await withRead(ctx, (tx) =>
    tx
      .select()
      .from(auditLog)
      .where(
        and(
          eq(auditLog.tenantId, ctx.tenantId),
          filter.cursor ? beforePosition(filter.cursor) : undefined,
          actor
            ? or(eq(auditLog.actorId, actor), ilike(auditLog.actorLabel, containing(actor)))
            : undefined,
          filter.actorType ? eq(auditLog.actorType, filter.actorType) : undefined,
          filter.actions?.length ? inArray(auditLog.action, filter.actions) : undefined,
          filter.subject ? eq(auditLog.subjectId, filter.subject) : undefined,
          filter.from ? gte(auditLog.at, filter.from) : undefined,
          filter.to ? lt(auditLog.at, filter.to) : undefined,
        ),
      )
      .orderBy(desc(auditLog.xid), desc(auditLog.seq))
      .limit(filter.limit + 1),
  );
  const items = rows.slice(0, filter.limit).map(presentRow);
  return { items, next: rows.length > filter.limit ? (items.at(-1)?.position ?? null) : null };
}

/** The schema keeps what the explorer shows, and proves that the action is a known word. */
function presentRow(row: typeof auditLog.$inferSelect): AuditRow {
  return auditRowSchema.parse({ ...row, position: `${row.xid}.${row.seq}` });
}

const containing = (text: string) => `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

function beforePosition(cursor: string) {
  const match = /^(\d{1,19})\.(\d{1,18})$/.exec(cursor);
  if (!match) throw new AppError('bad_request', 'The cursor is none that this list gave out.');
  return sql`(${auditLog.xid}, ${auditLog.seq}) < (${match[1]}::xid8, ${match[2]}::bigint)`;
}
