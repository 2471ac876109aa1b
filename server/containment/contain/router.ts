import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { containAgent } from './begin-containment.ts';
import { confirmContainment } from './confirm-containment.ts';
import {
  containAnswerSchema,
  containInput,
  containmentSchema,
  containPreviewSchema,
  releaseInput,
} from './contract.ts';
import { previewContainment } from './preview-containment.ts';
import { findContainment, readContainment } from './read-containment.ts';
import { releaseContainment } from './release-containment.ts';

const byId = z.object({ id: z.string().max(64) });
const agent = z.string().min(1).max(limits.callerIdCharsMax);
const done = z.object({ ok: z.literal(true) });
const ok = { ok: true } as const;

/** Containment of agents, and of what stops of level 3 and 4 cover. */
export const containmentsRouter = router({
  get: tenantProcedure
    .input(byId)
    .output(containmentSchema)
    .query(({ ctx, input }) => readContainment(ctx.scope, input.id)),
  /** Of an agent: the open one, or one released within a day. Of a stop: its own. */
  find: tenantProcedure
    .input(z.union([z.strictObject({ agent }), z.strictObject({ stopId: z.string().max(64) })]))
    .output(containmentSchema.nullable())
    .query(({ ctx, input }) => findContainment(ctx.scope, input)),
  preview: tenantProcedure
    .input(z.object({ agent }))
    .output(containPreviewSchema)
    .query(({ ctx, input }) => previewContainment(ctx.scope, input.agent)),
  begin: tenantProcedure
    .input(containInput)
    .output(containAnswerSchema)
    .mutation(({ ctx, input }) => containAgent(ctx.scope, input)),
  confirm: tenantProcedure
    .input(byId)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await confirmContainment(ctx.scope, input.id);
      return ok;
    }),
  release: tenantProcedure
    .input(releaseInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await releaseContainment(ctx.scope, input.id, input.reason);
      return ok;
    }),
});
