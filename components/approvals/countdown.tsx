'use client';

import { useClock } from '../ui/use-clock.ts';

/** `14:59`, `1:02:03`; never below zero. */
function formatRest(seconds: number): string {
  const rest = Math.max(0, seconds);
  const [hours, minutes] = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60)];
  const two = (value: number) => String(value).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(rest % 60)}`;
}

/**
 * Time left until an instant of the server's clock. `skewMs` is how far that clock was ahead of this
 * machine's when it was last read, so that a wrong clock here shows the right rest.
 */
export function Countdown(props: {
  readonly until: string;
  readonly skewMs: number;
  readonly className?: string;
}) {
  const untilMs = Date.parse(props.until) - props.skewMs;
  const seconds = useClock((nowMs) => Math.ceil((untilMs - nowMs) / 1000));
  return (
    <time dateTime={props.until} title={props.until} className={props.className}>
      {seconds <= 0 ? 'over' : formatRest(seconds)}
    </time>
  );
}
