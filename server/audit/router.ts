import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { auditFilterInput, auditRowSchema, filterTextSchema } from './contract.ts';
import { listAudit, readAuditRow } from './queries.ts';

/** The audit log of the tenant; read only, like the log itself. */
export const auditRouter = router({
  list: tenantProcedure
    .input(auditFilterInput)
    .output(z.object({ items: z.array(auditRowSchema), next: z.string().nullable() }))
    .query(({ ctx, input }) => listAudit(ctx.scope, input)),
  get: tenantProcedure
    .input(z.object({ id: filterTextSchema }))
    .output(auditRowSchema)
    .query(({ ctx, input }) => readAuditRow(ctx.scope, input.id)),
});
