import type { Sample } from '#server/guard/training/contract.ts';

/** What one fit leaves out, and so may be judged by it. */
export interface Fold {
  readonly name: string;
  readonly leavesOut: (sample: Sample) => boolean;
  /** False for corpora that are only left out beside a relative, and judged in a fold of their own. */
  readonly judges: (sample: Sample) => boolean;
}

const isOwn = (corpus: string): boolean => corpus.startsWith('own-');

/** Our own texts go by quarters: innocent ones by turns, attacks by style, so that no style is known. */
export const quarters = ['a', 'b', 'c', 'd'] as const;

function quarterOf(corpus: string): (typeof quarters)[number] {
  const named = quarters.find((quarter) => corpus.endsWith(`-${quarter}`));
  let sum = 0;
  for (let at = 0; at < corpus.length; at += 1) sum = (sum * 31 + corpus.charCodeAt(at)) >>> 0;
  return named ?? quarters[sum % quarters.length] ?? 'a';
}

/**
 * One fold for every corpus of others, and four for our own texts. Every text is judged once, by a fit
 * that saw nothing of its corpus. AgentDojo and AgentDyn share a template, so each is left out with the
 * other as well.
 */
export function foldsOf(samples: readonly Sample[]): Fold[] {
  const corpora = [...new Set(samples.map(({ corpus }) => corpus))].filter((name) => !isOwn(name));
  const twins = ['agentdojo', 'agentdyn'];
  const single = corpora.map((name): Fold => {
    const out = twins.includes(name) ? twins : [name];
    return {
      name,
      leavesOut: ({ corpus }) => out.includes(corpus),
      judges: ({ corpus }) => corpus === name,
    };
  });
  const own = quarters.map((quarter): Fold => {
    const isOut = ({ corpus }: Sample) => isOwn(corpus) && quarterOf(corpus) === quarter;
    return { name: `own texts, quarter ${quarter}`, leavesOut: isOut, judges: isOut };
  });
  return [...single, ...own];
}
