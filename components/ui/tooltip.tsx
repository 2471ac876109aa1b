'use client';

import {
  type FocusEvent,
  lazy,
  type PointerEvent,
  type ReactElement,
  Suspense,
  useEffect,
  useState,
} from 'react';
import type { TooltipWords } from './tooltip-popup.tsx';
import { withProps } from './with-props.ts';

const openAfterMs = 350;
const load = () => import('./tooltip-popup.tsx');
const TooltipPopup = lazy(() => load().then((parts) => ({ default: parts.TooltipPopup })));

/**
 * A short explanation on hover and focus. Never the only place where something is said: touch has
 * no hover. The child must spread its props. `<Tooltip text="…"><Button/></Tooltip>` The code that
 * draws it comes when it is first wanted.
 */
export function Tooltip(props: TooltipWords & { readonly children: ReactElement }) {
  const { children, ...words } = props;
  const [hovered, setHovered] = useState<Element | null>(null);
  const [anchor, setAnchor] = useState<Element | null>(null);
  useEffect(() => {
    if (hovered === null) return;
    const timer = setTimeout(() => setAnchor(hovered), openAfterMs);
    return () => clearTimeout(timer);
  }, [hovered]);
  const hide = () => {
    setHovered(null);
    setAnchor(null);
  };
  const child = withProps(children, {
    onPointerEnter: (event: PointerEvent) => {
      if (event.pointerType === 'touch') return;
      void load();
      setHovered(event.currentTarget);
    },
    onPointerLeave: hide,
    onPointerDown: hide,
    onFocus: (event: FocusEvent) => {
      if (event.currentTarget.matches(':focus-visible')) setAnchor(event.currentTarget);
    },
    onBlur: hide,
  });
  return (
    <>
      {child}
      {anchor === null ? null : (
        <Suspense>
          <TooltipPopup {...words} anchor={anchor} onClose={hide} />
        </Suspense>
      )}
    </>
  );
}
