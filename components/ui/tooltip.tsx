'use client';

import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';
import { Kbd } from './kbd.tsx';

/**
 * A short explanation on hover and focus. Never the only place where something is said: touch has
 * no hover. The child must take a ref and spread its props. `<Tooltip text="…"><Button/></Tooltip>`
 */
export function Tooltip(props: {
  readonly text: string;
  readonly keys?: readonly string[];
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  readonly children: ReactElement;
}) {
  return (
    <BaseTooltip.Root>
      <BaseTooltip.Trigger render={props.children} />
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner side={props.side ?? 'top'} sideOffset={6} className="z-50">
          <BaseTooltip.Popup className="flex max-w-80 items-center gap-2 rounded border border-line-strong/50 bg-raised px-2 py-1 text-xs text-ink shadow-float transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
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
