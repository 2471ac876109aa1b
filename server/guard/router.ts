import { z } from 'zod';
import { pageInput } from '#server/agents/contract.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { canaryInput, canarySchema, mintedCanarySchema, mintInput } from './contract.ts';
import { listCanaries } from './queries.ts';
import { mintCanaries } from './mint-canaries.ts';
import { registerCanary } from './register-canary.ts';
import { removeCanary } from './remove-canary.ts';

/** Planted texts of the tenant. */
export const canariesRouter = router({
  list: tenantProcedure
    .input(pageInput)
    .output(z.object({ items: z.array(canarySchema), next: z.string().nullable() }))
    .query(({ ctx, input }) =>
      listCanaries(ctx.scope, { limit: input.limit, cursor: input.cursor ?? null }),
    ),
  register: tenantProcedure
    .input(canaryInput)
    .output(z.object({ id: z.string() }))
    .mutation(({ ctx, input }) => registerCanary(ctx.scope, input)),
  mint: tenantProcedure
    .input(mintInput)
    .output(z.object({ items: z.array(mintedCanarySchema) }))
    .mutation(async ({ ctx, input }) => ({ items: await mintCanaries(ctx.scope, input) })),
  remove: tenantProcedure
    .input(z.object({ id: z.string() }))
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await removeCanary(ctx.scope, input.id);
      return { ok: true } as const;
    }),
});
