import {
  Eye,
  KeyRound,
  type LucideIcon,
  MessageCircleQuestion,
  PlugZap,
  ShieldCheck,
} from 'lucide-react';
import type { Enforcement, EnforcementClass } from '#server/containment/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { enforcementWords, formatBound } from './enforcement-words.ts';

const looks: Readonly<
  Record<EnforcementClass, { readonly tone: BadgeTone; readonly Icon: LucideIcon }>
> = {
  observed: { tone: 'warn', Icon: Eye },
  asks: { tone: 'neutral', Icon: MessageCircleQuestion },
  leased: { tone: 'neutral', Icon: KeyRound },
  connected: { tone: 'accent', Icon: PlugZap },
  gated: { tone: 'ok', Icon: ShieldCheck },
};

/** How surely an agent can be stopped, in a word. */
export function EnforcementClassBadge({ name }: { readonly name: EnforcementClass }) {
  const { tone, Icon } = looks[name];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {enforcementWords[name].word}
    </Badge>
  );
}

/** The class with its bound: `connected, within 5 s`. */
export function EnforcementBadge({
  enforcement,
}: {
  readonly enforcement: Pick<Enforcement, 'class' | 'boundSeconds'>;
}) {
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 whitespace-nowrap">
      <EnforcementClassBadge name={enforcement.class} />
      <span
        className={
          enforcement.boundSeconds === null ? 'truncate text-medium' : 'truncate text-ink-muted'
        }
      >
        {formatBound(enforcement.boundSeconds)}
      </span>
    </span>
  );
}
