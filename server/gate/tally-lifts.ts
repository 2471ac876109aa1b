import type { StopScopeKind } from '#db/enums.ts';

/** How many distinct people it takes: many agents are held by a tenant's or an environment's stop. */
export function liftsNeeded(scope: StopScopeKind): number {
  return scope === 'tenant' || scope === 'environment' ? 2 : 1;
}

/** That somebody said a stop may be lifted. */
export interface LiftVote {
  readonly email: string;
  /** Said within `limits.liftPairMinutes`. */
  readonly isInTime: boolean;
  /** May lift at this moment: whoever lost the role since does not count. */
  readonly isEntitled: boolean;
}

/** Counts distinct people, as they are now; two accounts with one e-mail are one person. Pure. */
export function tallyLifts(
  scope: StopScopeKind,
  votes: readonly LiftVote[],
): { readonly counted: number; readonly missing: number } {
  const people = new Set(
    votes
      .filter((vote) => vote.isInTime && vote.isEntitled)
      .map((vote) => vote.email.toLowerCase()),
  );
  return { counted: people.size, missing: Math.max(0, liftsNeeded(scope) - people.size) };
}
