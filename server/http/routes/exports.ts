import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { createRequestContext } from '#server/auth/request-context.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { recordExport } from '#server/http/record-export.ts';
import { exportFormats, exportLists } from '#server/http/states/contract.ts';
import { exportContentTypes, writeLines } from '#server/http/write-lines.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { requireStorable } from '#server/kernel/require-storable.ts';
import type { Services } from '#server/kernel/services.ts';
import { exportedLists } from './export-lists.ts';

const paramsSchema = z.object({ list: z.enum(exportLists) });
const querySchema = z.object({
  format: z.enum(exportFormats),
  /** JSON of the filter, as the page's own query takes it. */
  filter: z.string().max(limits.exportFilterCharsMax).default('{}'),
});

/** @throws AppError `bad_request` for what the list's own query would not take. */
function parseFilter(parse: (filter: unknown) => object, text: string): Record<string, unknown> {
  try {
    const filter: unknown = JSON.parse(text);
    requireStorable(filter);
    return { ...parse(filter) };
  } catch (cause) {
    throw new AppError('bad_request', 'The filter is none of this list; export from its page.', {
      cause,
    });
  }
}

/**
 * `GET /api/v1/exports/:list?tenant=…&format=csv|jsonl&filter=…`: the filtered lines of a list as a
 * file, for people with their sign-in cookie (keys have the reads of service-reads.ts). Written down
 * in the audit log first, then read and sent page by page, at most `limits.exportRowsMax` lines.
 */
export function registerExports(app: FastifyInstance, services: Services): void {
  app.get('/api/v1/exports/:list', async (request, reply) => {
    const call = createRequestContext(services, request);
    await call.openPerson();
    const ctx = await call.openTenant();
    const params = paramsSchema.safeParse(request.params);
    if (!params.success) throw new AppError('not_found', 'There is no such list to export.');
    const { list } = params.data;
    const { permission, columns, parse, lines } = exportedLists[list];
    requirePermission(ctx, permission);
    const asked = querySchema.safeParse(request.query);
    if (!asked.success) throw new AppError('bad_request', 'Ask for format=csv or format=jsonl.');
    const { format } = asked.data;
    const filter = parseFilter(parse, asked.data.filter);
    await recordExport(ctx, { list, format, filter, permission });
    const file = writeLines(lines(ctx, filter), format, columns);
    file.once('error', (error) => {
      services.log.error({ err: error, requestId: request.id, list }, 'export broke off');
    });
    const day = new Date().toISOString().slice(0, 10);
    return reply
      .type(exportContentTypes[format])
      .header('content-disposition', `attachment; filename="signalbox-${list}-${day}.${format}"`)
      .send(file);
  });
}
