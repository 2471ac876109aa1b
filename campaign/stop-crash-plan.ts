import { limits } from '#server/kernel/limits.ts';
import { type Victim, victims } from './crash-stack.ts';

/**
 * Where a strike falls. Of the press: while it is under `way`, on its `commit` with the answer held back, or
 * in the `drain` between its two transactions. Of those who are told: when the first has been `told` but has
 * not answered, beside its answer (`ack`), when it has answered and others have not (`acked`). Then beside an
 * introspection of a `lease` that it ended; when the revocation of a stopped credential is `sent` to its
 * provider; beside work that violates the stop (`work`), and once that is `violated`. Of the way back: beside
 * the second person's `resume` of one agent, when that is `held` again, beside the first person's proposal of
 * the lift (`ask`) and the second's `lift`. `dark`: after the commit, and for longer than silence has to last.
 */
export const stopSteps = [
  'held',
  'work',
  'ack',
  'resume',
  'lease',
  'commit',
  'drain',
  'ask',
  'lift',
  'sent',
  'told',
  'acked',
  'violated',
  'way',
  'dark',
] as const;
export type StopStep = (typeof stopSteps)[number];

/** How an agent that went first is held again: by a person, by another press, by its own alert. */
const heldBy = ['person', 'press', 'alert'] as const;

export interface StopPlan {
  readonly victim: Victim;
  readonly step: StopStep;
  readonly scope: 'environment' | 'tenant';
  readonly heldBy: (typeof heldBy)[number];
  readonly liesOutright: boolean;
  readonly pollerAnswers: boolean;
  /** The silent one was last heard so many seconds before the stop: an hour, or almost the lease. */
  readonly awaySeconds: number;
  /** The command line is asked what stands; it takes seconds to start. */
  readonly isListed: boolean;
}

/** What the n-th round is about: in forty-five of them each victim meets each step once. */
export function planOf(n: number): StopPlan {
  const at = n % victims.length;
  const turn = Math.floor(n / victims.length);
  const everyStep = victims.length * stopSteps.length;
  return {
    victim: victims[at] ?? 'web',
    step: stopSteps[(turn + 5 * at) % stopSteps.length] ?? 'held',
    scope: (turn + at) % 3 === 2 ? 'tenant' : 'environment',
    heldBy: heldBy[(turn + Math.floor(n / everyStep)) % heldBy.length] ?? 'person',
    liesOutright: n % 2 === 0,
    pollerAnswers: Math.floor(n / 2) % 2 === 0,
    awaySeconds: n % 2 === 0 ? 3600 : limits.livenessLeaseMs / 1000 - 0.5,
    isListed: n % 4 === 3,
  };
}
