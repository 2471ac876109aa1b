'use client';

import { X } from 'lucide-react';
import { Button } from './button.tsx';
import { parseTimeRange, serialiseTimeRange } from './time-range.ts';
import { TimeRangePicker } from './time-range-picker.tsx';

/** What a list of all times begins with when a range is asked for. */
const firstRange = '24h';

/** The range at the end of a filter bar, as it stands in the URL; null is all time. */
export function TimeRangeFilter(props: {
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}) {
  const { value, onChange } = props;
  const range = value === null ? null : parseTimeRange(value);
  if (range === null) {
    return (
      <Button size="sm" look="quiet" onClick={() => onChange(firstRange)}>
        All time
      </Button>
    );
  }
  return (
    <>
      <TimeRangePicker value={range} onChange={(next) => onChange(serialiseTimeRange(next))} />
      <Button
        size="sm"
        look="quiet"
        className="w-6 px-0"
        aria-label="Remove the time range"
        onClick={() => onChange(null)}
      >
        <X aria-hidden />
      </Button>
    </>
  );
}
