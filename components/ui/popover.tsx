'use client';

import { lazy } from 'react';
import { OnDemandPopup } from './on-demand-popup.tsx';
import type { PopoverProps } from './popover-popup.tsx';

const load = () => import('./popover-popup.tsx');
const PopoverPopup = lazy(() => load().then((parts) => ({ default: parts.PopoverPopup })));

/**
 * A small panel beside the control that opens it. `title` names it for screen readers (drawn unless
 * `isTitleHidden`). Controlled by `isOpen` and `onOpenChange` where the content closes it itself.
 */
export function Popover(props: PopoverProps) {
  const { isOpen, onOpenChange } = props;
  return (
    <OnDemandPopup
      kind="dialog"
      trigger={props.trigger}
      load={load}
      {...(isOpen === undefined ? {} : { isOpen })}
      {...(onOpenChange === undefined ? {} : { onOpen: () => onOpenChange(true) })}
    >
      <PopoverPopup {...props} />
    </OnDemandPopup>
  );
}
