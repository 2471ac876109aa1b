import type { Tx } from '#db/client.ts';
import { hotQuery } from '#db/hot-query.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { StopScopeKind } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { type GateSubject, resumableKinds } from './contract.ts';
import { anyAncestor } from './tree-members.ts';

/** A stop that covers a subject, standing or lifted. */
export interface CoveringStop {
  readonly id: string;
  readonly scope: { readonly kind: StopScopeKind; readonly id: string; readonly label: string };
  readonly level: number;
  readonly reason: string;
  readonly epoch: number;
  readonly isStanding: boolean;
  readonly placedAt: string;
  readonly liftedAt: string | null;
}

/** What the stops say of one subject at one moment; times by the database's clock. */
export interface Coverage {
  /** Of the tenant's stops as a whole; a permit carries it. */
  readonly epoch: number;
  /** Database clock at the reading, milliseconds. */
  readonly nowMs: number;
  /** The standing stop that was placed first; null when none stands. */
  readonly standing: CoveringStop | null;
  /** Highest epoch of the stops read; 0 for none. */
  readonly lastEpoch: number;
  /** When the subject stood still, for deadlines that are given back. */
  readonly spans: readonly { readonly fromMs: number; readonly untilMs: number | null }[];
}

interface Row {
  readonly epoch: string;
  readonly now_ms: number;
  readonly stops: readonly StopJson[] | null;
}

interface StopJson {
  readonly id: string;
  readonly kind: StopScopeKind;
  readonly scope_id: string;
  readonly label: string;
  readonly level: number;
  readonly reason: string;
  readonly epoch: number;
  /** Of a tree: its root, a uuid; null for others. */
  readonly root: string | null;
  readonly standing: boolean;
  readonly placed_at: string;
  readonly placed_ms: number;
  readonly lifted_at: string | null;
  readonly lifted_ms: number | null;
}

const text = `select
  coalesce((select epoch from stop_epochs where tenant_id = $1::uuid), 0)::text as epoch,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
  (select json_agg(json_build_object(
      'id', s.id, 'kind', s.scope_kind, 'scope_id', s.scope_id, 'label', s.scope_label,
      'level', s.level, 'reason', s.reason, 'epoch', s.epoch, 'root', s.tree_root_id,
      'standing', s.lifted_at is null or s.lifted_at > clock_timestamp(),
      'placed_at', s.placed_at::text, 'lifted_at', s.lifted_at::text,
      'placed_ms', (extract(epoch from s.placed_at) * 1000)::float8,
      'lifted_ms', (extract(epoch from s.lifted_at) * 1000)::float8) order by s.epoch)
    from stops s
    where s.tenant_id = $1::uuid
      and (s.lifted_at is null or s.lifted_at > coalesce($2::timestamptz, clock_timestamp()))
      and (s.scope_kind = 'tenant'
        or (s.scope_kind = 'agent' and s.scope_id = $3::text)
        or s.scope_kind = 'tree'
        or (s.scope_kind = 'environment' and s.scope_id = coalesce($5::text,
          (select ag.environment from agents ag where ag.tenant_id = $1::uuid and ag.id = $4::uuid)))
        or (s.scope_kind = 'session' and s.scope_id = $6::text)
        or (s.scope_kind = 'tool' and s.scope_id = $7::text)
        or (s.scope_kind = 'credential' and s.scope_id = $8::text))) as stops`;

/** The pairs of one agent, read only where the stop of a tree is in question. */
const ancestorsText = `select ancestor_id, (extract(epoch from at) * 1000)::float8 as at_ms,
    epoch::float8 as epoch
  from agent_ancestors where tenant_id = $1::uuid and agent_id = $2::uuid`;

/** Which of the stops let one agent go on, and since when; read only where a stop of many is in question. */
const resumedText = `select stop_id, at::text, (extract(epoch from at) * 1000)::float8 as at_ms
  from stop_resumptions where tenant_id = $1::uuid and agent_id = $2::uuid and ended_at is null`;

interface ResumedRow {
  readonly stop_id: string;
  readonly at: string;
  readonly at_ms: number;
}

interface AncestorRow {
  readonly ancestor_id: string;
  readonly at_ms: number;
  readonly epoch: number;
}

