import { z } from 'zod';
import { placeStopOfLevel } from '#server/containment/contain/contain-stop.ts';
import { readStopDetail } from '#server/containment/read-ladder.ts';
import { placeStopInput } from '#server/gate/contract.ts';
import { placeOwnStop } from '#server/gate/place-stop.ts';
import type { AgentRoute } from '#server/http/agent-route.ts';
import { limits } from '#server/kernel/limits.ts';
import { parseAsked, parseJsonBody } from './parse-asked.ts';

const { level, reason } = placeStopInput.shape;

/** Body of `POST /api/v1/stops`. */
export const postStopSchema = z.strictObject({
  scope: z.union([
    ...placeStopInput.shape.scope.options,
    z.strictObject({ kind: z.literal('self'), id: z.string().nullish() }),
  ]),
  level,
  reason,
});

/** Stopping by service keys, and by agents themselves. */
export function stopRoutes(): AgentRoute[] {
  return [
    {
      method: 'POST',
      url: '/api/v1/stops',
      permission: ['stops.place', 'stops.place_self'],
      bodyBytesMax: limits.requestBodyBytesMax,
      handle: async ({ ctx, body }) => {
        const { scope, ...wanted } = parseAsked(postStopSchema, parseJsonBody(body));
        const placed =
          scope.kind === 'self'
            ? await placeOwnStop(ctx, wanted)
            : await placeStopOfLevel(ctx, { ...wanted, scope });
        const { id, epoch, state, changed } = placed;
        return { status: 201, body: { id, epoch, state, changed } };
      },
    },
    {
      method: 'GET',
      url: '/api/v1/stops/:id',
      permission: 'stops.read',
      bodyBytesMax: limits.requestBodyBytesMax,
      handle: async ({ ctx, params }) => ({
        status: 200,
        body: await readStopDetail(ctx, params['id'] ?? ''),
      }),
    },
  ];
}
