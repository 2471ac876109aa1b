'use client';

import { lazy, type ReactElement, Suspense, useState } from 'react';
import type { OverlayProps, SheetSide } from './dialog-popup.tsx';
import { OnDemandPopup } from './on-demand-popup.tsx';

const load = () => import('./dialog-popup.tsx');
const DialogPopup = lazy(() => load().then((parts) => ({ default: parts.DialogPopup })));
const SheetPopup = lazy(() => load().then((parts) => ({ default: parts.SheetPopup })));

/** Draws an overlay from the first time on that it is opened, by its trigger or from outside. */
function OnDemandOverlay(props: OverlayProps & { readonly popup: ReactElement }) {
  const { isOpen, onOpenChange, popup, trigger } = props;
  const [isWanted, setIsWanted] = useState(isOpen ?? false);
  if (trigger !== undefined) {
    return (
      <OnDemandPopup
        kind="dialog"
        trigger={trigger}
        load={load}
        {...(isOpen === undefined ? {} : { isOpen })}
        {...(onOpenChange === undefined ? {} : { onOpen: () => onOpenChange(true) })}
      >
        {popup}
      </OnDemandPopup>
    );
  }
  if (isOpen === true && !isWanted) setIsWanted(true);
  return isWanted ? <Suspense>{popup}</Suspense> : null;
}

/**
 * A question that must be answered before anything else. Escape and the veil close it; focus stays
 * inside and returns to where it came from.
 */
export function Dialog(props: OverlayProps) {
  return <OnDemandOverlay {...props} popup={<DialogPopup {...props} />} />;
}

/**
 * A panel from the edge, for detail on a narrow screen or a form beside its list. Everything of a
 * dialog applies. `side="bottom"` is for phones.
 */
export function Sheet(props: OverlayProps & { readonly side?: SheetSide }) {
  return <OnDemandOverlay {...props} popup={<SheetPopup {...props} />} />;
}
