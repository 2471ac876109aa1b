import type { ApprovalState } from '#server/approvals/contract.ts';
import type { BadgeTone } from '../ui/badge.tsx';

/** How each state of a request is called and drawn. */
export const approvalWords: Readonly<
  Record<ApprovalState, { readonly word: string; readonly tone: BadgeTone }>
> = {
  pending: { word: 'waiting', tone: 'accent' },
  frozen: { word: 'frozen by a stop', tone: 'warn' },
  approved: { word: 'approved', tone: 'neutral' },
  denied: { word: 'denied', tone: 'neutral' },
  expired: { word: 'expired', tone: 'neutral' },
  cancelled: { word: 'cancelled', tone: 'neutral' },
  superseded: { word: 'replaced', tone: 'neutral' },
  invalidated: { word: 'no longer valid', tone: 'neutral' },
};
