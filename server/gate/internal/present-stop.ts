import { sql } from 'drizzle-orm';
import { stops } from '#db/schema/gate.ts';
import type { Stop } from '../contract.ts';

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
  /** The time of a lift from the host comes by itself; nobody writes the row then. */
  isLapsed: sql<boolean>`coalesce(${stops.liftedAt} <= clock_timestamp(), false)`,
};

type Row = {
  readonly [Name in keyof typeof stopColumns]: Name extends 'isLapsed'
    ? boolean
    : Name extends 'placedBy'
      ? string
      : Name extends keyof typeof stops.$inferSelect
        ? (typeof stops.$inferSelect)[Name]
        : never;
};

/** A row as a reader sees it: over once its lift has come. */
export function presentStop(row: Row): Stop {
  const { scopeKind, scopeId, scopeLabel, isLapsed, ...rest } = row;
  return {
    ...rest,
    scope: { kind: scopeKind, id: scopeId, label: scopeLabel },
    state: isLapsed ? 'lifted' : row.state,
  };
}
