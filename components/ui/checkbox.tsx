'use client';

import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';

/**
 * A box to tick, with its words beside it (`children`) or, in a table, with a `label` that only
 * screen readers hear. `isMixed` draws the dash of "some of these".
 */
export function Checkbox(props: {
  readonly isChecked: boolean;
  readonly isMixed?: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly label?: string;
  readonly children?: ReactNode;
  readonly isDisabled?: boolean;
  readonly name?: string;
}) {
  const box = (
    <BaseCheckbox.Root
      checked={props.isChecked}
      indeterminate={props.isMixed ?? false}
      onCheckedChange={(isChecked) => props.onChange(isChecked)}
      disabled={props.isDisabled ?? false}
      aria-label={props.label}
      {...(props.name === undefined ? {} : { name: props.name })}
      className="flex size-4 shrink-0 items-center justify-center rounded-[calc(var(--radius)*0.6)] border border-line-strong bg-sunken transition-colors hover:border-ink-faint data-checked:border-accent data-checked:bg-accent data-indeterminate:border-accent data-indeterminate:bg-accent data-disabled:cursor-not-allowed data-disabled:opacity-60"
    >
      <BaseCheckbox.Indicator className="text-accent-ink">
        {props.isMixed === true ? (
          <Minus aria-hidden className="size-3" strokeWidth={3} />
        ) : (
          <Check aria-hidden className="size-3" strokeWidth={3} />
        )}
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  );
  if (props.children === undefined) return box;
  return (
    <label className="flex items-center gap-2 text-sm">
      {box}
      <span>{props.children}</span>
    </label>
  );
}