/**
 * Reads which stops cover a subject: those that stand, and those that stood at or after `since`
 * (RFC 3339; null: only those that stand). One statement, so epoch and stops are of one snapshot; the
 * caller's transaction must be READ COMMITTED, or a gate would not see what was placed before it.
 *
 * Of a tree's stop the subject counts as covered from when it joined the tree, not from before: a
 * claimed spawn must neither give back time that was never lost nor bring an expired approval to life.
 * Whom it descends from is asked only then, in a later statement, which sees no less: as a join it cost
 * every decision 10 us of the database's processor time. So is whether a stop of many let it go on: for
 * such an agent the stop counts as lifted then.
 */
export async function readCoverage(
  tx: Tx,
  ctx: Ctx,
  subject: GateSubject,
  since: string | null = null,
): Promise<Coverage> {
  const [tenant, agent] = [uuidOf(ctx.tenantId), uuidOf(subject.agentId)];
  const [row] = await hotQuery<Row>(tx, text, [
    tenant,
    since,
    subject.agentId,
    agent,
    subject.environment,
    subject.sessionId,
    subject.tool,
    subject.credentialId ?? null,
  ]);
  if (!row) throw new Error('the database told nothing of the stops');
  const found = row.stops ?? [];
  const isAsked = found.some(({ root }) => root !== null && root !== agent);
  const ancestors = isAsked ? await hotQuery<AncestorRow>(tx, ancestorsText, [tenant, agent]) : [];
  const isOfMany = found.some(({ kind }) => resumableKinds.has(kind));
  const resumed = isOfMany ? await hotQuery<ResumedRow>(tx, resumedText, [tenant, agent]) : [];
  const sinceMs = since === null ? row.now_ms : Date.parse(since);
  return coverageOf(
    row,
    found.flatMap((stop) => {
      const covering = asItCovers(stop, agent, ancestors);
      return covering === null ? [] : (whileItHeld(covering, resumed, sinceMs) ?? []);
    }),
  );
}

/** A stop as lifted for an agent that it let go on; null when that was before `sinceMs`. */
function whileItHeld(
  stop: StopJson,
  resumed: readonly ResumedRow[],
  sinceMs: number,
): StopJson | null {
  const mine = resumed.find(({ stop_id: id }) => id === stop.id);
  if (mine === undefined || (stop.lifted_ms !== null && stop.lifted_ms <= mine.at_ms)) return stop;
  if (mine.at_ms <= sinceMs) return null;
  return { ...stop, standing: false, lifted_at: mine.at, lifted_ms: mine.at_ms };
}

/** A stop as it covers an agent: of a tree, from when the agent joined it. Null for another tree's. */
function asItCovers(
  stop: StopJson,
  agent: string,
  ancestors: readonly AncestorRow[],
): StopJson | null {
  if (stop.root === null || stop.root === agent) return stop;
  const mine = ancestors.filter(({ ancestor_id: id }) => id === stop.root || id === anyAncestor);
  if (mine.length === 0) return null;
  const joinedMs = Math.min(...mine.map((one) => one.at_ms));
  if (stop.lifted_ms !== null && joinedMs >= stop.lifted_ms) return null;
  const epoch = Math.max(stop.epoch, Math.min(...mine.map((one) => one.epoch)));
  return { ...stop, epoch, placed_ms: Math.max(stop.placed_ms, joinedMs) };
}

function coverageOf(row: Row, covering: readonly StopJson[]): Coverage {
  const stops = covering.map(stopOf);
  return {
    epoch: Number(row.epoch),
    nowMs: row.now_ms,
    standing: stops.find((stop) => stop.isStanding) ?? null,
    lastEpoch: stops.reduce((last, stop) => Math.max(last, stop.epoch), 0),
    spans: covering.map((stop) => ({ fromMs: stop.placed_ms, untilMs: stop.lifted_ms })),
  };
}

const stopOf = (stop: StopJson): CoveringStop => ({
  id: idOf('stop', stop.id),
  scope: { kind: stop.kind, id: stop.scope_id, label: stop.label },
  level: stop.level,
  reason: stop.reason,
  epoch: stop.epoch,
  isStanding: stop.standing,
  placedAt: instantFromDriver(stop.placed_at),
  liftedAt: stop.lifted_at === null ? null : instantFromDriver(stop.lifted_at),
});
