'use client';

import { ChevronDown, Hourglass, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { links } from '#server/kernel/links.ts';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { formatCount } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { ReasonText } from './reason-text.tsx';
import { isAllQuiet, ladderSentence } from './prepare-ladder.ts';
import { ScopeName } from './scope-name.tsx';
import { useStopPhase } from './stop-phase-badge.tsx';
import { nameScope } from './stop-words.ts';
import type { StandingStop } from '#server/containment/contract.ts';

function StopLine({ tenant, stop }: { readonly tenant: string; readonly stop: StandingStop }) {
  const phase = useStopPhase(stop);
  const isDraining = phase === 'draining';
  const Icon = isDraining ? Hourglass : OctagonX;
  return (
    <p className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2 gap-y-0.5">
      <Icon aria-hidden className="size-4 shrink-0 self-center text-critical" />
      <span className="font-semibold">
        {isDraining ? 'Stop requested, draining:' : 'Stop in force:'}{' '}
        <ScopeName scope={stop.scope} />
      </span>
      <span className="text-ink-muted">
        by {stop.placedBy}, <RelativeTime at={stop.placedAt} />: <ReasonText reason={stop.reason} />
      </span>
      {phase === 'lifting' && stop.liftedAt !== null ? (
        <span className="text-medium">
          lift takes effect at <Instant at={stop.liftedAt} part="minute" />
        </span>
      ) : null}
      <Link
        href={links.stop(tenant, stop.id)}
        className={classNames(
          'rounded font-medium underline underline-offset-2',
          isAllQuiet(stop.counts) && !isDraining ? 'text-ok' : 'text-ink',
        )}
      >
        {ladderSentence(stop.counts)}
      </Link>
      {stop.resumed.length === 0 ? null : (
        <Link
          href={links.stop(tenant, stop.id)}
          className="rounded font-medium text-medium underline underline-offset-2"
        >
          except {stop.resumed.join(', ')}, which {stop.resumed.length === 1 ? 'works' : 'work'}{' '}
          again
        </Link>
      )}
      {stop.isCutWaiting ? (
        <Link
          href={links.stop(tenant, stop.id)}
          className="rounded font-medium text-medium underline underline-offset-2"
        >
          cutting its credentials waits for a person
        </Link>
      ) : null}
    </p>
  );
}

export interface StopLinesProps {
  readonly tenant: string;
  /** Newest first; at least one. */
  readonly items: readonly StandingStop[];
}

/** One line for the stop placed last, the others behind a count. */
export function StopLines({ tenant, items }: StopLinesProps) {
  const [isUnfolded, setIsUnfolded] = useState(false);
  const others = items.slice(1);
  const shown = isUnfolded ? items : items.slice(0, 1);
  return (
    <section
      aria-label="Standing stops"
      className="max-h-[40dvh] shrink-0 overflow-y-auto border-b border-critical/50 bg-critical/14 text-sm"
    >
      {/* Said once for each stop; the counts above it change all the time and must not be. */}
      <p role="alert" className="sr-only">
        {items.map((stop) => `Stop of ${nameScope(stop.scope)} by ${stop.placedBy}.`).join(' ')}
      </p>
      <ul>
        {shown.map((stop, index) => (
          <li
            key={stop.id}
            className="flex min-h-9 items-center gap-2 border-critical/25 px-4 py-1.5 not-first:border-t"
          >
            <StopLine tenant={tenant} stop={stop} />
            {index === 0 && others.length > 0 ? (
              <Button
                size="sm"
                look="quiet"
                aria-expanded={isUnfolded}
                onClick={() => setIsUnfolded(!isUnfolded)}
              >
                {isUnfolded
                  ? 'Fold'
                  : `and ${formatCount(others.length)} more ${others.length === 1 ? 'stop' : 'stops'}`}
                <ChevronDown aria-hidden className={isUnfolded ? 'rotate-180' : ''} />
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
