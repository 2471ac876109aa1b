'use client';

import { Progress as BaseProgress } from '@base-ui/react/progress';

/**
 * How far something is. `value` counts up to `max`; null when the end is not known, which draws a
 * sweep instead of a false share. `text` stands beside the bar and is what screen readers hear.
 */
export function Progress(props: {
  readonly label: string;
  readonly value: number | null;
  readonly max?: number;
  readonly text?: string;
}) {
  return (
    <BaseProgress.Root
      value={props.value}
      max={props.max ?? 100}
      {...(props.text === undefined ? {} : { 'aria-valuetext': props.text })}
      className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-xs"
    >
      <BaseProgress.Label className="text-ink-muted">{props.label}</BaseProgress.Label>
      <span className="text-ink-faint tabular-nums">{props.text}</span>
      <BaseProgress.Track className="col-span-2 h-1 overflow-hidden rounded-full bg-ink/10">
        <BaseProgress.Indicator className="h-full rounded-full bg-accent transition-[width] data-indeterminate:w-2/5 data-indeterminate:animate-sweep" />
      </BaseProgress.Track>
    </BaseProgress.Root>
  );
}
