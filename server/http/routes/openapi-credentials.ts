import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import {
  endedLeaseSchema,
  introspectionSchema,
  issuedLeaseSchema,
  leaseInput,
  tokenFormSchema,
} from '#server/credentials/contract.ts';
import { problem, refusals } from './openapi-problems.ts';

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});
const tokenForm = {
  required: true,
  content: {
    'application/x-www-form-urlencoded': { schema: tokenFormSchema.meta({ id: 'TokenForm' }) },
  },
};

/** The doors of the broker: leases, their introspection and their revocation. */
export const credentialPaths: ZodOpenApiPathsObject = {
  '/api/v1/leases': {
    post: {
      operationId: 'takeLease',
      tags: ['Credentials'],
      summary: 'Take a lease of a credential, for one tool and some scopes',
      description:
        'The token is told once. It dies with its time, the agent, the key, the session of its action, the credential, or a stop. ' +
        'Of a JWT (RFC 9068) only an introspection tells that: whoever checks it alone takes it until its `exp`. ' +
        'One key signs for all tenants and `aud` is the tool, whose name other tenants may have too: a tool that checks alone must also compare `ten` with its own tenant.',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: leaseInput.meta({ id: 'LeaseWish' }) } },
      },
      responses: {
        '201': json('The lease.', issuedLeaseSchema),
        '400': problem('The wish is wrong.'),
        '409': problem('The agent was changed meanwhile; ask again.'),
        '423': problem('A stop covers it.'),
        ...refusals,
      },
    },
  },
  '/api/v1/leases/{id}': {
    delete: {
      operationId: 'endLease',
      tags: ['Credentials'],
      summary: 'Give a lease back',
      requestParams: { path: z.object({ id: z.string() }) },
      responses: {
        '200': json('It is dead.', endedLeaseSchema),
        '404': problem('This agent holds no lease of this id.'),
        ...refusals,
      },
    },
  },
  '/oauth/introspect': {
    post: {
      operationId: 'introspectToken',
      tags: ['Credentials'],
      summary: 'Whether a token is a live lease (RFC 7662)',
      description:
        'For enforcers, of the tools that they are bound to, and for agents, of their own. No answer is a no.',
      requestBody: tokenForm,
      responses: {
        '200': json('Live, or not.', introspectionSchema),
        '400': problem('No token was sent.'),
        ...refusals,
      },
    },
  },
  '/oauth/revoke': {
    post: {
      operationId: 'revokeToken',
      tags: ['Credentials'],
      summary: 'Give a lease back by its token (RFC 7009)',
      requestBody: tokenForm,
      responses: {
        '200': json('There is no such live lease of this agent any more.', z.object({})),
        '400': problem('No token was sent.'),
        ...refusals,
      },
    },
  },
};
