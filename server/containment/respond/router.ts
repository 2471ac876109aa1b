import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { ruleResponseSchema } from './contract.ts';
import { readResponse } from './read-response.ts';
import { undoResponse } from './undo-response.ts';

/** What rules do by themselves about their alerts. */
export const responsesRouter = router({
  ofAlert: tenantProcedure
    .input(z.object({ alertId: z.string().max(64) }))
    .output(ruleResponseSchema.nullable())
    .query(({ ctx, input }) => readResponse(ctx.scope, input.alertId)),
  undo: tenantProcedure
    .input(z.object({ id: z.string().max(64) }))
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await undoResponse(ctx.scope, input.id);
      return { ok: true } as const;
    }),
});
