'use client';

import { useQueries } from '@tanstack/react-query';
import type { Enforcement } from '#server/containment/contract.ts';
import { useTRPC } from '../trpc/client.ts';

/** Agents asked for at once; longer lists are asked for in parts. */
const partMax = 100;

/** How surely each of these agents can be stopped, by id; null for one that is not known (yet). */
export function useEnforcement(
  agentIds: readonly string[],
): (agentId: string) => Enforcement | null {
  const trpc = useTRPC();
  const parts = Array.from({ length: Math.ceil(agentIds.length / partMax) }, (_, part) =>
    agentIds.slice(part * partMax, (part + 1) * partMax),
  );
  const answers = useQueries({
    queries: parts.map((ids) => trpc.stops.enforcement.queryOptions({ agentIds: ids })),
  });
  return (agentId) => {
    for (const { data } of answers) {
      const found = data?.[agentId];
      if (found !== undefined) return found;
    }
    return null;
  };
}
