'use client';

import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { useDisplaySettings } from './display-settings-provider.tsx';
import { Field } from './field.tsx';
import { formatInstant } from './format-time.ts';
import { Input } from './input.tsx';
import { Popover } from './popover.tsx';
import { useTimeZone } from './relative-time.tsx';
import {
  nameTimeRange,
  parseTimeRange,
  serialiseTimeRange,
  timeRangeMsMax,
  timeRangePresets,
  type TimeRange,
} from './time-range.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** What `<input type="datetime-local">` holds, for an instant in the zone that the person reads. */
function toInput(instantMs: number, zone: 'utc' | 'local'): string {
  return formatInstant(instantMs, zone, 'second').slice(0, 19).replace(' ', 'T');
}

function fromInput(text: string, zone: 'utc' | 'local'): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}

function labelOf(range: TimeRange, zone: 'utc' | 'local'): string {
  if (range.kind === 'relative') return nameTimeRange(range);
  const from = formatInstant(range.fromMs, zone, 'minute');
  return `${from.slice(0, 16)} – ${formatInstant(range.toMs, zone, 'minute')}`;
}

function AbsoluteForm(props: {
  readonly value: TimeRange;
  readonly zone: 'utc' | 'local';
  readonly onApply: (range: TimeRange) => void;
}) {
  const { value, zone } = props;
  const isAbsolute = value.kind === 'absolute';
  const [from, setFrom] = useState(isAbsolute ? toInput(value.fromMs, zone) : '');
  const [to, setTo] = useState(isAbsolute ? toInput(value.toMs, zone) : '');
  const [error, setError] = useState<string | null>(null);
  const apply = () => {
    const fromMs = fromInput(from, zone);
    const toMs = fromInput(to, zone);
    if (!Number.isFinite(fromMs) || !Number.isFinite(toMs)) setError('Give both instants.');
    else if (toMs <= fromMs) setError('The end must come after the start.');
    else if (toMs - fromMs > timeRangeMsMax) setError('At most 366 days.');
    else props.onApply({ kind: 'absolute', fromMs, toMs });
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <Field label="From">
        <Input
          type="datetime-local"
          step={1}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </Field>
      <Field label="To" error={error}>
        <Input
          type="datetime-local"
          step={1}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </Field>
      <Button type="submit" look="primary">
        Apply
      </Button>
    </form>
  );
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
          <AbsoluteForm
            key={`${current}${zone}`}
            value={props.value}
            zone={zone}
            onApply={choose}
          />
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
