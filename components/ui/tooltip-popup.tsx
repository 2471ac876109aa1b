'use client';

import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip';
import { Kbd } from './kbd.tsx';

export interface TooltipWords {
  readonly text: string;
  readonly keys?: readonly string[];
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
}

/** The open tooltip of `anchor`; `onClose` is called when Escape asks for it. */
export function TooltipPopup(
  props: TooltipWords & { readonly anchor: Element; readonly onClose: () => void },
) {
  return (
    <BaseTooltip.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
    >
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner
          anchor={props.anchor}
          side={props.side ?? 'top'}
          sideOffset={6}
          className="pointer-events-none z-50"
        >
          <BaseTooltip.Popup className="flex max-w-80 items-center gap-2 rounded border border-line-strong/50 bg-raised px-2 py-1 text-xs text-ink shadow-float transition-opacity data-starting-style:opacity-0">
            <span className="text-pretty break-words">{props.text}</span>
            {props.keys?.map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </BaseTooltip.Popup>
        </BaseTooltip.Positioner>
      </BaseTooltip.Portal>
    </BaseTooltip.Root>
  );
}
