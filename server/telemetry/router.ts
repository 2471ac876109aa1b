import { router, tenantProcedure } from '#server/trpc/init.ts';
import { listTraces, readTrace } from './queries.ts';
import { readActivity, readCounts, readStreamState } from './read-activity.ts';
import { readEvent } from './read-event.ts';
import { readTraceEvents, readTraceFacts } from './read-trace-events.ts';
import {
  activityInputSchema,
  activitySchema,
  countsInputSchema,
  countsSchema,
  eventDetailSchema,
  eventInputSchema,
  listTracesInputSchema,
  streamStateSchema,
  traceEventsSchema,
  traceFactsSchema,
  traceInputSchema,
  tracePageSchema,
  traceSummarySchema,
} from './traces/contract.ts';
import { encodeTraceEvents } from './wire/contract.ts';

/** Traces and their events, for people. */
export const tracesRouter = router({
  list: tenantProcedure
    .input(listTracesInputSchema)
    .output(tracePageSchema)
    .query(({ ctx, input }) => listTraces(ctx.scope, input)),
  get: tenantProcedure
    .input(traceInputSchema)
    .output(traceSummarySchema)
    .query(({ ctx, input }) => readTrace(ctx.scope, input.traceId)),
  events: tenantProcedure
    .input(traceInputSchema)
    .output(traceEventsSchema)
    .query(async ({ ctx, input }) => {
      const { events, isCut } = await readTraceEvents(ctx.scope, input.traceId);
      return { rows: encodeTraceEvents(events), isCut };
    }),
  facts: tenantProcedure
    .input(traceInputSchema)
    .output(traceFactsSchema)
    .query(async ({ ctx, input }) => ({
      facts: JSON.stringify(await readTraceFacts(ctx.scope, input.traceId)),
    })),
  event: tenantProcedure
    .input(eventInputSchema)
    .output(eventDetailSchema)
    .query(({ ctx, input }) => readEvent(ctx.scope, input.eventId, input.revision ?? null)),
});

/** What the stream of events is like: charts, rates, lag and activity of the fleet. */
export const activityRouter = router({
  counts: tenantProcedure
    .input(countsInputSchema)
    .output(countsSchema)
    .query(async ({ ctx, input }) => ({ items: await readCounts(ctx.scope, input) })),
  stream: tenantProcedure.output(streamStateSchema).query(({ ctx }) => readStreamState(ctx.scope)),
  agents: tenantProcedure
    .input(activityInputSchema)
    .output(activitySchema)
    .query(async ({ ctx, input }) => ({ items: await readActivity(ctx.scope, input.from) })),
});
