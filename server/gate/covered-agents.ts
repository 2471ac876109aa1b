import { type SQL, sql } from 'drizzle-orm';
import { uuidOf } from '#server/kernel/ids.ts';
import type { PlacedScope } from './contract.ts';
import { isInTree } from './tree-members.ts';

/**
 * Agents that a scope covers, as a condition on `agents a`; sessions and tools may be of any agent. Of a
 * credential those that may take leases of it, or ever did.
 */
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
  if (scope.kind === 'credential') {
    const credential = sql`${uuidOf(scope.id)}::uuid`;
    return sql`(exists (select 1 from credential_holders h where h.tenant_id = a.tenant_id
        and h.credential_id = ${credential} and h.agent_id = a.id)
      or exists (select 1 from leases l where l.tenant_id = a.tenant_id
        and l.credential_id = ${credential} and l.agent_id = a.id))`;
  }
  return sql`true`;
}

/**
 * That an agent `a` goes first out of the stop that stands on a scope, which so long does not cover it: of
 * one kind and name no more than one stands.
 */
export function goesFirst({ kind, id }: PlacedScope): SQL {
  return sql`exists (select 1 from stop_resumptions r
    join stops f on f.tenant_id = r.tenant_id and f.id = r.stop_id
    where r.tenant_id = a.tenant_id and r.agent_id = a.id and r.ended_at is null
      and f.scope_kind = ${kind} and f.scope_id = ${id} and f.state <> 'lifted')`;
}
