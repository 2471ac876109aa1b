export { effectClasses } from '#db/enums.ts';

/** An agent's slug, unique in its tenant; fixed by the outer contract. */
export const agentSlugPattern = /^[a-z0-9][a-z0-9._/-]{0,127}$/;

/** What each grade of a fact means, from 0 to 4; screens and documents read the same words. */
export const gradeMeanings = {
  reversibility: [
    'undone by itself',
    'undone by one call',
    'undone with work',
    'undone with the help of others',
    'cannot be undone',
  ],
  sensitivity: ['public', 'internal', 'business', 'personal', 'secrets, health, money'],
  blastRadius: [
    'one record of one’s own',
    'one record of somebody else',
    'a team',
    'the company, or strangers',
    'everybody',
  ],
} as const satisfies Record<string, readonly [string, string, string, string, string]>;
