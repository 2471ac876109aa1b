'use client';

import { useDisplaySettings } from './display-settings-provider.tsx';
import { formatInstant, formatRelative, type InstantPart } from './format-time.ts';
import { Tooltip } from './tooltip.tsx';
import { useClock, useIsBrowser } from './use-clock.ts';

/** Any spelling of an instant: RFC 3339 text, epoch milliseconds or a Date. */
export type InstantLike = string | number | Date;

function toMs(at: InstantLike): number {
  return typeof at === 'string' ? Date.parse(at) : Number(at);
}

/** Machine form for `<time dateTime>`; absent when it is no instant. */
function dateTimeOf(instantMs: number): { dateTime?: string } {
  return Number.isFinite(instantMs) ? { dateTime: new Date(instantMs).toISOString() } : {};
}

/** The zone in which this person reads times. The server does not know the browser's: it says UTC. */
export function useTimeZone(): 'utc' | 'local' {
  const { settings } = useDisplaySettings();
  const isBrowser = useIsBrowser();
  return isBrowser ? settings.zone : 'utc';
}

/** `3 min ago`, kept up to date, with the exact instant on hover and focus. */
export function RelativeTime(props: { readonly at: InstantLike; readonly className?: string }) {
  const instantMs = toMs(props.at);
  const zone = useTimeZone();
  const text = useClock((nowMs) => formatRelative(instantMs, nowMs));
  return (
    <Tooltip text={formatInstant(instantMs, zone)}>
      <time {...dateTimeOf(instantMs)} className={props.className}>
        {text}
      </time>
    </Tooltip>
  );
}

/** An exact instant in the person's zone; `part` says how much of it. */
export function Instant(props: {
  readonly at: InstantLike;
  readonly part?: InstantPart;
  readonly className?: string;
}) {
  const instantMs = toMs(props.at);
  const zone = useTimeZone();
  return (
    <time {...dateTimeOf(instantMs)} className={props.className}>
      {formatInstant(instantMs, zone, props.part ?? 'second')}
    </time>
  );
}
