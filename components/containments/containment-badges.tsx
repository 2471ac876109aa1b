import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  Hourglass,
  LockOpen,
  type LucideIcon,
  UserRoundCheck,
} from 'lucide-react';
import type { ContainmentState, ItemState } from '#server/containment/contain/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';

interface Look {
  readonly word: string;
  readonly tone: BadgeTone;
  readonly Icon: LucideIcon;
}

/** Green only for proof of every item. */
const stateLooks: Readonly<Record<ContainmentState, Look>> = {
  working: { word: 'being contained', tone: 'accent', Icon: Hourglass },
  person: { word: 'waits for a person', tone: 'warn', Icon: UserRoundCheck },
  contained: { word: 'contained, proven', tone: 'ok', Icon: CircleCheck },
  unproven: { word: 'not all proven', tone: 'warn', Icon: CircleHelp },
  released: { word: 'released', tone: 'neutral', Icon: LockOpen },
};

const itemLooks: Readonly<Record<ItemState, Look>> = {
  waiting: { word: 'waiting', tone: 'neutral', Icon: CircleDashed },
  person: { word: 'needs a person', tone: 'warn', Icon: UserRoundCheck },
  requested: { word: 'requested', tone: 'accent', Icon: Hourglass },
  confirmed: { word: 'proven', tone: 'ok', Icon: CircleCheck },
  failed: { word: 'failed', tone: 'danger', Icon: CircleX },
  unverifiable: { word: 'unproven', tone: 'warn', Icon: CircleHelp },
  undone: { word: 'undone', tone: 'danger', Icon: CircleX },
};

function LookBadge({ look }: { readonly look: Look }) {
  const { word, tone, Icon } = look;
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  );
}

/** How a containment stands as a whole. */
export function ContainmentBadge({ state }: { readonly state: ContainmentState }) {
  return <LookBadge look={stateLooks[state]} />;
}

/** How far one of its items is proven. */
export function ItemBadge({ state }: { readonly state: ItemState }) {
  return <LookBadge look={itemLooks[state]} />;
}
