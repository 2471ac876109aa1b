import type { LadderStep, StopDetail } from '#server/containment/contract.ts';
import { formatCount } from '../ui/format-quantity.ts';

/** Null: so many stops stand that this one was not counted. */
type Counts = StopDetail['counts'] | null;

/** How each step reads after a number: quiet and cut first, and then the worst first. */
const stepPhrases: Readonly<Record<LadderStep, string>> = {
  quiet: 'quiet',
  cut: 'with credentials cut',
  refused: 'refused',
  unreachable: 'unreachable',
  unconfirmed: 'unconfirmed',
  not_capable: 'unable to listen',
  requested: 'only requested',
  delivered: 'told',
  acknowledged: 'acknowledged',
};
const stepOrder = Object.keys(stepPhrases) as readonly LadderStep[];

/** Instances on all steps together. */
export function countInstances(counts: StopDetail['counts']): number {
  return stepOrder.reduce((sum, step) => sum + counts[step], 0);
}

/** Whether every known instance is quiet or cut. Without a known instance nothing is confirmed. */
export function isAllQuiet(counts: Counts): boolean {
  if (counts === null) return false;
  const all = countInstances(counts);
  return all > 0 && counts.quiet + counts.cut === all;
}

/**
 * The banner's sentence: `17 of 20 quiet, 2 unconfirmed, 1 unreachable`. Quiet is always told, also
 * when it is none; of the others those that there are.
 */
export function ladderSentence(counts: Counts): string {
  if (counts === null) return 'not counted here';
  const all = countInstances(counts);
  if (all === 0) return 'no instance known';
  const others = stepOrder
    .filter((step) => step !== 'quiet' && counts[step] > 0)
    .map((step) => `${formatCount(counts[step])} ${stepPhrases[step]}`);
  return [`${formatCount(counts.quiet)} of ${formatCount(all)} quiet`, ...others].join(', ');
}
