import { problemSchema } from '../contract.ts';

/** A refusal as problem+json. */
export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** Header of what may be tried again. */
export const retryLater = {
  'retry-after': {
    description: 'Seconds to wait.',
    schema: { type: 'integer' as const },
  },
};

/** What any door with a key may refuse. */
export const refusals = {
  '401': problem('No key, or one that is revoked, expired or of a disabled agent.'),
  '403': problem('The key may not do this.'),
  '413': problem('The body is too large, inflated.'),
  '415': problem('Not a media type or encoding that this door reads.'),
  '429': { ...problem('Too many requests.'), headers: retryLater },
  '503': { ...problem('The store is away; nothing was lost. Send it again.'), headers: retryLater },
};

/** What any door that only reads may refuse. */
export const readRefusals = {
  '400': problem('A parameter is wrong.'),
  '401': refusals['401'],
  '403': refusals['403'],
  '429': refusals['429'],
  '503': refusals['503'],
};
