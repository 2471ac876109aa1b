import type { z } from 'zod';
import { auditFilterInput, auditRowSchema } from '#server/audit/contract.ts';
import { listAudit } from '#server/audit/queries.ts';
import { alertSchema, listAlertsInputSchema } from '#server/detection/contract.ts';
import { listAlerts } from '#server/detection/queries.ts';
import type { ExportList } from '#server/http/states/contract.ts';
import type { Line } from '#server/http/write-lines.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { PermissionName } from '#server/kernel/permissions.ts';
import { listTraces } from '#server/telemetry/queries.ts';
import { listTracesInputSchema, traceSummarySchema } from '#server/telemetry/traces/contract.ts';

/** A list that can be taken away, as the pages' own query gives it. */
interface ExportedList {
  readonly permission: PermissionName;
  /** Columns of CSV: the fields of a line, in the order of its schema. */
  readonly columns: readonly string[];
  /** The filter as the page asks for it, without what pages the list. @throws ZodError */
  readonly parse: (filter: unknown) => Readonly<Record<string, unknown>>;
  /** At most `rowsMax` lines, `limits.exportRowsMax` unless said otherwise, and a word when cut. */
  readonly lines: (
    ctx: Ctx,
    filter: Readonly<Record<string, unknown>>,
    rowsMax?: number,
  ) => AsyncGenerator<Line>;
}

interface Page {
  readonly items: readonly Line[];
  readonly next: string | null;
}

/** Binds a list's query to the schema of its input, which checks every page's question again. */
function exported<Schema extends z.ZodObject>(list: {
  readonly permission: PermissionName;
  readonly line: z.ZodObject;
  readonly input: Schema;
  readonly read: (ctx: Ctx, input: z.output<Schema>) => Promise<Page>;
}): ExportedList {
  return {
    permission: list.permission,
    columns: Object.keys(list.line.shape),
    parse: (filter) => {
      const { limit: _limit, cursor: _cursor, ...kept } = list.input.parse(filter);
      return kept;
    },
    lines: async function* (ctx, filter, rowsMax = limits.exportRowsMax) {
      let cursor: string | null = null;
      for (let told = 0; told < rowsMax;) {
        const input: z.output<Schema> = list.input.parse({
          ...filter,
          limit: Math.min(limits.pageItemsMax, rowsMax - told),
          cursor,
        });
        const page: Page = await list.read(ctx, input);
        yield* page.items;
        told += page.items.length;
        cursor = page.next;
        if (cursor === null) return;
      }
      yield { id: `cut after ${rowsMax} rows: narrow the filter to see the others` };
    },
  };
}

/**
 * What can be taken away, by the same queries that fill the pages: what a page does not show to
 * somebody is not in their file either. A list is read page by page; an alert or trace that changes
 * meanwhile moves to the top of its list and may be missing.
 */
export const exportedLists: Readonly<Record<ExportList, ExportedList>> = {
  alerts: exported({
    permission: 'alerts.read',
    line: alertSchema,
    input: listAlertsInputSchema,
    read: listAlerts,
  }),
  audit: exported({
    permission: 'audit.export',
    line: auditRowSchema,
    input: auditFilterInput,
    read: listAudit,
  }),
  traces: exported({
    permission: 'telemetry.read',
    line: traceSummarySchema,
    input: listTracesInputSchema,
    read: listTraces,
  }),
};
