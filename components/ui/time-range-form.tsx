'use client';

import { useState } from 'react';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { formatInstant } from './format-time.ts';
import { Input } from './input.tsx';
import { timeRangeMsMax, type TimeRange } from './time-range.ts';

/** What `<input type="datetime-local">` holds, for an instant in the zone that the person reads. */
function toInput(instantMs: number, zone: 'utc' | 'local'): string {
  return formatInstant(instantMs, zone, 'second').slice(0, 19).replace(' ', 'T');
}

function fromInput(text: string, zone: 'utc' | 'local'): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}

/** Two instants in the person's zone, checked when they are applied. */
export function TimeRangeForm(props: {
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
