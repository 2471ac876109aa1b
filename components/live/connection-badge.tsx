'use client';

import { CircleDashed, Moon, Radio, TriangleAlert, Unplug } from 'lucide-react';
import { classNames } from '../ui/class-names.ts';
import { formatDuration } from '../ui/format-quantity.ts';
import { Tooltip } from '../ui/tooltip.tsx';
import { useClock } from '../ui/use-clock.ts';
import { useStreamFacts } from './live-provider.tsx';
import { deriveLiveState, type LiveStatus } from './live-state.ts';

const looks: Readonly<
  Record<
    LiveStatus,
    { readonly className: string; readonly Icon: typeof Radio; readonly means: string }
  >
> = {
  connecting: {
    className: 'text-ink-muted',
    Icon: CircleDashed,
    means: 'Connecting to the live stream.',
  },
  live: { className: 'text-ok', Icon: Radio, means: 'Changes appear here as they happen.' },
  behind: {
    className: 'text-medium',
    Icon: TriangleAlert,
    means: 'The server has been quiet; what you see may be older than it looks.',
  },
  lost: {
    className: 'text-critical',
    Icon: Unplug,
    means: 'No connection. What you see is old; it is being tried again.',
  },
  asleep: {
    className: 'text-ink-faint',
    Icon: Moon,
    means: 'Paused while no tab was open to be looked at.',
  },
};

const words: Readonly<Record<LiveStatus, string>> = {
  connecting: 'connecting',
  live: 'live',
  behind: 'behind',
  lost: 'lost',
  asleep: 'asleep',
};

/** Says whether what is on screen is current, how far behind it is, or that it cannot be known. */
export function ConnectionBadge() {
  const facts = useStreamFacts();
  const status = useClock((nowMs) => deriveLiveState(facts, nowMs).status);
  const seconds = useClock((nowMs) => Math.floor(deriveLiveState(facts, nowMs).silentMs / 1000));
  const label = status === 'behind' ? `behind ${formatDuration(seconds * 1000)}` : words[status];
  const { className, Icon, means } = looks[status];
  return (
    <Tooltip text={means} side="bottom">
      <output
        className={classNames(
          'inline-flex h-6 items-center gap-1.5 rounded px-1.5 text-xs whitespace-nowrap',
          className,
        )}
      >
        <Icon aria-hidden className="size-3.5" />
        {label}
      </output>
    </Tooltip>
  );
}
