'use client';

import { Hourglass, OctagonX } from 'lucide-react';
import { links } from '#server/kernel/links.ts';
import { ladderSentence } from '../stops/prepare-ladder.ts';
import { ScopeName } from '../stops/scope-name.tsx';
import { useStopPhase } from '../stops/stop-phase-badge.tsx';
import type { StandingStop } from '#server/containment/contract.ts';
import { useStandingStops } from '../stops/use-standing-stops.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

function StopLine({ tenant, stop }: { readonly tenant: string; readonly stop: StandingStop }) {
  const phase = useStopPhase(stop);
  const isDraining = phase === 'draining';
  const Icon = isDraining ? Hourglass : OctagonX;
  return (
    <Link
      href={links.stop(tenant, stop.id)}
      className="flex min-h-(--row) flex-wrap items-center gap-x-2.5 border-b border-line px-4 py-1.5 -outline-offset-2 transition-colors hover:bg-ink/4"
    >
      <Icon aria-hidden className="size-3.5 shrink-0 text-critical" />
      <span className="min-w-0 flex-1">
        {isDraining ? 'Drain not finished: ' : 'Stop in force: '}
        <ScopeName scope={stop.scope} />
      </span>
      <span className="min-w-0 text-xs text-ink-muted max-sm:order-last max-sm:basis-full max-sm:pl-6">
        {ladderSentence(stop.counts)}
      </span>
      <RelativeTime
        at={stop.placedAt}
        className="w-18 shrink-0 text-right text-xs whitespace-nowrap text-ink-faint"
      />
    </Link>
  );
}

/** Stops that stand, each of which somebody has to see through: to quiet, and to its lift. */
export function StandingStops({ tenant }: { readonly tenant: string }) {
  const items = useStandingStops().data ?? [];
  if (items.length === 0) return null;
  return (
    <ul aria-label="Standing stops">
      {items.map((stop) => (
        <li key={stop.id}>
          <StopLine tenant={tenant} stop={stop} />
        </li>
      ))}
    </ul>
  );
}
