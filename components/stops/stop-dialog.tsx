'use client';

import { useRef, useState } from 'react';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { DialogPopup } from '../ui/dialog-popup.tsx';
import { ChoicePills } from './choice-pills.tsx';
import { HoldButton } from './hold-button.tsx';
import { AnswerLine, PlacedAnswer } from './placed-answer.tsx';
import { ScopeChoice } from './scope-choice.tsx';
import type { StopWish } from './stop-context.tsx';
import { StopPreviewPanel } from './stop-preview.tsx';
import {
  type OfferedLevel,
  offeredLevels,
  type StopReason,
  stopReasons,
  wordsOfLevel,
} from './stop-words.ts';
import { toScope } from './suggest-scope.ts';
import { usePlaceStop } from './use-place-stop.ts';

/** How far the stop goes; what the chosen level does and cannot do stands right below, before the press. */
function LevelChoice(props: {
  readonly level: OfferedLevel;
  readonly onChange: (level: OfferedLevel) => void;
}) {
  const { does, cannot } = wordsOfLevel(props.level);
  return (
    <div className="flex flex-col gap-1.5">
      <ChoicePills
        legend="How far"
        name="stop-level"
        value={`${props.level}`}
        options={offeredLevels.map((level) => ({
          value: `${level}` as const,
          label: `${level} · ${wordsOfLevel(level).word}`,
        }))}
        onChange={(level) => props.onChange(Number(level) as OfferedLevel)}
      />
      <p className="text-xs">{does}</p>
      <p className="text-xs text-ink-muted">{cannot}</p>
    </div>
  );
}

/** What is said when the press came to nothing, or when nobody can know what it came to. */
function Failure({ error }: { readonly error: unknown }) {
  const problem = readProblem(error);
  return (
    <p role="alert" className="rounded border border-critical/45 bg-critical/10 px-3 py-2 text-sm">
      {problem.requestId === null
        ? 'The answer did not come back, so it is unknown whether the stop stands. Hold again: a second press changes nothing.'
        : `Not stopped: ${problem.sentence}`}
    </p>
  );
}

/**
 * The stop dialog: what, how far, why, what it would reach, and the button that is held. Opening it
 * stops nothing. The focus starts on that button, so that by keyboard too it is open and hold.
 */
export function StopDialog(props: {
  readonly tenant: string;
  readonly wish: StopWish;
  readonly onClose: () => void;
}) {
  const [draft, setDraft] = useState(props.wish.scope);
  const [level, setLevel] = useState<OfferedLevel>(2);
  const [reason, setReason] = useState<StopReason>(props.wish.reason ?? stopReasons[0]);
  const holdRef = useRef<HTMLButtonElement>(null);
  const place = usePlaceStop();
  const scope = toScope(draft);
  const placed = place.data;
  return (
    <DialogPopup
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      title={placed === undefined ? 'Stop agents' : 'Stop'}
      description={
        placed === undefined ? 'Nothing is stopped until you hold the button.' : undefined
      }
      initialFocus={holdRef}
      className="top-[6vh] max-h-[88vh] w-[min(42rem,calc(100vw-1rem))] max-sm:top-2 max-sm:max-h-[calc(100dvh-1rem)]"
      footer={
        placed === undefined ? (
          <div className="flex-1">
            <HoldButton
              ref={holdRef}
              label={place.isError ? 'Hold to try again' : 'Hold to stop'}
              disabledReason={
                place.isPending
                  ? 'Waiting for the answer.'
                  : scope === null
                    ? 'Choose what to stop first.'
                    : null
              }
              onHeld={() => {
                if (scope !== null) place.mutate({ scope, level, reason });
              }}
            />
          </div>
        ) : (
          <Button onClick={props.onClose}>Close</Button>
        )
      }
    >
      {placed === undefined ? (
        <div className="flex flex-col gap-4">
          {place.isError ? <Failure error={place.error} /> : null}
          {place.isPending ? (
            <ol aria-live="polite">
              <AnswerLine mark="waiting">
                Requested. It is confirmed when what was being granted at this instant is over.
              </AnswerLine>
            </ol>
          ) : null}
          <ScopeChoice draft={draft} onChange={setDraft} />
          <StopPreviewPanel scope={scope} />
          <LevelChoice level={level} onChange={setLevel} />
          <ChoicePills
            legend="Why (more can be said afterwards)"
            name="stop-reason"
            value={reason}
            options={stopReasons.map((text) => ({ value: text, label: text }))}
            onChange={setReason}
          />
        </div>
      ) : (
        <PlacedAnswer
          tenant={props.tenant}
          stopId={placed.id}
          isChanged={placed.changed}
          onGo={props.onClose}
        />
      )}
    </DialogPopup>
  );
}
