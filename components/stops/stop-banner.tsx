'use client';

import { OctagonX } from 'lucide-react';
import dynamic from 'next/dynamic';
import { links } from '#server/kernel/links.ts';
import { Link } from '../ui/link.tsx';
import type { StopLinesProps } from './stop-lines.tsx';
import { useStandingStops, useStopSignals } from './use-standing-stops.ts';

/** Instead of the lines where their script cannot be loaded: that there is a stop, everybody sees. */
function BareLine({ tenant, items }: StopLinesProps) {
  return (
    <section
      aria-label="Standing stops"
      className="flex min-h-9 shrink-0 items-center gap-2 border-b border-critical/50 bg-critical/14 px-4 py-1.5 text-sm"
    >
      <OctagonX aria-hidden className="size-4 shrink-0 text-critical" />
      <p role="alert" className="font-semibold">
        {items.length === 1 ? 'A stop stands.' : `${items.length} stops stand.`}
      </p>
      <Link href={links.stops(tenant)} className="rounded underline underline-offset-2">
        Stops
      </Link>
    </section>
  );
}

// Every page would carry it, and on most days none shows it.
const StopLines = dynamic<StopLinesProps>(() =>
  import('./stop-lines.tsx').then(
    (parts) => parts.StopLines,
    () => BareLine,
  ),
);

/**
 * The stops that stand, on every page and for everybody: who, when, why, what, and how far it is
 * proven. Several fold into the one placed last and a count.
 */
export function StopBanner({ tenant }: { readonly tenant: string }) {
  const items = useStandingStops().data ?? [];
  useStopSignals();
  return items.length === 0 ? null : <StopLines tenant={tenant} items={items} />;
}
