'use client';

import { OctagonX } from 'lucide-react';
import { useEffect, type ComponentProps } from 'react';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useDisplaySettings } from '../ui/display-settings-provider.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { useStopControl, type StopWish, warmStopDialog } from './stop-context.tsx';

/** The dialog is fetched this long after the page, so that it is there when the network no longer is. */
const warmAfterMs = 4_000;

/** The button of every page: opens the dialog for what the page is about. */
export function StopButton() {
  const { open, refusal } = useStopControl();
  const { settings } = useDisplaySettings();
  useEffect(() => {
    if (refusal !== null) return undefined;
    const timer = setTimeout(warmStopDialog, warmAfterMs);
    return () => clearTimeout(timer);
  }, [refusal]);
  return (
    <Button
      look="danger"
      disabledReason={refusal}
      onClick={() => open()}
      onPointerEnter={warmStopDialog}
      onFocus={warmStopDialog}
      className="font-semibold"
    >
      <OctagonX aria-hidden />
      Stop
      {settings.keys === 'on' && refusal === null ? (
        <span aria-hidden className="max-sm:hidden pointer-coarse:hidden">
          <Kbd>!</Kbd>
        </span>
      ) : null}
    </Button>
  );
}

/** A stop of one thing from where it is shown: a row, a pane, an alert. */
export function StopThisButton(props: {
  readonly wish: StopWish;
  /** What it would stop: `agent billing-bot`. */
  readonly what: string;
  readonly size?: ComponentProps<typeof Button>['size'];
  /** Draws the icon alone, for a dense row. */
  readonly isIcon?: boolean;
}) {
  const { open, refusal } = useStopControl();
  const common = {
    disabledReason: refusal,
    onClick: () => open(props.wish),
    onPointerEnter: warmStopDialog,
    onFocus: warmStopDialog,
  } as const;
  if (props.isIcon === true) {
    return (
      <IconButton {...common} label={`Stop ${props.what}…`} size="sm" className="text-critical">
        <OctagonX aria-hidden />
      </IconButton>
    );
  }
  return (
    <Button {...common} look="danger" size={props.size}>
      <OctagonX aria-hidden />
      Stop {props.what}…
    </Button>
  );
}
