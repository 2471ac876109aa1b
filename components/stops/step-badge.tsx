import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CircleSlash,
  CircleX,
  type LucideIcon,
  KeyRound,
  MailCheck,
  Unplug,
} from 'lucide-react';
import type { LadderStep } from '#server/containment/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';

/** Only quiet and cut are green: whoever has merely acknowledged may still be running. */
const looks: Readonly<
  Record<LadderStep, { readonly word: string; readonly tone: BadgeTone; readonly Icon: LucideIcon }>
> = {
  quiet: { word: 'quiet', tone: 'ok', Icon: CircleCheck },
  cut: { word: 'credentials cut', tone: 'ok', Icon: KeyRound },
  acknowledged: { word: 'acknowledged', tone: 'accent', Icon: CircleDot },
  delivered: { word: 'delivered', tone: 'neutral', Icon: MailCheck },
  requested: { word: 'requested', tone: 'neutral', Icon: CircleDashed },
  unconfirmed: { word: 'unconfirmed', tone: 'warn', Icon: CircleHelp },
  not_capable: { word: 'not capable', tone: 'warn', Icon: CircleSlash },
  unreachable: { word: 'unreachable', tone: 'danger', Icon: Unplug },
  refused: { word: 'refused', tone: 'danger', Icon: CircleX },
};

/** How far the stop of one instance is proven. */
export function StepBadge({ step }: { readonly step: LadderStep }) {
  const { word, tone, Icon } = looks[step];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}
