import { RelativeTime } from '../ui/relative-time.tsx';
import { ladderSentence } from './prepare-ladder.ts';
import { ReasonText } from './reason-text.tsx';
import { ScopeName } from './scope-name.tsx';
import { StopPhaseBadge } from './stop-phase-badge.tsx';
import type { StandingStop } from '#server/containment/contract.ts';
import type { Stop } from '#server/gate/contract.ts';

/** Height of a row in pixels before it is measured. */
export const stopRowHeightPx = 52;

/** One stop: where it stands, what, by whom and why, how far it reached. `counts` null: lifted. */
export function StopRow({ stop }: { readonly stop: Stop & Pick<StandingStop, 'counts'> }) {
  return (
    <span className="flex flex-col gap-0.5 px-3 py-2">
      <span className="flex items-center gap-2.5">
        <StopPhaseBadge stop={stop} />
        <span className="min-w-0 flex-1 truncate text-sm">
          <ScopeName scope={stop.scope} />
        </span>
        <RelativeTime
          at={stop.placedAt}
          className="shrink-0 text-xs whitespace-nowrap text-ink-faint"
        />
      </span>
      <span className="truncate text-xs text-ink-muted">
        {stop.placedBy}: <ReasonText reason={stop.reason} />
        {stop.counts === null ? null : ` · ${ladderSentence(stop.counts)}`}
      </span>
    </span>
  );
}
