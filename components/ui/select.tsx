'use client';

import { Select as BaseSelect } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { controlLook } from './input.tsx';
import { itemLook, popupLook } from './popup-look.ts';

export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  readonly isDisabled?: boolean;
}

/**
 * One choice out of a short list. Give it a `label` unless a `<Field>` around it does.
 * `<Select label="Role" value={role} options={[{ value: 'viewer', label: 'Viewer' }]} onChange={setRole} />`
 */
export function Select<Value extends string>(props: {
  readonly value: Value | null;
  readonly options: readonly SelectOption<Value>[];
  readonly onChange: (value: Value) => void;
  readonly label?: string;
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
  readonly className?: string;
  readonly name?: string;
}) {
  return (
    <BaseSelect.Root<Value>
      value={props.value}
      items={[...props.options]}
      disabled={props.isDisabled ?? false}
      {...(props.name === undefined ? {} : { name: props.name })}
      onValueChange={(value) => {
        if (value !== null) props.onChange(value);
      }}
    >
      <BaseSelect.Trigger
        aria-label={props.label}
        className={classNames(
          controlLook,
          'flex h-8 items-center justify-between gap-2 pr-2 pl-2.5 text-left whitespace-nowrap select-none pointer-coarse:h-10',
          props.className,
        )}
      >
        <BaseSelect.Value
          placeholder={props.placeholder ?? 'Choose…'}
          className="truncate data-placeholder:text-ink-faint"
        />
        <BaseSelect.Icon className="text-ink-faint">
          <ChevronsUpDown aria-hidden className="size-3.5" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner
          className="z-50 outline-none"
          sideOffset={4}
          alignItemWithTrigger={false}
        >
          <BaseSelect.Popup className={classNames(popupLook, 'min-w-(--anchor-width)')}>
            <BaseSelect.List className="max-h-[min(var(--available-height),20rem)] overflow-y-auto">
              {props.options.map((option) => (
                <BaseSelect.Item
                  key={option.value}
                  value={option.value}
                  disabled={option.isDisabled ?? false}
                  className={classNames(itemLook, 'grid grid-cols-[1fr_auto]')}
                >
                  <BaseSelect.ItemText>{option.label}</BaseSelect.ItemText>
                  <BaseSelect.ItemIndicator>
                    <Check aria-hidden className="size-3.5 text-accent" />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
