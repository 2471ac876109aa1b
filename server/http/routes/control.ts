import { z } from 'zod';
import { answerStop } from '#server/containment/answer-stop.ts';
import { ackInput, heartbeatInput } from '#server/containment/contract.ts';
import type { ControlHub } from '#server/containment/control-hub.ts';
import { noteHeartbeat } from '#server/containment/note-heartbeat.ts';
import type { AgentRoute } from '#server/http/agent-route.ts';
import { limits } from '#server/kernel/limits.ts';
import { callerIdSchema } from '#server/telemetry/contract.ts';
import { parseAsked, parseJsonBody, parseQuery } from './parse-asked.ts';

/** Query of `GET /api/v1/control`. */
export const controlQuerySchema = z.object({ instanceId: callerIdSchema });

/** How agents hear of stops, and what they say of themselves. */
export function controlRoutes(hub: ControlHub): AgentRoute[] {
  const shared = {
    permission: 'control.follow',
    bodyBytesMax: limits.requestBodyBytesMax,
  } as const;
  return [
    {
      ...shared,
      method: 'GET',
      url: '/api/v1/control',
      handle: async ({ ctx, query, headers }) => {
        const { instanceId } = parseQuery(controlQuerySchema, query);
        const last = headers['last-event-id'];
        const lastEventId = typeof last === 'string' && last !== '' ? last : null;
        return { stream: (response) => hub.open(ctx, instanceId, lastEventId, response) };
      },
    },
    {
      ...shared,
      method: 'POST',
      url: '/api/v1/control/ack',
      handle: async ({ ctx, body }) => {
        await answerStop(ctx, parseAsked(ackInput, parseJsonBody(body)));
        return { status: 200, body: { ok: true } };
      },
    },
    {
      ...shared,
      method: 'POST',
      url: '/api/v1/heartbeat',
      handle: async ({ ctx, body }) => ({
        status: 200,
        body: await noteHeartbeat(ctx, parseAsked(heartbeatInput, parseJsonBody(body))),
      }),
    },
  ];
}
