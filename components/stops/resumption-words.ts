import type { Resumption } from '#server/containment/contract.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';

/** What the watch of an agent that went first has found, and what to make of it. */
export const verdictWords: Readonly<
  Record<Resumption['verdict'], { readonly word: string; readonly means: string }>
> = {
  watching: { word: 'watched', means: 'The first grave alert of it holds it again.' },
  clean: {
    word: 'nothing found',
    means:
      'It worked through its watch without a grave alert. The others may follow: lift the stop.',
  },
  silent: {
    word: 'nothing heard',
    means: 'Nothing was heard of it in its watch, which says nothing about it.',
  },
  alerted: { word: 'alert', means: 'A grave alert of it came.' },
  held: { word: 'held again', means: 'The stop covers it again.' },
};

/** What an agent did since it went first, in figures. */
export function workSentence(
  work: Pick<Resumption, 'allowed' | 'held' | 'denied' | 'alerts' | 'graveAlerts'>,
): string {
  const asked = work.allowed + work.held + work.denied;
  const asks =
    asked === 0
      ? 'Asked for nothing'
      : `Asked ${formatCounted(asked, 'time', 'times')}: ${formatCount(work.allowed)} allowed, ${formatCount(work.held)} held, ${formatCount(work.denied)} denied`;
  if (work.alerts === 0) return `${asks}. No alert.`;
  const grave = work.graveAlerts === 0 ? 'none' : formatCount(work.graveAlerts);
  return `${asks}. ${formatCounted(work.alerts, 'alert', 'alerts')}, ${grave} of high severity or worse.`;
}
