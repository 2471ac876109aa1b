import type { EffectClass } from '#server/agents/contract.ts';
import type { BadgeTone } from '../ui/badge.tsx';

/** How each effect class is called, drawn and explained. */
export const effectWords: Readonly<
  Record<EffectClass, { readonly word: string; readonly tone: BadgeTone; readonly means: string }>
> = {
  read: { word: 'read', tone: 'neutral', means: 'Only reads; changes nothing anywhere.' },
  write: { word: 'write', tone: 'accent', means: 'Changes data of your own.' },
  destructive: { word: 'destructive', tone: 'danger', means: 'Deletes or breaks something.' },
  outbound: { word: 'outbound', tone: 'foreign', means: 'Lets something out of the house.' },
  money: { word: 'money', tone: 'warn', means: 'Moves money.' },
};
