import { type SQL, sql } from 'drizzle-orm';

/**
 * Stands among an agent's ancestors where it has more of them than are kept
 * (`limits.agentAncestorsMax`): in whose tree it is cannot be told then, so every tree's stop covers
 * it. Its own descendants inherit it as they do any ancestor.
 */
export const anyAncestor = '00000000-0000-0000-0000-000000000000';

/**
 * That an agent is in the tree of a root, as SQL over columns or parameters of type uuid. `until`: had
 * come into it before that instant, null for one that has not come yet.
 */
export function isInTree(part: {
  readonly tenant: SQL;
  readonly agent: SQL;
  readonly root: SQL;
  readonly until: SQL;
}): SQL {
  return sql`(${part.agent} = ${part.root} or exists (select 1 from agent_ancestors up
    where up.tenant_id = ${part.tenant} and up.agent_id = ${part.agent}
      and up.ancestor_id in (${part.root}, ${anyAncestor}::uuid)
      and (${part.until} is null or up.at < ${part.until})))`;
}
