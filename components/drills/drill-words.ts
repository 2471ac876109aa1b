import type { DrillMeasure } from '#server/containment/drills/states/contract.ts';
import { formatDuration } from '../ui/format-quantity.ts';

interface MeasureWords {
  readonly label: string;
  /** From what to what it counts. */
  readonly spans: string;
  /** Why it is not there. */
  readonly missing: string;
  readonly color: string;
}

/** What each figure of a drill is, everywhere in the same words. */
export const measureWords: Readonly<Record<DrillMeasure, MeasureWords>> = {
  detect: {
    label: 'Detect',
    spans: 'from the start to the alert',
    missing: 'no alert was opened',
    color: 'var(--color-series-1)',
  },
  decide: {
    label: 'Decide',
    spans: 'from the alert to the stop being placed',
    missing: 'no stop followed an alert',
    color: 'var(--color-series-2)',
  },
  stop: {
    label: 'Stop',
    spans: 'from placing the stop to its acknowledgement: nothing is granted any more',
    missing: 'no stop was acknowledged',
    color: 'var(--color-series-3)',
  },
  revoke: {
    label: 'Revoke',
    spans: 'from placing the stop until none of the agent’s leases was live',
    missing: 'the agent held no lease, or it was not seen dead',
    color: 'var(--color-series-4)',
  },
  provider: {
    label: 'Provider',
    spans: 'from placing the stop until the credential’s provider was seen to refuse it',
    missing: 'no credential was chosen, or its provider was not seen to refuse it',
    color: 'var(--color-series-7)',
  },
  confirm: {
    label: 'Confirm',
    spans: 'from placing the stop to the first look at which every instance was quiet or cut off',
    missing: 'not every instance was ever seen quiet or cut off',
    color: 'var(--color-series-5)',
  },
  recover: {
    label: 'Recover',
    spans: 'from placing the stop to its lift by a person',
    missing: 'nobody lifted it',
    color: 'var(--color-series-6)',
  },
};

/** `1.2 s`, or a dash for what did not happen. */
export function formatTook(tookMs: number | null): string {
  return tookMs === null ? '–' : formatDuration(tookMs);
}
