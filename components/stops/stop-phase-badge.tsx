'use client';

import { CircleCheck, Hourglass, OctagonX, Timer, type LucideIcon } from 'lucide-react';
import type { Stop } from '#server/gate/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { useClock } from '../ui/use-clock.ts';
import { phaseOf, type StopPhase } from './stop-words.ts';

const looks: Readonly<
  Record<StopPhase, { readonly word: string; readonly tone: BadgeTone; readonly Icon: LucideIcon }>
> = {
  draining: { word: 'draining', tone: 'warn', Icon: Hourglass },
  standing: { word: 'in force', tone: 'danger', Icon: OctagonX },
  lifting: { word: 'in force, lift ahead', tone: 'danger', Icon: Timer },
  lifted: { word: 'lifted', tone: 'neutral', Icon: CircleCheck },
};

/** Where the stop stands now; it changes by itself when a lift comes into effect. */
export function useStopPhase(stop: Pick<Stop, 'state' | 'acknowledgedAt' | 'liftedAt'>): StopPhase {
  return useClock((nowMs) => phaseOf(stop, nowMs));
}

/** The same, in a word. */
export function StopPhaseBadge(props: {
  readonly stop: Pick<Stop, 'state' | 'acknowledgedAt' | 'liftedAt'>;
}) {
  const { word, tone, Icon } = looks[useStopPhase(props.stop)];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}
