'use client';

import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Instant, useTimeZone } from '../ui/relative-time.tsx';
import { prepareSnooze } from './prepare-snooze.ts';

/** One press sets aside; what brings the alert back stands on the button. */
const choiceLook =
  'flex w-full items-baseline justify-between gap-4 rounded border border-line px-3 py-2 text-left hover:bg-ink/4';

/** Until when, or until what, alerts are set aside. Each choice is pressed once. */
export function SetAsideForm(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly onSnooze: (until: string) => void;
  readonly onArchive: () => void;
}) {
  const zone = useTimeZone();
  const [choices] = useState(() => prepareSnooze(Date.now(), zone));
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      title="Set aside"
      description={props.title}
      footer={
        <Button look="quiet" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <div className="flex flex-col gap-1.5">
        {choices.map(({ name, until }) => (
          <button
            key={name}
            type="button"
            className={choiceLook}
            onClick={() => props.onSnooze(until)}
          >
            <span className="font-medium">{name}</span>
            <Instant at={until} part="minute" className="text-xs text-ink-muted tabular-nums" />
          </button>
        ))}
        <button type="button" className={choiceLook} onClick={props.onArchive}>
          <span className="font-medium">Until it escalates</span>
          <span className="text-xs text-ink-muted">twice the events, at least ten more</span>
        </button>
        <p className="mt-1.5 text-xs text-pretty text-ink-muted">
          A snoozed alert comes back by itself. What is set aside still grows, and still counts for
          the risk of what its agent asks to do. Matches after its window open a new alert.
        </p>
      </div>
    </Dialog>
  );
}
