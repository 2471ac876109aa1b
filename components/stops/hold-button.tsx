'use client';

import { OctagonX } from 'lucide-react';
import { useEffect, useId, useState, type Ref } from 'react';
import { classNames } from '../ui/class-names.ts';
import { createHold, holdMs, holdSteps } from './create-hold.ts';

const holdKeys = new Set(['Enter', ' ']);
const holdSeconds = holdMs / 1000;

function useHold() {
  const [step, setStep] = useState<number | null>(null);
  const [hold] = useState(createHold);
  useEffect(() => {
    // Whoever goes to another window while pressing has let go of this one.
    window.addEventListener('blur', hold.cancel);
    document.addEventListener('visibilitychange', hold.cancel);
    return () => {
      hold.cancel();
      window.removeEventListener('blur', hold.cancel);
      document.removeEventListener('visibilitychange', hold.cancel);
    };
  }, [hold]);
  return { step, hold, setStep };
}

/** How much of the time has passed: flowing, or in steps where motion is reduced. Step -1 is none. */
function Progress({ step }: { readonly step: number }) {
  const look = 'absolute inset-0 origin-left bg-critical/30';
  return (
    <>
      <span
        aria-hidden
        className={classNames(look, 'transition-transform ease-linear motion-reduce:hidden')}
        style={{
          transform: `scaleX(${(step + 1) / holdSteps})`,
          transitionDuration: `${holdMs / holdSteps}ms`,
        }}
      />
      <span
        aria-hidden
        className={classNames(look, 'hidden motion-reduce:block')}
        style={{ transform: `scaleX(${Math.max(0, step) / holdSteps})` }}
      />
    </>
  );
}

/**
 * The second of two steps: pressed for a second and a half, by pointer or by Space or Enter, with the
 * time that passes drawn in it. Let go early it does nothing. A key that was already down when the
 * button got the focus does not count, so whatever opened the dialog can never run through it.
 */
export function HoldButton({
  ref,
  ...props
}: {
  readonly label: string;
  readonly onHeld: () => void;
  /** Why it cannot be pressed now; null when it can. */
  readonly disabledReason?: string | null;
  readonly ref?: Ref<HTMLButtonElement>;
}) {
  const { step, hold, setStep } = useHold();
  const hintId = useId();
  const isRefused = (props.disabledReason ?? null) !== null;
  const press = (by: string) => {
    if (!isRefused) hold.press(by, { onStep: setStep, onHeld: props.onHeld });
  };
  return (
    <div className="flex flex-col gap-1.5">
      <button
        ref={ref}
        type="button"
        aria-disabled={isRefused || undefined}
        aria-describedby={hintId}
        data-held={step !== null || undefined}
        onPointerDown={(event) => {
          if (event.isPrimary && event.button === 0) press('pointer');
        }}
        onPointerUp={() => hold.release('pointer')}
        onPointerLeave={() => hold.release('pointer')}
        onPointerCancel={() => hold.release('pointer')}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (!holdKeys.has(event.key)) return;
          event.preventDefault();
          if (!event.repeat) press(event.key);
        }}
        onKeyUp={(event) => {
          if (!holdKeys.has(event.key)) return;
          event.preventDefault();
          hold.release(event.key);
        }}
        onBlur={() => hold.cancel()}
        className={classNames(
          'relative flex h-12 w-full touch-none items-center justify-center gap-2 overflow-hidden rounded border px-4 text-md font-semibold select-none',
          isRefused
            ? 'cursor-not-allowed border-line bg-sunken text-ink-faint'
            : 'border-critical bg-critical/14 text-critical hover:bg-critical/20',
        )}
      >
        <Progress step={step ?? -1} />
        <OctagonX aria-hidden className="relative size-4.5 shrink-0" />
        <span className="relative">{step === null ? props.label : 'Keep holding…'}</span>
        {step === null ? null : (
          <span aria-hidden className="relative tabular-nums">
            {(holdSeconds - (step * holdSeconds) / holdSteps).toFixed(1)} s
          </span>
        )}
      </button>
      <p id={hintId} className="text-center text-xs text-ink-muted">
        {props.disabledReason ??
          `Hold for ${holdSeconds} seconds, or hold Space or Enter. Letting go early does nothing.`}
      </p>
    </div>
  );
}
