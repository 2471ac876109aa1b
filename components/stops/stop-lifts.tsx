'use client';

import { LockOpen, UserCheck, UserRound } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { StopDetail } from '#server/containment/contract.ts';
import { Button } from '../ui/button.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { prepareLifts } from './prepare-lifts.ts';
import { useStopPhase } from './stop-phase-badge.tsx';
import { phaseRefusal } from './stop-words.ts';

// Comes when somebody is about to lift.
const LiftForm = dynamic(() => import('./lift-form.tsx').then((parts) => parts.LiftForm), {
  loading: () => null,
});

/** What this person may do about lifts, and the bounds that the screen tells. */
export interface LiftRules {
  readonly me: string;
  /** Why this person may not lift; null when they may. */
  readonly refusal: string | null;
  readonly reasonCharsMax: number;
  /** A request counts for this long. */
  readonly pairMinutes: number;
  /** One agent that goes first is watched for this long. */
  readonly watchMinutes: number;
}

function Requests({ stop }: { readonly stop: StopDetail }) {
  if (stop.lifts.length === 0) return null;
  return (
    <ol className="flex flex-col gap-1.5 text-sm">
      {stop.lifts.map((lift) => (
        <li key={`${lift.by} ${lift.at}`} className="flex items-baseline gap-2">
          {lift.isCounted ? (
            <UserCheck aria-hidden className="size-3.5 shrink-0 self-center text-accent" />
          ) : (
            <UserRound aria-hidden className="size-3.5 shrink-0 self-center text-ink-faint" />
          )}
          <span className={lift.isCounted ? '' : 'text-ink-faint'}>
            <span className="font-medium">{lift.by}</span> asked <RelativeTime at={lift.at} />
            {lift.isCounted ? '' : ' – does not count'}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Who has asked for the lift, who is still needed, and the way to ask. */
export function StopLifts(props: { readonly stop: StopDetail; readonly rules: LiftRules }) {
  const { stop, rules } = props;
  const [isOpen, setIsOpen] = useState(false);
  const phase = useStopPhase(stop);
  const state = prepareLifts(stop, rules.me, rules.refusal ?? phaseRefusal(phase));
  if (phase === 'lifted') {
    return (
      <div className="flex flex-col gap-2">
        <p className="text-sm">
          Lifted{stop.liftedAt === null ? '' : ' '}
          {stop.liftedAt === null ? null : <Instant at={stop.liftedAt} part="second" />}. Permits
          from before the stop stay dead.
        </p>
        <Requests stop={stop} />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {phase === 'lifting' && stop.liftedAt !== null ? (
        <p className="rounded border border-medium/45 bg-medium/10 px-3 py-2 text-sm">
          Lifted from the host’s command line: it takes effect at{' '}
          <Instant at={stop.liftedAt} part="second" /> (<RelativeTime at={stop.liftedAt} />
          ). The stop is in force until then. Whoever objects stops the same again: that takes the
          lift back.
        </p>
      ) : null}
      <p className="text-sm text-ink-muted">
        {state.sentence}
        {stop.liftsNeeded > 1
          ? ` A request counts for ${rules.pairMinutes} minutes; then it has to be made again.`
          : ''}
      </p>
      <Requests stop={stop} />
      <div>
        <Button disabledReason={state.disabledReason} onClick={() => setIsOpen(true)}>
          <LockOpen aria-hidden />
          {state.deed}…
        </Button>
      </div>
      {isOpen ? (
        <LiftForm stop={stop} rules={rules} deed={state.deed} onClose={() => setIsOpen(false)} />
      ) : null}
    </div>
  );
}
