import { z } from 'zod';
import { agentSchema } from '#server/agents/contract.ts';
import { listAgents } from '#server/agents/queries.ts';
import { alertFeedInputSchema } from '#server/detection/contract.ts';
import { listAlertChanges } from '#server/detection/queries.ts';
import type { AgentRoute } from '#server/http/agent-route.ts';
import { limits } from '#server/kernel/limits.ts';
import {
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  traceIdSchema,
  trustLevels,
} from '#server/telemetry/contract.ts';
import { readTrace } from '#server/telemetry/queries.ts';
import { readTraceEvents } from '#server/telemetry/read-trace-events.ts';
import type { TraceEvent } from '#server/telemetry/wire/contract.ts';
import { traceSummarySchema } from '#server/telemetry/traces/contract.ts';
import { parseAsked, parseQuery } from './parse-asked.ts';

/** Query of `GET /api/v1/agents`. */
export const agentsQuerySchema = z.object({
  search: z.string().max(limits.nameCharsMax).optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: z.string().max(limits.callerIdCharsMax).optional(),
});

/** Answer of `GET /api/v1/agents`. */
export const agentsAnswerSchema = z.object({
  items: z.array(agentSchema),
  next: z.string().nullable(),
});

/** One event of a trace: what it was and when, without its payload. */
const traceEventSchema = z
  .object({
    id: z.string(),
    revision: z.int().nonnegative(),
    spanId: z.string().nullable(),
    parentSpanId: z.string().nullable(),
    kind: z.enum(eventKinds),
    phase: z.enum(eventPhases).nullable(),
    callId: z.string().nullable(),
    name: z.string().nullable(),
    agent: z.string(),
    session: z.string().nullable(),
    user: z.string().nullable(),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    receivedAt: z.string(),
    status: z.enum(eventStatuses),
    trust: z.enum(trustLevels),
    flags: z.array(z.enum(eventFlags)),
    findings: z.array(z.enum(findingTypes)),
  })
  .meta({ id: 'TraceEvent' });

/** Answer of `GET /api/v1/traces/{traceId}`: never a payload. */
export const traceAnswerSchema = traceSummarySchema.extend({
  /** By start, at most `limits.traceEventsMax`. */
  items: z.array(traceEventSchema),
  /** True when the trace has more events than are told. */
  isCut: z.boolean(),
});

/** What SIEMs and scripts read with a service key: alerts by change, agents, one trace. */
export function serviceReadRoutes(): AgentRoute[] {
  return [
    {
      method: 'GET',
      url: '/api/v1/alerts',
      permission: 'alerts.read',
      bodyBytesMax: limits.requestBodyBytesMax,
      handle: async ({ ctx, query }) => ({
        status: 200,
        body: await listAlertChanges(ctx, parseQuery(alertFeedInputSchema, query)),
      }),
    },
    {
      method: 'GET',
      url: '/api/v1/agents',
      permission: 'agents.read',
      bodyBytesMax: limits.requestBodyBytesMax,
      handle: async ({ ctx, query }) => {
        const asked = parseQuery(agentsQuerySchema, query);
        const wanted = {
          limit: asked.limit,
          cursor: asked.cursor ?? null,
          search: asked.search ?? null,
        };
        return { status: 200, body: await listAgents(ctx, wanted) };
      },
    },
    {
      method: 'GET',
      url: '/api/v1/traces/:traceId',
      permission: 'telemetry.read',
      bodyBytesMax: limits.requestBodyBytesMax,
      handle: async ({ ctx, params }) => {
        const { traceId } = parseAsked(z.object({ traceId: traceIdSchema }), params);
        const summary = await readTrace(ctx, traceId);
        const { events, isCut } = await readTraceEvents(ctx, traceId);
        return { status: 200, body: { ...summary, items: events.map(presentEvent), isCut } };
      },
    },
  ];
}

function presentEvent(event: TraceEvent): z.infer<typeof traceEventSchema> {
  const { startedAtUs, endedAtUs, receivedAtUs, effect: _effect, flags, findings, ...told } = event;
  return {
    ...told,
    startedAt: instantOfMicros(startedAtUs),
    endedAt: endedAtUs === null ? null : instantOfMicros(endedAtUs),
    receivedAt: instantOfMicros(receivedAtUs),
    flags: [...flags],
    findings: [...findings],
  };
}

/** Microseconds since 1970 as RFC 3339 UTC. */
function instantOfMicros(micros: number): string {
  const beyondMs = String(Math.floor(micros % 1000)).padStart(3, '0');
  return `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${beyondMs}Z`;
}
