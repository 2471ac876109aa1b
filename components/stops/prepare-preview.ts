import type { EnforcementClass, StopPreview } from '#server/containment/contract.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { enforcementOrder, formatBound } from './enforcement-words.ts';

type PreviewClass = StopPreview['classes'][number];

/** Classes with agents in them, weakest first: what is least sure is read first. */
export function orderClasses(classes: readonly PreviewClass[]): readonly PreviewClass[] {
  const rank = (name: EnforcementClass) => enforcementOrder.indexOf(name);
  return classes
    .filter((one) => one.agents > 0)
    .toSorted((one, other) => rank(one.class) - rank(other.class));
}

/**
 * The worst of what a stop promises, in one sentence: agents that cannot be stopped come first, and
 * the slowest bound among the others after them.
 */
export function boundSentence(classes: readonly PreviewClass[]): string {
  const present = orderClasses(classes);
  if (present.length === 0) return 'No agent is in this scope now; later ones are covered too.';
  const unstoppable = present
    .filter((one) => one.boundSeconds === null)
    .reduce((sum, one) => sum + one.agents, 0);
  const bounded = present.filter((one) => one.boundSeconds !== null);
  const worst = Math.max(...bounded.map((one) => one.boundSeconds ?? 0));
  const rest = bounded.reduce((sum, one) => sum + one.agents, 0);
  const held = `${formatCounted(rest, 'agent')} held ${formatBound(worst)}`;
  if (unstoppable === 0) return `${held}, at worst.`;
  const lost = `${formatCounted(unstoppable, 'agent')} cannot be stopped from here`;
  return rest === 0 ? `${lost}.` : `${lost}; ${held}, at worst.`;
}

/** Who could lift it again, said before it is placed; `isShort` when it could not be lifted here. */
export function liftSentence(preview: Pick<StopPreview, 'lifters' | 'liftsNeeded'>): {
  readonly text: string;
  readonly isShort: boolean;
} {
  const { lifters, liftsNeeded } = preview;
  const could = `${lifters === 0 ? 'Nobody' : formatCounted(lifters, 'person', 'people')} could lift it`;
  const takes =
    liftsNeeded === 1 ? 'one is enough' : `it takes ${formatCount(liftsNeeded)} of them`;
  if (lifters >= liftsNeeded) return { text: `${could}; ${takes}.`, isShort: false };
  return {
    text: `${could}, and it takes ${formatCount(liftsNeeded)}: it would stand until another responder or administrator is added, or until it is lifted from the host's command line, which takes 30 minutes.`,
    isShort: true,
  };
}
