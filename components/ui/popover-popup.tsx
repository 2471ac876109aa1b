'use client';

import { Popover as BasePopover } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { popupLook } from './popup-look.ts';

export interface PopoverProps {
  readonly trigger: ReactElement;
  readonly title: string;
  readonly isTitleHidden?: boolean;
  readonly children: ReactNode;
  readonly isOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
  readonly align?: 'start' | 'center' | 'end';
  readonly className?: string;
}

/** The panel with its trigger, open when it is first drawn unless `isOpen` says otherwise. */
export function PopoverPopup(props: PopoverProps) {
  const { isOpen, onOpenChange } = props;
  return (
    <BasePopover.Root
      {...(isOpen === undefined ? { defaultOpen: true } : { open: isOpen })}
      {...(onOpenChange === undefined ? {} : { onOpenChange: (next) => onOpenChange(next) })}
    >
      <BasePopover.Trigger render={props.trigger} />
      <BasePopover.Portal>
        <BasePopover.Positioner
          className="z-50"
          sideOffset={6}
          collisionPadding={8}
          align={props.align ?? 'start'}
        >
          <BasePopover.Popup
            className={classNames(popupLook, 'w-80 max-w-[calc(100vw-1rem)] p-3', props.className)}
          >
            <BasePopover.Title
              className={props.isTitleHidden === true ? 'sr-only' : 'mb-2 text-sm font-semibold'}
            >
              {props.title}
            </BasePopover.Title>
            {props.children}
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  );
}
