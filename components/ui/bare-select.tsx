import { ChevronsUpDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';
import { controlLook } from './control-look.ts';

export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly isDisabled?: boolean;
}

/**
 * The browser's own control for one choice out of a short list: right on a phone, and no code.
 * Outside forms, with an `aria-label`; `Select` is the same inside a `<Field>`.
 */
export function BareSelect({
  options,
  className,
  ...rest
}: Omit<ComponentProps<'select'>, 'className' | 'style'> & {
  readonly options: readonly SelectOption<string>[];
  readonly className?: string | undefined;
}) {
  return (
    <span className="relative inline-flex items-center">
      <select
        {...rest}
        className={classNames(
          controlLook,
          'h-8 appearance-none truncate pr-7 pl-2.5 pointer-coarse:h-10',
          className,
        )}
      >
        {options.map((option) => (
          <option
            key={option.value}
            value={option.value}
            disabled={option.isDisabled ?? false}
            className="bg-raised text-ink"
          >
            {option.label}
          </option>
        ))}
      </select>
      <ChevronsUpDown
        aria-hidden
        className="pointer-events-none absolute right-2 size-3.5 text-ink-faint"
      />
    </span>
  );
}
