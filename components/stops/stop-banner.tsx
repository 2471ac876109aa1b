'use client';

import dynamic from 'next/dynamic';
import { useStandingStops, useStopSignals } from './use-standing-stops.ts';

// Every page would carry it, and on most days none shows it.
const StopLines = dynamic(() => import('./stop-lines.tsx').then((parts) => parts.StopLines));

/**
 * The stops that stand, on every page and for everybody: who, when, why, what, and how far it is
 * proven. Several fold into the one placed last and a count.
 */
export function StopBanner({ tenant }: { readonly tenant: string }) {
  const items = useStandingStops().data ?? [];
  useStopSignals();
  return items.length === 0 ? null : <StopLines tenant={tenant} items={items} />;
}
