import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { setRefusalSchema } from '#server/notifications/receive/contract.ts';
import { problem, refusals } from './openapi-problems.ts';

/** The door by which other systems tell of sessions and credentials that are over. */
export const securityEventPaths: ZodOpenApiPathsObject = {
  '/api/v1/security-events/{id}': {
    post: {
      operationId: 'pushSecurityEvent',
      tags: ['Security events'],
      summary: 'Push a Security Event Token (RFC 8417, RFC 8935)',
      description:
        'CAEP session-revoked and credential-change are acted on; all others are kept. A transmitter is registered under Settings, Transmitters, and known by its signature: `typ` secevent+jwt, no `exp`, no `sub`, one event, its subject in `sub_id`. The same `jti` does nothing again.',
      security: [],
      requestParams: { path: z.object({ id: z.string() }) },
      requestBody: {
        required: true,
        content: {
          'application/secevent+jwt': { schema: { type: 'string' as const } },
        },
      },
      responses: {
        '202': { description: 'It is on record, and what it tells was done.' },
        '400': {
          description: 'It is refused.',
          content: { 'application/json': { schema: setRefusalSchema } },
        },
        '413': problem('The token is too large.'),
        '415': problem('Not an encoding that this door reads.'),
        '429': refusals['429'],
        '503': refusals['503'],
      },
    },
  },
};
