'use client';

import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactElement, ReactNode, RefObject } from 'react';
import { classNames } from './class-names.ts';
import { backdropLook } from './popup-look.ts';
import { buttonLook } from './button-look.ts';

export interface OverlayProps {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  /** Buttons, the safe one first. */
  readonly footer?: ReactNode;
  /** Either a trigger, or `isOpen` with `onOpenChange`, or both. */
  readonly trigger?: ReactElement;
  readonly isOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
  /** What takes the focus first; the first control otherwise. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  readonly className?: string;
}

/** Root properties of an overlay; one that nobody controls is drawn because it was opened. */
function rootProps(props: OverlayProps) {
  const { isOpen, onOpenChange } = props;
  return {
    ...(isOpen === undefined ? { defaultOpen: true } : { open: isOpen }),
    ...(onOpenChange === undefined ? {} : { onOpenChange: (next: boolean) => onOpenChange(next) }),
  };
}

/**
 * What dialog and sheet have in common. The button that closes comes last in the document, so that
 * the focus starts at the first thing that is asked.
 */
function OverlayBody(props: OverlayProps) {
  const { title, description, footer } = props;
  return (
    <>
      <header className="border-b border-line py-3 pr-12 pl-4">
        <BaseDialog.Title className="text-md font-semibold">{title}</BaseDialog.Title>
        {description === undefined ? null : (
          <BaseDialog.Description className="mt-0.5 text-sm text-ink-muted">
            {description}
          </BaseDialog.Description>
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-4">{props.children}</div>
      {footer === undefined ? null : (
        <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">
          {footer}
        </footer>
      )}
      <BaseDialog.Close
        aria-label="Close"
        className={classNames(
          buttonLook({ look: 'quiet', size: 'sm' }),
          'absolute top-2.5 right-3 w-6 px-0',
        )}
      >
        <X aria-hidden />
      </BaseDialog.Close>
    </>
  );
}

/** The dialog, with its trigger where it has one. */
export function DialogPopup(props: OverlayProps) {
  return (
    <BaseDialog.Root {...rootProps(props)}>
      {props.trigger === undefined ? null : <BaseDialog.Trigger render={props.trigger} />}
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropLook} />
        <BaseDialog.Popup
          {...(props.initialFocus === undefined ? {} : { initialFocus: props.initialFocus })}
          className={classNames(
            'fixed top-[12vh] left-1/2 z-40 flex max-h-[76vh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 flex-col rounded border border-line-strong/50 bg-panel shadow-float outline-none',
            'transition-[opacity,scale] data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0',
            props.className,
          )}
        >
          <OverlayBody {...props} />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

export type SheetSide = 'right' | 'bottom' | 'left';

/** The sheet, with its trigger where it has one. */
export function SheetPopup({
  side = 'right',
  ...props
}: OverlayProps & { readonly side?: SheetSide }) {
  const place = {
    right:
      'inset-y-0 right-0 w-[min(36rem,100vw)] border-l data-ending-style:translate-x-6 data-starting-style:translate-x-6',
    left: 'inset-y-0 left-0 w-[min(20rem,calc(100vw-3rem))] border-r data-ending-style:-translate-x-6 data-starting-style:-translate-x-6',
    bottom:
      'inset-x-0 bottom-0 max-h-[88dvh] rounded-t border-t data-ending-style:translate-y-6 data-starting-style:translate-y-6',
  }[side];
  return (
    <BaseDialog.Root {...rootProps(props)}>
      {props.trigger === undefined ? null : <BaseDialog.Trigger render={props.trigger} />}
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropLook} />
        <BaseDialog.Popup
          {...(props.initialFocus === undefined ? {} : { initialFocus: props.initialFocus })}
          className={classNames(
            'fixed z-40 flex flex-col border-line-strong/50 bg-panel shadow-float outline-none transition-[opacity,translate] data-ending-style:opacity-0 data-starting-style:opacity-0',
            place,
            props.className,
          )}
        >
          <OverlayBody {...props} />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
