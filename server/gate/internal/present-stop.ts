import { sql } from 'drizzle-orm';
import { stops } from '#db/schema/gate.ts';
import { idOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Stop } from '../contract.ts';
import { anyAncestor } from '../tree-members.ts';

/** Columns of a stop as it is shown. */
export const stopColumns = {
  id: stops.id,
  scopeKind: stops.scopeKind,
  scopeId: stops.scopeId,
  scopeLabel: stops.scopeLabel,
  level: stops.level,
  reason: stops.reason,
  state: stops.state,
  epoch: stops.epoch,
  placedByType: stops.placedByType,
  placedBy: stops.placedByLabel,
  placedAt: stops.placedAt,
  acknowledgedAt: stops.acknowledgedAt,
  liftedAt: stops.liftedAt,
  /** Of a tree: the root and its descendants, uuids; null for other scopes. */
  members: sql<string[] | null>`case when ${stops.treeRootId} is not null then array(
    select ${stops.treeRootId} union all (select up.agent_id from agent_ancestors up
      where up.tenant_id = ${stops.tenantId} and up.ancestor_id in (${stops.treeRootId}, ${anyAncestor}::uuid)
        and up.agent_id <> ${stops.treeRootId}
        and (${stops.liftedAt} is null or up.at < ${stops.liftedAt})
      group by up.agent_id order by min(up.at), up.agent_id
      limit ${limits.treeMembersListedMax - 1})) end`,
  /** The time of a lift from the host comes by itself; nobody writes the row then. */
  isLapsed: sql<boolean>`coalesce(${stops.liftedAt} <= clock_timestamp(), false)`,
};

type Row = {
  readonly [Name in keyof typeof stopColumns]: Name extends 'isLapsed'
    ? boolean
    : Name extends 'members'
      ? string[] | null
      : Name extends 'placedBy'
        ? string
        : Name extends keyof typeof stops.$inferSelect
          ? (typeof stops.$inferSelect)[Name]
          : never;
};

/** A row as a reader sees it: over once its lift has come. */
export function presentStop(row: Row): Stop {
  const { scopeKind, scopeId, scopeLabel, members, isLapsed, ...rest } = row;
  const scope = { kind: scopeKind, id: scopeId, label: scopeLabel };
  return {
    ...rest,
    scope: members === null ? scope : { ...scope, members: members.map((id) => idOf('agent', id)) },
    state: isLapsed ? 'lifted' : row.state,
  };
}
