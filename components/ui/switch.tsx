'use client';

import { Switch as BaseSwitch } from '@base-ui/react/switch';
import type { ReactNode } from 'react';

/** Something that is on or off from the moment it is pressed. `children` are its words. */
export function Switch(props: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: ReactNode;
  readonly hint?: ReactNode;
  readonly isDisabled?: boolean;
}) {
  return (
    <label className="flex items-start justify-between gap-4 text-sm">
      <span className="flex min-w-0 flex-col">
        <span>{props.children}</span>
        {props.hint === undefined ? null : (
          <span className="text-xs text-ink-faint">{props.hint}</span>
        )}
      </span>
      <BaseSwitch.Root
        checked={props.isOn}
        onCheckedChange={(isOn) => props.onChange(isOn)}
        disabled={props.isDisabled ?? false}
        className="mt-0.5 flex h-4.5 w-8 shrink-0 rounded-full border border-line-strong bg-sunken p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent data-disabled:cursor-not-allowed data-disabled:opacity-60"
      >
        <BaseSwitch.Thumb className="size-3 rounded-full bg-ink-muted transition-transform data-checked:translate-x-3.5 data-checked:bg-accent-ink" />
      </BaseSwitch.Root>
    </label>
  );
}
