'use client';

import { Ban, CircleDashed, CircleDot, CircleOff, type LucideIcon, Moon } from 'lucide-react';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { useClock } from '../ui/use-clock.ts';
import { type Presence, presenceOf } from './prepare-presence.ts';

const looks: Readonly<
  Record<Presence, { readonly word: string; readonly tone: BadgeTone; readonly Icon: LucideIcon }>
> = {
  reporting: { word: 'reporting', tone: 'ok', Icon: CircleDot },
  quiet: { word: 'quiet', tone: 'neutral', Icon: Moon },
  silent: { word: 'silent', tone: 'warn', Icon: CircleOff },
  never: { word: 'never heard', tone: 'neutral', Icon: CircleDashed },
};

/** Whether an agent may act, and else whether it has been heard of lately. */
export function PresenceBadge(props: {
  readonly state: 'active' | 'disabled';
  readonly lastSeenAt: string | null;
}) {
  const presence = useClock((nowMs) => presenceOf(props.lastSeenAt, nowMs));
  if (props.state === 'disabled') {
    return (
      <Badge tone="danger">
        <Ban aria-hidden />
        disabled
      </Badge>
    );
  }
  const { word, tone, Icon } = looks[presence];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}
