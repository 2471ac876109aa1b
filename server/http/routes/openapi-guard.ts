import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { scanAnswerSchema, scanInputSchema } from '#server/guard/contract.ts';
import { problem, refusals } from './openapi-problems.ts';

/** The door that scans texts before they are believed or sent. */
export const guardPaths: ZodOpenApiPathsObject = {
  '/api/v1/guard/scan': {
    post: {
      operationId: 'scanTexts',
      tags: ['Guard'],
      summary: 'Scan texts before they are believed or sent',
      description:
        'Looks for injected instructions, credentials, personal data, canaries, hidden text and unexpected destinations, and returns each text without them. Open under a stop. What is found is kept with the trace only when `traceId` names one.',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: scanInputSchema.meta({ id: 'Scan' }) } },
      },
      responses: {
        '200': {
          description: 'One result for each item, in their order.',
          content: { 'application/json': { schema: scanAnswerSchema } },
        },
        '400': problem('No such body.'),
        ...refusals,
      },
    },
  },
};
