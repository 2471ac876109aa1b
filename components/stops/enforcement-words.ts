import type { EnforcementClass } from '#server/containment/contract.ts';
import { formatCount } from '../ui/format-quantity.ts';

/** Weakest first, as the server ranks them. */
export const enforcementOrder = [
  'observed',
  'asks',
  'leased',
  'connected',
  'gated',
] as const satisfies readonly EnforcementClass[];

/** What each class means for somebody who wants to stop the agent. */
export const enforcementWords: Readonly<
  Record<EnforcementClass, { readonly word: string; readonly means: string }>
> = {
  observed: {
    word: 'observed',
    means: 'It only reports. Nothing here can stop it.',
  },
  asks: {
    word: 'asks',
    means: 'It asks before it acts. What it was granted ends with its permit.',
  },
  leased: {
    word: 'leased',
    means: 'Its credentials are leased. What it does with one ends with the lease.',
  },
  connected: {
    word: 'connected',
    means: 'It follows stops and halts itself when it cannot reach Signalbox.',
  },
  gated: {
    word: 'gated',
    means: 'Every effect passes an enforcer, which refuses from the acknowledgement on.',
  },
};

/** Within how long a stop holds: `at once`, `within 120 s`, `cannot be stopped`. */
export function formatBound(boundSeconds: number | null): string {
  if (boundSeconds === null) return 'cannot be stopped';
  if (boundSeconds <= 0) return 'at once';
  return `within ${formatCount(Math.ceil(boundSeconds))}\u00a0s`;
}
