import {
  CircleCheck,
  CircleHelp,
  Eye,
  type LucideIcon,
  OctagonX,
  TriangleAlert,
} from 'lucide-react';
import type { Resumption } from '#server/containment/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { verdictWords } from './resumption-words.ts';

const looks: Readonly<
  Record<Resumption['verdict'], { readonly tone: BadgeTone; readonly Icon: LucideIcon }>
> = {
  watching: { tone: 'accent', Icon: Eye },
  clean: { tone: 'ok', Icon: CircleCheck },
  silent: { tone: 'warn', Icon: CircleHelp },
  alerted: { tone: 'danger', Icon: TriangleAlert },
  held: { tone: 'neutral', Icon: OctagonX },
};

/** What the watch of an agent that went first has found. */
export function VerdictBadge({ verdict }: { readonly verdict: Resumption['verdict'] }) {
  const { tone, Icon } = looks[verdict];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {verdictWords[verdict].word}
    </Badge>
  );
}
