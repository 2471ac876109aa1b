'use client';

import { Menu as BaseMenu } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { itemLook, popupLook } from './popup-look.ts';

export interface MenuProps {
  readonly trigger: ReactElement;
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
  readonly side?: 'top' | 'bottom' | 'right';
  readonly className?: string;
}

/** The menu with its trigger, open when it is first drawn. */
export function MenuPopup(props: MenuProps) {
  return (
    <BaseMenu.Root defaultOpen>
      <BaseMenu.Trigger render={props.trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          className="z-50 outline-none"
          sideOffset={4}
          collisionPadding={8}
          align={props.align ?? 'start'}
          side={props.side ?? 'bottom'}
        >
          <BaseMenu.Popup
            className={classNames(
              popupLook,
              'max-h-(--available-height) min-w-48 overflow-y-auto',
              props.className,
            )}
          >
            {props.children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

/** One action. With `render={<Link href=… />}` it is a link and opens in a new tab like one. */
export function MenuItem(props: {
  readonly children: ReactNode;
  readonly onSelect?: () => void;
  readonly render?: ReactElement;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly trailing?: ReactNode;
}) {
  return (
    <BaseMenu.Item
      {...(props.onSelect === undefined ? {} : { onClick: props.onSelect })}
      {...(props.render === undefined ? {} : { render: props.render })}
      disabled={props.isDisabled ?? false}
      className={classNames(itemLook, props.isDanger === true && 'text-critical')}
    >
      {props.children}
      {props.trailing === undefined ? null : (
        <span className="ml-auto pl-4 text-xs text-ink-faint">{props.trailing}</span>
      )}
    </BaseMenu.Item>
  );
}

export interface MenuChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: ReactNode }[];
  readonly onChange: (value: Value) => void;
}

/** One choice of several, with a tick at the chosen one; the menu stays open. */
export function MenuChoice<Value extends string>(props: MenuChoiceProps<Value>) {
  return (
    <BaseMenu.Group>
      <BaseMenu.GroupLabel className="px-2 pt-1.5 pb-1 text-2xs font-medium text-ink-faint">
        {props.label}
      </BaseMenu.GroupLabel>
      <BaseMenu.RadioGroup
        value={props.value}
        onValueChange={(value: unknown) => {
          const option = props.options.find((candidate) => candidate.value === value);
          if (option !== undefined) props.onChange(option.value);
        }}
      >
        {props.options.map((option) => (
          <BaseMenu.RadioItem key={option.value} value={option.value} className={itemLook}>
            <span className="flex size-3.5 items-center justify-center">
              <BaseMenu.RadioItemIndicator>
                <Check aria-hidden className="text-accent" />
              </BaseMenu.RadioItemIndicator>
            </span>
            {option.label}
          </BaseMenu.RadioItem>
        ))}
      </BaseMenu.RadioGroup>
    </BaseMenu.Group>
  );
}

/** A hairline between groups. */
export function MenuSeparator() {
  return <BaseMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}
