'use client';

import { CalendarClock } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { useDisplaySettings } from './display-settings-provider.tsx';
import { formatInstant } from './format-time.ts';
import { Popover } from './popover.tsx';
import { useTimeZone } from './relative-time.tsx';
import {
  nameTimeRange,
  parseTimeRange,
  serialiseTimeRange,
  timeRangePresets,
  type TimeRange,
} from './time-range.ts';
import { useShortcuts } from './use-shortcuts.ts';

const TimeRangeForm = lazy(() =>
  import('./time-range-form.tsx').then((module) => ({ default: module.TimeRangeForm })),
);

function labelOf(range: TimeRange, zone: 'utc' | 'local'): string {
  if (range.kind === 'relative') return nameTimeRange(range);
  const from = formatInstant(range.fromMs, zone, 'minute');
  return `${from.slice(0, 16)} – ${formatInstant(range.toMs, zone, 'minute')}`;
}

/**
 * Chooses the span of time that a page is about: one of the usual lengths, or two instants in the
 * person's zone. `t` opens it. Keep `value` in the URL with `serialiseTimeRange`.
 */
export function TimeRangePicker(props: {
  readonly value: TimeRange;
  readonly onChange: (range: TimeRange) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const { settings, change } = useDisplaySettings();
  const zone = useTimeZone();
  useShortcuts({ t: () => setIsOpen(true) });
  const current = serialiseTimeRange(props.value);
  const choose = (range: TimeRange) => {
    setIsOpen(false);
    props.onChange(range);
  };
  return (
    <Popover
      title="Time range"
      isTitleHidden
      align="end"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      className="w-96"
      trigger={
        <Button size="sm">
          <CalendarClock aria-hidden />
          {labelOf(props.value, zone)}
        </Button>
      }
    >
      <div className="grid grid-cols-[auto_1fr] gap-4 max-sm:grid-cols-1">
        <div className="flex flex-col gap-0.5 max-sm:flex-row max-sm:flex-wrap">
          {timeRangePresets.map((preset) => {
            const range = parseTimeRange(preset);
            if (range === null) return null;
            return (
              <button
                key={preset}
                type="button"
                aria-pressed={preset === current}
                onClick={() => choose(range)}
                className={classNames(
                  'h-7 rounded px-2 text-left text-sm whitespace-nowrap text-ink-muted hover:bg-ink/8 hover:text-ink pointer-coarse:h-10',
                  preset === current && 'bg-accent/12 text-accent hover:text-accent',
                )}
              >
                {nameTimeRange(range)}
              </button>
            );
          })}
        </div>
        <div className="flex flex-col gap-3 border-line sm:border-l sm:pl-4">
          <Suspense>
            <TimeRangeForm
              key={`${current}${zone}`}
              value={props.value}
              zone={zone}
              onApply={choose}
            />
          </Suspense>
          <Button
            size="sm"
            look="quiet"
            onClick={() => change({ zone: settings.zone === 'utc' ? 'local' : 'utc' })}
          >
            {settings.zone === 'utc' ? 'UTC – switch to local time' : 'Local time – switch to UTC'}
          </Button>
        </div>
      </div>
    </Popover>
  );
}
