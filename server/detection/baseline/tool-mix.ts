import { z } from 'zod';

/** How much of an agent's recent and of its longer past one tool is; `at` is when it was weighed. */
export const shareSchema = z.object({
  recent: z.number().nonnegative(),
  usual: z.number().nonnegative(),
  /** The agent's calls when the weights were true. */
  at: z.number().int().nonnegative(),
});
export type ToolShare = z.infer<typeof shareSchema>;

/** Calls over which a weight falls to 1/e: what is recent, and what is usual. */
const recentCalls = 100;
const usualCalls = 2000;

export function noShare(at: number): ToolShare {
  return { recent: 0, usual: 0, at };
}

/** Counts a call of the tool, which is the agent's `calls`-th. */
export function noteShare(share: ToolShare, calls: number): void {
  Object.assign(share, faded(share, calls));
  share.recent += 1;
  share.usual += 1;
}

/** Weights fade with every call of the agent, and are brought up to date when they are looked at. */
function faded({ recent, usual, at }: ToolShare, calls: number): ToolShare {
  return {
    recent: recent * Math.exp((at - calls) / recentCalls),
    usual: usual * Math.exp((at - calls) / usualCalls),
    at: calls,
  };
}

/**
 * Jensen–Shannon divergence of the recent mix of tools from the usual one, in bits: 0 when they are
 * alike, 1 when no tool of one occurs in the other. Symmetric and finite, unlike relative entropy.
 */
export function divergenceOf(shares: Iterable<ToolShare>, calls: number): number {
  const weights = [...shares].map((share) => faded(share, calls));
  const recentAll = weights.reduce((sum, { recent }) => sum + recent, 0);
  const usualAll = weights.reduce((sum, { usual }) => sum + usual, 0);
  if (recentAll === 0 || usualAll === 0) return 0;
  let bits = 0;
  for (const weight of weights) {
    const recent = weight.recent / recentAll;
    const usual = weight.usual / usualAll;
    const middle = (recent + usual) / 2;
    if (recent > 0) bits += (recent / 2) * Math.log2(recent / middle);
    if (usual > 0) bits += (usual / 2) * Math.log2(usual / middle);
  }
  return Math.min(1, Math.max(0, bits));
}
