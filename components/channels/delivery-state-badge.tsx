import { Check, CircleHelp, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DeliveryState } from '#server/notifications/states/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';

/** Words, tone and shape of each state of a delivery. */
export const deliveryLooks: Readonly<
  Record<
    DeliveryState,
    { readonly word: string; readonly tone: BadgeTone; readonly icon: ReactNode }
  >
> = {
  unconfirmed: { word: 'unconfirmed', tone: 'warn', icon: <CircleHelp aria-hidden /> },
  confirmed: { word: 'confirmed', tone: 'ok', icon: <Check aria-hidden /> },
  dead: { word: 'given up', tone: 'danger', icon: <X aria-hidden /> },
};

/** Whether the receiver has taken a delivery. */
export function DeliveryStateBadge({ state }: { readonly state: DeliveryState }) {
  const { word, tone, icon } = deliveryLooks[state];
  return (
    <Badge tone={tone}>
      {icon}
      {word}
    </Badge>
  );
}
