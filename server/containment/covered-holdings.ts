import type { HoldingFilter } from '#server/credentials/read-holdings.ts';
import type { PlacedScope } from '#server/gate/contract.ts';

/** Which credentials of the agents under a stop its scope covers. */
export function coveredHoldings({ scope }: { readonly scope: PlacedScope }): HoldingFilter {
  if (scope.kind === 'tool') return { tool: scope.id };
  if (scope.kind === 'credential') return { credentialId: scope.id };
  return scope.kind === 'session' ? { sessionId: scope.id } : {};
}
