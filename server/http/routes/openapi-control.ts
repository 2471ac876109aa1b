import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import {
  ackInput,
  heartbeatAnswerSchema,
  heartbeatInput,
  stopDetailSchema,
} from '#server/containment/contract.ts';
import { placedStopSchema } from '#server/gate/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { controlQuerySchema } from './control.ts';
import { problem, refusals } from './openapi-problems.ts';
import { postStopSchema } from './stops.ts';

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});

/** The doors by which agents hear of stops and answer them, and by which scripts place them. */
export const controlPaths: ZodOpenApiPathsObject = {
  '/api/v1/control': {
    get: {
      operationId: 'followControl',
      tags: ['Control'],
      summary: 'Follow stops and decisions as server-sent events',
      description:
        'First `state`, then `stop`, `lift`, `revoke`, `decided`, `ask`, `ping` and `resync`. Resumable by Last-Event-ID.',
      requestParams: {
        query: controlQuerySchema,
        header: z.object({ 'last-event-id': z.string().optional() }),
      },
      responses: {
        '200': {
          description: 'The stream.',
          content: { 'text/event-stream': { schema: z.string() } },
        },
        '400': problem('The instance is not named.'),
        ...refusals,
      },
    },
  },
  '/api/v1/control/ack': {
    post: {
      operationId: 'answerStop',
      tags: ['Control'],
      summary: 'Say what an instance does about a stop',
      requestBody: body(ackInput.meta({ id: 'StopAnswer' })),
      responses: {
        '200': json('Kept, as the instance’s word.', z.object({ ok: z.literal(true) })),
        '400': problem('The answer is wrong.'),
        '404': problem('No stop of this id covers this agent.'),
        ...refusals,
      },
    },
  },
  '/api/v1/heartbeat': {
    post: {
      operationId: 'postHeartbeat',
      tags: ['Control'],
      summary: 'Say that an instance lives, and hear whether it is halted',
      description: `An agent that follows no control stream sends it every ${limits.controlPollMs / 1000} seconds and learns of a stop by the answer. One that names the capability \`liveness\` halts itself when it has had no answer for \`leaseMs\`.`,
      requestBody: body(heartbeatInput.meta({ id: 'Heartbeat' })),
      responses: {
        '200': json('Whether it is halted.', heartbeatAnswerSchema.meta({ id: 'HeartbeatAnswer' })),
        '400': problem('The heartbeat is wrong.'),
        ...refusals,
      },
    },
  },
  '/api/v1/stops': {
    post: {
      operationId: 'placeStop',
      tags: ['Control'],
      summary: 'Stop a scope',
      description:
        'Answered after the drain: from then on nothing is granted or redeemed in the scope. A service key stops any scope, an agent itself. Every level pauses new work; the level is told to the agents.',
      requestBody: body(postStopSchema.meta({ id: 'StopOrder' })),
      responses: {
        '201': json(
          'The stop stands.',
          placedStopSchema.pick({ id: true, epoch: true, state: true, changed: true }),
        ),
        '400': problem('The order is wrong.'),
        '404': problem('No such agent.'),
        '409': problem('Too many stops stand.'),
        '422': problem('A scope that is not there yet.'),
        ...refusals,
      },
    },
  },
  '/api/v1/stops/{id}': {
    get: {
      operationId: 'getStop',
      tags: ['Control'],
      summary: 'A stop and how far it has come at each instance',
      requestParams: { path: z.object({ id: z.string() }) },
      responses: {
        '200': json('The stop with its ladder.', stopDetailSchema.meta({ id: 'StopDetail' })),
        '404': problem('No such stop in this tenant.'),
        ...refusals,
      },
    },
  },
};
