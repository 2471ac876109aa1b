import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import {
  actionAnswerSchema,
  answerInputSchema,
  falseBlockAnswerSchema,
  falseBlockInputSchema,
  askSchema,
  idempotencyKeySchema,
  outcomeInputSchema,
  redeemAnswerSchema,
  redeemInputSchema,
  waitQuerySchema,
} from '#server/actions/contract.ts';
import { problem, readRefusals, refusals } from './openapi-problems.ts';

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const answer = (description: string) => ({ description, content: json(actionAnswerSchema) });
const onePath = z.object({ id: z.string().meta({ description: '`act_…`' }) });
const idempotencyKey = idempotencyKeySchema.meta({
  description: 'Of your own choice; the same key and body get the same answer.',
});

const ask: ZodOpenApiOperationObject = {
  operationId: 'askAction',
  tags: ['Actions'],
  summary: 'Ask before acting',
  description:
    'Allowed with a permit, held for people, or denied. Arguments are checked against the tool’s schema, if it has one, completed by its defaults, and then bound, whatever their spelling.',
  requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
  requestBody: { required: true, content: json(askSchema.meta({ id: 'Ask' })) },
  responses: {
    '200': answer('Allowed, with a permit, or denied, with the reason.'),
    '202': answer('Held: wait for it with GET.'),
    '400': problem('No Idempotency-Key, or no such body.'),
    '409': problem('The first request with this key is still being decided.'),
    '422': problem(
      'Arguments that cannot be kept exactly or do not fit the tool’s schema (`pointer`), or the key with another body.',
    ),
    '423': problem('A stop stands: `stopId`, `scope`, `epoch`.'),
    ...refusals,
  },
};

const wait: ZodOpenApiOperationObject = {
  operationId: 'getAction',
  tags: ['Actions'],
  summary: 'Read or await a decision',
  description:
    'Answers as soon as there is something to do, or after `wait` seconds. An approved action gets its permit here; where a reviewer edited it, with `editedArgs`, which the permit is for.',
  requestParams: { path: onePath, query: waitQuerySchema },
  responses: {
    '200': answer('The action as it stands.'),
    '404': problem('No such action of this agent.'),
    ...readRefusals,
  },
};

const cancel: ZodOpenApiOperationObject = {
  operationId: 'cancelAction',
  tags: ['Actions'],
  summary: 'Take back what was asked',
  requestParams: { path: onePath },
  responses: {
    '200': answer('The action as it stands.'),
    '404': problem('No such action of this agent.'),
    '409': problem('It was redeemed already.'),
    ...readRefusals,
  },
};

const reply: ZodOpenApiOperationObject = {
  operationId: 'answerQuestion',
  tags: ['Actions'],
  summary: 'Answer a reviewer’s question',
  requestParams: { path: onePath },
  requestBody: { required: true, content: json(answerInputSchema.meta({ id: 'QuestionAnswer' })) },
  responses: {
    '200': answer('The action as it stands.'),
    '400': problem('No such body.'),
    '404': problem('No such action of this agent, or no such question on it.'),
    '409': problem('It was answered already.'),
    '422': problem('Text that cannot be kept exactly.'),
    ...refusals,
  },
};

const report: ZodOpenApiOperationObject = {
  operationId: 'reportOutcome',
  tags: ['Actions'],
  summary: 'Report how a redeemed action ended',
  description: 'By the agent or an enforcer of its tool; the first word counts.',
  requestParams: { path: onePath },
  requestBody: { required: true, content: json(outcomeInputSchema.meta({ id: 'OutcomeReport' })) },
  responses: {
    '200': answer('The action as it stands.'),
    '400': problem('No such body.'),
    '404': problem('No such action.'),
    '409': problem('It was never redeemed.'),
    '422': problem('Values that cannot be kept exactly.'),
    ...refusals,
  },
};

const redeem: ZodOpenApiOperationObject = {
  operationId: 'redeemPermit',
  tags: ['Actions'],
  summary: 'Redeem a permit, once, for exactly these arguments',
  description:
    'By the agent or by an enforcer bound to the tool. Everything that granted it is checked again.',
  requestParams: { header: z.object({ 'idempotency-key': idempotencyKey.optional() }) },
  requestBody: { required: true, content: json(redeemInputSchema.meta({ id: 'Redeem' })) },
  responses: {
    '200': { description: 'Run it now.', content: json(redeemAnswerSchema) },
    '400': problem('No such body.'),
    ...refusals,
    '403': problem('`denied` or `self_approval`.'),
    '404': problem('No permit of this tenant.'),
    '409': problem(
      '`consumed`, `args_mismatch`, `plan_mismatch`, `policy_changed`, `schema_changed` or `superseded`.',
    ),
    '410': problem('Expired.'),
    '422': problem('Arguments that cannot be kept exactly.'),
    '423': problem('A stop stands, or ended this permit.'),
  },
};

const keys: ZodOpenApiOperationObject = {
  operationId: 'getKeys',
  tags: ['Actions'],
  summary: 'With what permits and security events are verified offline',
  description:
    'A permit that verifies proves origin, expiry and digest; only redeem proves that it is unused and not stopped.',
  security: [],
  responses: {
    '200': {
      description: 'RFC 7517 key set.',
      content: {
        'application/jwk-set+json': {
          schema: z.object({ keys: z.array(z.object({ kid: z.string() }).loose()) }),
        },
      },
    },
    '400': problem('The request could not be read as HTTP.'),
  },
};

const callFalse: ZodOpenApiOperationObject = {
  operationId: 'reportFalseBlock',
  tags: ['Actions'],
  summary: 'Say that a denial was wrong',
  description:
    'Changes nothing of the denial: people see it as an alert, in the agent’s own words. The first word counts.',
  requestParams: { path: onePath },
  requestBody: {
    required: true,
    content: json(falseBlockInputSchema.meta({ id: 'FalseBlockReport' })),
  },
  responses: {
    '200': { description: 'It is recorded.', content: json(falseBlockAnswerSchema) },
    ...readRefusals,
    '400': problem('No such body.'),
    '404': problem('No such action of this agent.'),
    '409': problem('It was not denied.'),
  },
};

const transmitter: ZodOpenApiOperationObject = {
  operationId: 'getSsfConfiguration',
  tags: ['Actions'],
  summary: 'Who transmits security events (SSF 1.0)',
  description:
    'Events are pushed (RFC 8935) to receivers that an administrator has set up as channels; there is no endpoint to set up a stream.',
  security: [],
  responses: {
    '200': {
      description: 'Transmitter configuration.',
      content: json(
        z.object({
          spec_version: z.literal('1_0'),
          issuer: z.string(),
          jwks_uri: z.string(),
          delivery_methods_supported: z.array(z.string()),
          default_subjects: z.literal('ALL'),
        }),
      ),
    },
    '400': problem('The request could not be read as HTTP.'),
  },
};

/** The doors of actions and permits as OpenAPI, from the schemas that they check with. */
export const actionPaths: ZodOpenApiPathsObject = {
  '/api/v1/actions': { post: ask },
  '/api/v1/actions/{id}': { get: wait, delete: cancel },
  '/api/v1/actions/{id}/answer': { post: reply },
  '/api/v1/actions/{id}/false-block': { post: callFalse },
  '/api/v1/actions/{id}/outcome': { post: report },
  '/api/v1/permits/redeem': { post: redeem },
  '/.well-known/jwks.json': { get: keys },
  '/.well-known/ssf-configuration': { get: transmitter },
};
