import { type SQL, sql } from 'drizzle-orm';
import type { HoldingFilter } from '#server/credentials/read-holdings.ts';
import type { PlacedScope } from '#server/gate/contract.ts';
import { isInTree } from '#server/gate/tree-members.ts';
import { uuidOf } from '#server/kernel/ids.ts';

/** Agents that a scope covers, as a condition on `agents a`; sessions and tools may be of any agent. */
export function coveredAgents(stop: {
  readonly scope: PlacedScope;
  /** Whoever came into a tree later is not covered; null: whoever is in it now. */
  readonly liftedAt: string | null;
}): SQL {
  const { scope, liftedAt } = stop;
  if (scope.kind === 'tree') {
    const root = sql`${uuidOf(scope.id)}::uuid`;
    const until = sql`${liftedAt}::timestamptz`;
    return isInTree({ tenant: sql`a.tenant_id`, agent: sql`a.id`, root, until });
  }
  if (scope.kind === 'agent') return sql`a.id = ${uuidOf(scope.id)}::uuid`;
  if (scope.kind === 'environment') return sql`a.environment = ${scope.id}`;
  return sql`true`;
}

/** Which of those agents' credentials a scope covers. */
export function coveredHoldings({ scope }: { readonly scope: PlacedScope }): HoldingFilter {
  if (scope.kind === 'tool') return { tool: scope.id };
  if (scope.kind === 'credential') return { credentialId: scope.id };
  return scope.kind === 'session' ? { sessionId: scope.id } : {};
}
