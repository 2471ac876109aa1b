import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { alertFeedInputSchema, alertFeedSchema } from '#server/detection/contract.ts';
import { ingestAnswerSchema } from '#server/ingest/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { traceIdSchema, wireEventSchema } from '#server/telemetry/contract.ts';
import { otlpAnswerSchema, rpcStatusSchema } from '../contract.ts';
import { actionPaths } from './openapi-actions.ts';
import { problem, readRefusals, refusals, retryLater } from './openapi-problems.ts';
import { credentialPaths } from './openapi-credentials.ts';
import { controlPaths } from './openapi-control.ts';
import { guardPaths } from './openapi-guard.ts';
import { securityEventPaths } from './openapi-security-events.ts';
import { agentsAnswerSchema, agentsQuerySchema, traceAnswerSchema } from './service-reads.ts';

const eventsBody = z
  .object({
    events: z.array(wireEventSchema.meta({ id: 'Event' })).max(limits.eventsPerPostMax),
  })
  .meta({ id: 'EventBatch' });

const postEvents: ZodOpenApiOperationObject = {
  operationId: 'postEvents',
  tags: ['Telemetry'],
  summary: 'Post what an agent did or saw',
  description:
    'Idempotent on (tenant, id). The answer is sent when the accepted events are durable. Bodies may be gzip.',
  requestBody: { required: true, content: { 'application/json': { schema: eventsBody } } },
  responses: {
    '200': {
      description: 'Everything was stored, now or before.',
      content: { 'application/json': { schema: ingestAnswerSchema.meta({ id: 'IngestAnswer' }) } },
    },
    '207': {
      description: 'Some events were rejected; the others are durable.',
      content: { 'application/json': { schema: ingestAnswerSchema } },
    },
    '400': problem('The body is no batch of events.'),
    ...refusals,
  },
};

function otlpOperation(signal: 'traces' | 'logs' | 'metrics'): ZodOpenApiOperationObject {
  const refused = (description: string) => ({
    description,
    content: {
      'application/json': { schema: rpcStatusSchema },
      'application/x-protobuf': { schema: { type: 'string' as const, format: 'binary' } },
    },
  });
  return {
    operationId: `export${signal.charAt(0).toUpperCase()}${signal.slice(1)}`,
    tags: ['OTLP'],
    summary: `OTLP/HTTP ${signal}`,
    description:
      signal === 'metrics'
        ? 'Accepted and counted as rejected: Signalbox keeps no metrics.'
        : 'Protobuf or JSON, identity or gzip; answered in the encoding of the request.',
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { type: 'object' as const } },
        'application/x-protobuf': { schema: { type: 'string' as const, format: 'binary' } },
      },
    },
    responses: {
      '200': {
        description: 'Kept; `partialSuccess` says what was not.',
        content: {
          'application/json': { schema: otlpAnswerSchema },
          'application/x-protobuf': { schema: { type: 'string' as const, format: 'binary' } },
        },
      },
      '400': refused('Undecodable.'),
      '401': refused('No valid key.'),
      '403': refused('The key may not post telemetry.'),
      '413': refused('Too large, inflated.'),
      '415': refused('Neither protobuf nor JSON.'),
      '429': { ...refused('Too many requests.'), headers: retryLater },
      '503': { ...refused('The store is away; the exporter tries again.'), headers: retryLater },
    },
  };
}

const reads = {
  listAlertChanges: {
    operationId: 'listAlertChanges',
    tags: ['Reading'],
    summary: 'Alerts by position of change',
    description: 'Ask again with `since` = `next`: every change is told once, in order.',
    requestParams: { query: alertFeedInputSchema },
    responses: {
      '200': {
        description: 'The next changes.',
        content: { 'application/json': { schema: alertFeedSchema } },
      },
      ...readRefusals,
    },
  },
  listAgents: {
    operationId: 'listAgents',
    tags: ['Reading'],
    summary: 'Agents by slug',
    requestParams: { query: agentsQuerySchema },
    responses: {
      '200': {
        description: 'A page of agents.',
        content: { 'application/json': { schema: agentsAnswerSchema } },
      },
      ...readRefusals,
    },
  },
  getTrace: {
    operationId: 'getTrace',
    tags: ['Reading'],
    summary: 'One trace and its events, without payloads',
    requestParams: { path: z.object({ traceId: traceIdSchema }) },
    responses: {
      '200': {
        description: 'The trace as it is now.',
        content: { 'application/json': { schema: traceAnswerSchema } },
      },
      '404': problem('No such trace in this tenant.'),
      ...readRefusals,
    },
  },
} satisfies Record<string, ZodOpenApiOperationObject>;

const health = (operationId: string, summary: string): ZodOpenApiOperationObject => ({
  operationId,
  tags: ['Health'],
  summary,
  security: [],
  responses: {
    '200': {
      description: 'Yes.',
      content: { 'application/json': { schema: z.object({ ok: z.boolean() }).loose() } },
    },
    '400': problem('The request could not be read as HTTP.'),
    '503': {
      description: 'No.',
      content: { 'application/json': { schema: z.object({ ok: z.boolean() }).loose() } },
    },
  },
});

/** The machine doors as OpenAPI 3.1, from the same schemas that the doors check with. */
export function createOpenApiDocument(url: string): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Signalbox',
      version: '1.0.0',
      description: 'The doors of Signalbox for agents, exporters and scripts.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url, description: 'This Signalbox' }],
    security: [{ key: [] }],
    tags: [
      { name: 'Telemetry', description: 'What agents did and saw.' },
      { name: 'OTLP', description: 'OpenTelemetry’s own protocol.' },
      { name: 'Actions', description: 'Ask before acting, wait, redeem once, report.' },
      { name: 'Control', description: 'Stops: placed, heard of, answered.' },
      {
        name: 'Credentials',
        description: 'Leases instead of secrets: taken, asked about, given back.',
      },
      { name: 'Guard', description: 'Texts scanned before they are believed or sent.' },
      { name: 'Security events', description: 'CAEP from other systems, by push.' },
      { name: 'Reading', description: 'For SIEMs and scripts, with a service key.' },
      { name: 'Health', description: 'For load balancers and monitors.' },
    ],
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key of the form `sbk_<kind>_…`, from Settings, Keys.',
        },
      },
    },
    paths: {
      '/api/v1/events': { post: postEvents },
      '/api/otlp/v1/traces': { post: otlpOperation('traces') },
      '/api/otlp/v1/logs': { post: otlpOperation('logs') },
      '/api/otlp/v1/metrics': { post: otlpOperation('metrics') },
      '/api/v1/alerts': { get: reads.listAlertChanges },
      '/api/v1/agents': { get: reads.listAgents },
      '/api/v1/traces/{traceId}': { get: reads.getTrace },
      ...actionPaths,
      ...controlPaths,
      ...credentialPaths,
      ...guardPaths,
      ...securityEventPaths,
      '/healthz': { get: health('getHealth', 'Whether this process answers') },
      '/readyz': { get: health('getReadiness', 'Whether database, schema and worker are there') },
    },
  });
}

/** `GET /api/v1/openapi.json`, open to everybody: it tells nothing of any tenant. */
export function registerOpenApi(app: FastifyInstance, url: string): void {
  const text = JSON.stringify(createOpenApiDocument(url));
  app.get('/api/v1/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(text),
  );
}
