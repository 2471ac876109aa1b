'use client';

import type { ReactNode } from 'react';
import { classNames } from '../ui/class-names.ts';

/** One of a few, all in sight: pressing one is the whole answer. */
export function ChoicePills<Value extends string>(props: {
  readonly legend: string;
  readonly name: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: ReactNode }[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
}) {
  return (
    <fieldset className={classNames('min-w-0', props.className)}>
      <legend className="mb-1.5 text-xs font-medium text-ink-muted">{props.legend}</legend>
      <div className="flex flex-wrap gap-1.5">
        {props.options.map((option) => (
          <label
            key={option.value}
            className="relative inline-flex h-7 cursor-pointer items-center rounded border border-line-strong/60 px-2.5 text-xs hover:bg-ink/5 has-checked:border-accent has-checked:bg-accent/12 has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent pointer-coarse:h-10"
          >
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={option.value === props.value}
              onChange={() => props.onChange(option.value)}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
