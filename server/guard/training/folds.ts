import type { Sample } from '#server/guard/training/contract.ts';

/** What one fit leaves out, and so may be judged by it. */
export interface Fold {
  readonly name: string;
  readonly leavesOut: (sample: Sample) => boolean;
  /** False for corpora that are only left out beside a relative, and judged in a fold of their own. */
  readonly judges: (sample: Sample) => boolean;
}

const isOwn = (corpus: string): boolean => corpus.startsWith('own-');

/** Our own texts go by halves: innocent ones by turns, attacks by style, so that no style is known. */
function halfOf(corpus: string): 'a' | 'b' {
  if (/-[ab]$/.test(corpus)) return corpus.endsWith('a') ? 'a' : 'b';
  let sum = 0;
  for (let at = 0; at < corpus.length; at += 1) sum = (sum * 31 + corpus.charCodeAt(at)) >>> 0;
  return sum % 2 === 0 ? 'a' : 'b';
}

/**
 * One fold for every corpus of others, and two for our own texts. Every text is judged once, by a fit
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
  const halves = (['a', 'b'] as const).map((half): Fold => {
    const isOut = ({ corpus }: Sample) => isOwn(corpus) && halfOf(corpus) === half;
    return { name: `own texts, half ${half}`, leavesOut: isOut, judges: isOut };
  });
  return [...single, ...halves];
}
