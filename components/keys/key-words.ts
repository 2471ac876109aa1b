import type { KeyRow } from '#server/auth/contract.ts';
import type { BadgeTone } from '../ui/badge.tsx';

/** How each state of a key is called and drawn. */
export const keyStateWords: Readonly<
  Record<KeyRow['state'], { readonly word: string; readonly tone: BadgeTone }>
> = {
  live: { word: 'live', tone: 'ok' },
  revoked: { word: 'revoked', tone: 'neutral' },
  expired: { word: 'expired', tone: 'warn' },
};
