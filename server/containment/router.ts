import { z } from 'zod';
import {
  agentFamilySchema,
  checkStopInput,
  holdAgainAnswer,
  liftAnswerSchema,
  liftStopInput,
  noteStopInput,
  placedStopSchema,
  placeStopInput,
  resumeAgentAnswer,
  resumeAgentInput,
  stopPageSchema,
  stopScopeSchema,
} from '#server/gate/contract.ts';
import { checkStop } from '#server/gate/check-stop.ts';
import { holdAgain } from '#server/gate/hold-again.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { noteStop } from '#server/gate/note-stop.ts';
import { listStops } from '#server/gate/queries.ts';
import { readFamily } from '#server/gate/read-family.ts';
import { resumeAgent } from '#server/gate/resume-agent.ts';
import { limits } from '#server/kernel/limits.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import {
  enforcementSchema,
  standingStopSchema,
  stopDetailSchema,
  stopPreviewSchema,
} from './contract.ts';
import { placeStopOfLevel } from './contain/contain-stop.ts';
import { readEnforcement } from './read-enforcement.ts';
import { readStopDetail } from './read-ladder.ts';
import { readPreview } from './read-preview.ts';
import { readStanding } from './read-standing.ts';

/** Stops of the tenant. */
export const stopsRouter = router({
  list: tenantProcedure
    .input(
      z.object({
        limit: z.int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
        cursor: z.string().max(64).nullish(),
      }),
    )
    .output(stopPageSchema)
    .query(({ ctx, input }) =>
      listStops(ctx.scope, { limit: input.limit, cursor: input.cursor ?? null }),
    ),
  get: tenantProcedure
    .input(z.object({ id: z.string() }))
    .output(stopDetailSchema)
    .query(({ ctx, input }) => readStopDetail(ctx.scope, input.id)),
  /** What the banner says: the stops in force, each with the counts of its ladder. */
  standing: tenantProcedure
    .output(z.array(standingStopSchema))
    .query(({ ctx }) => readStanding(ctx.scope)),
  preview: tenantProcedure
    .input(z.object({ scope: stopScopeSchema }))
    .output(stopPreviewSchema)
    .query(({ ctx, input }) => readPreview(ctx.scope, input.scope)),
  place: tenantProcedure
    .input(placeStopInput)
    .output(placedStopSchema)
    .mutation(({ ctx, input }) => placeStopOfLevel(ctx.scope, input)),
  lift: tenantProcedure
    .input(liftStopInput)
    .output(liftAnswerSchema)
    .mutation(({ ctx, input }) => liftStop(ctx.scope, input.id, input.reason)),
  note: tenantProcedure
    .input(noteStopInput)
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await noteStop(ctx.scope, input.id, input.text);
      return { ok: true } as const;
    }),
  /** One agent works again, watched, while the stop stands. */
  resumeAgent: tenantProcedure
    .input(resumeAgentInput)
    .output(resumeAgentAnswer)
    .mutation(({ ctx, input }) => resumeAgent(ctx.scope, input)),
  holdAgain: tenantProcedure
    .input(resumeAgentInput)
    .output(holdAgainAnswer)
    .mutation(({ ctx, input }) => holdAgain(ctx.scope, input)),
  /** Says whether a point was looked at before the lift. */
  check: tenantProcedure
    .input(checkStopInput)
    .output(z.object({ ok: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await checkStop(ctx.scope, input);
      return { ok: true } as const;
    }),
  /** Who started an agent and whom it started. */
  family: tenantProcedure
    .input(z.object({ agent: z.string().max(limits.nameCharsMax) }))
    .output(agentFamilySchema)
    .query(({ ctx, input }) => readFamily(ctx.scope, input.agent)),
  /** Enforcement class by agent id; agents that are not of this tenant are left out. */
  enforcement: tenantProcedure
    .input(z.object({ agentIds: z.array(z.string()).max(limits.pageItemsMax) }))
    .output(z.record(z.string(), enforcementSchema))
    .query(async ({ ctx, input }) =>
      Object.fromEntries(await readEnforcement(ctx.scope, input.agentIds)),
    ),
});
