import { CircleCheck, CircleDashed, CircleHelp, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ReceivedOutcome } from '#server/notifications/receive/states/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';

/** Words, tone and shape of each outcome. Green only for proof. */
const outcomeLooks: Readonly<
  Record<
    ReceivedOutcome,
    { readonly word: string; readonly tone: BadgeTone; readonly icon: ReactNode }
  >
> = {
  confirmed: { word: 'confirmed', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  requested: { word: 'requested', tone: 'accent', icon: <CircleDashed aria-hidden /> },
  nothing: { word: 'nothing done', tone: 'neutral', icon: <Minus aria-hidden /> },
  not_understood: { word: 'not understood', tone: 'warn', icon: <CircleHelp aria-hidden /> },
};

/** What a received event came to. */
export function ReceivedOutcomeBadge({ outcome }: { readonly outcome: ReceivedOutcome }) {
  const { word, tone, icon } = outcomeLooks[outcome];
  return (
    <Badge tone={tone}>
      {icon}
      {word}
    </Badge>
  );
}
