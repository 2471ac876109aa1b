import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import type { PermissionName } from '#server/kernel/permissions.ts';
import type { ExportFormat, ExportList } from './states/contract.ts';

/** A list that somebody takes away: under which filter, and what they have to hold for it. */
export interface WantedExport {
  readonly list: ExportList;
  readonly format: ExportFormat;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly permission: PermissionName;
}

/**
 * Writes down that a list leaves the house, before its first line does. @throws AppError `forbidden`.
 */
export async function recordExport(ctx: Ctx, wanted: WantedExport): Promise<void> {
  const { list, format, filter } = wanted;
  requirePermission(ctx, wanted.permission);
  await withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'list.exported',
      subject: { type: 'list', id: list },
      detail: { format, filter },
    }),
  );
}
