'use client';

import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  startTransition,
  Suspense,
  useState,
} from 'react';
import { withProps } from './with-props.ts';

/**
 * A button whose popup's code is fetched when somebody first points at it, and which becomes the
 * library's own trigger, open, when it is first pressed. Popups are half of the kit's weight and on
 * most visits nobody opens one. The button stays as it is until the popup can be drawn.
 * @param load fetches the code of `children`, which is drawn once wanted and holds the real trigger
 */
export function OnDemandPopup(props: {
  readonly trigger: ReactElement;
  readonly kind: 'menu' | 'dialog';
  /** Opened from outside: wanted without a press. */
  readonly isOpen?: boolean;
  readonly onOpen?: () => void;
  readonly load: () => Promise<unknown>;
  readonly children: ReactNode;
}) {
  const [isWanted, setIsWanted] = useState(props.isOpen ?? false);
  if (props.isOpen === true && !isWanted) setIsWanted(true);
  const open = () => {
    startTransition(() => setIsWanted(true));
    props.onOpen?.();
  };
  const fetchAhead = () => void props.load();
  const standIn = withProps(props.trigger, {
    'aria-haspopup': props.kind,
    'aria-expanded': false,
    onClick: open,
    onPointerEnter: fetchAhead,
    onFocus: fetchAhead,
    onKeyDown: (event: KeyboardEvent) => {
      if (props.kind !== 'menu' || event.key !== 'ArrowDown') return;
      event.preventDefault();
      open();
    },
  });
  return <Suspense fallback={standIn}>{isWanted ? props.children : standIn}</Suspense>;
}
