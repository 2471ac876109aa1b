import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { StopScopeKind } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { GateSubject } from './contract.ts';
import type { Coverage } from './read-coverage.ts';
import { anyAncestor } from './tree-members.ts';

/** A tenant's stops that stand or stood since an instant, for judging many subjects at once. */
export interface StopsSince {
  /** Database clock at the reading, milliseconds. */
  readonly nowMs: number;
  readonly stops: readonly {
    readonly kind: StopScopeKind;
    readonly scopeId: string;
    readonly epoch: number;
    readonly fromMs: number;
    readonly untilMs: number | null;
    /** Of a tree: its agents beside the root, by uuid, with when and under which number they joined. */
    readonly joined?: ReadonlyMap<string, { readonly atMs: number; readonly epoch: number }>;
    /** Agents that it let go on, by uuid, with since when. */
    readonly resumed?: ReadonlyMap<string, number>;
  }[];
}

interface Row extends Record<string, unknown> {
  readonly now_ms: number;
  readonly kind: StopScopeKind | null;
  readonly scope_id: string | null;
  readonly epoch: number | null;
  readonly placed_ms: number | null;
  readonly lifted_ms: number | null;
  readonly joined: readonly (readonly [string, number, number])[] | null;
  readonly resumed: readonly (readonly [string, number])[] | null;
}

/**
 * Reads the stops that a list of subjects could be covered by since `since` (RFC 3339). For showing
 * states only: what grants or redeems asks {@link import('./read-coverage.ts').readCoverage} behind the
 * gate.
 */
export async function readStopsSince(tx: Tx, ctx: Ctx, since: string): Promise<StopsSince> {
  const rows = await tx.execute<Row>(sql`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
      s.scope_kind as kind, s.scope_id, s.epoch::float8 as epoch, (extract(epoch from s.placed_at) * 1000)::float8 as placed_ms,
      (extract(epoch from s.lifted_at) * 1000)::float8 as lifted_ms,
      case when s.tree_root_id is not null then (
        select json_agg(json_build_array(m.agent_id, m.at_ms, m.epoch)) from (
          select up.agent_id, (extract(epoch from min(up.at)) * 1000)::float8 as at_ms,
            min(up.epoch) as epoch
          from agent_ancestors up where up.tenant_id = s.tenant_id
            and up.ancestor_id in (s.tree_root_id, ${anyAncestor}::uuid)
          group by up.agent_id) m) end as joined,
      (select json_agg(json_build_array(r.agent_id, (extract(epoch from r.at) * 1000)::float8))
        from stop_resumptions r where r.tenant_id = s.tenant_id and r.stop_id = s.id
          and r.ended_at is null) as resumed
    from (select 1) one left join (
      select * from stops where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and (lifted_at is null or lifted_at > ${since}::timestamptz)
      order by epoch desc limit ${limits.stopsMax}) s on true`);
  return {
    nowMs: rows[0]?.now_ms ?? 0,
    stops: rows.flatMap((row) => {
      const { kind, scope_id: scopeId, placed_ms: fromMs, lifted_ms: untilMs, epoch } = row;
      if (kind === null || scopeId === null || fromMs === null || epoch === null) return [];
      const joined = new Map(row.joined?.map(([id, atMs, at]) => [id, { atMs, epoch: at }]));
      return [{ kind, scopeId, epoch, fromMs, untilMs, joined, resumed: new Map(row.resumed) }];
    }),
  };
}

/** When a subject stood still, among stops already read. Pure. */
export function spansOf({ stops }: StopsSince, subject: GateSubject): Coverage['spans'] {
  return covering(stops, subject).map(({ fromMs, untilMs }) => ({ fromMs, untilMs }));
}

/** Whether a subject is halted, and the last epoch that covered it, among stops already read. Pure. */
export function haltOf(
  { stops, nowMs }: StopsSince,
  subject: GateSubject,
): { readonly isHalted: boolean; readonly lastEpoch: number } {
  const mine = covering(stops, subject);
  return {
    isHalted: mine.some(({ untilMs }) => untilMs === null || untilMs > nowMs),
    lastEpoch: mine.reduce((last, { epoch }) => Math.max(last, epoch), 0),
  };
}

type ReadStop = StopsSince['stops'][number];

/** Those that cover a subject: until they let its agent go on; of a tree, from when it joined. */
function covering(stops: readonly ReadStop[], subject: GateSubject): readonly ReadStop[] {
  return stops.flatMap((one) => {
    const resumedMs = one.resumed?.get(uuidOf(subject.agentId));
    const stop =
      resumedMs === undefined
        ? one
        : { ...one, untilMs: Math.min(one.untilMs ?? resumedMs, resumedMs) };
    const { kind, scopeId } = stop;
    if (kind !== 'tree') return covers({ kind, scopeId }, subject) ? [stop] : [];
    if (stop.scopeId === subject.agentId) return [stop];
    const joined = stop.joined?.get(uuidOf(subject.agentId));
    if (!joined || (stop.untilMs !== null && joined.atMs >= stop.untilMs)) return [];
    const fromMs = Math.max(stop.fromMs, joined.atMs);
    return [{ ...stop, fromMs, epoch: Math.max(stop.epoch, joined.epoch) }];
  });
}

function covers(
  { kind, scopeId }: { readonly kind: Exclude<StopScopeKind, 'tree'>; readonly scopeId: string },
  subject: GateSubject,
): boolean {
  switch (kind) {
    case 'tenant':
      return true;
    case 'agent':
      return scopeId === subject.agentId;
    case 'environment':
      return scopeId === subject.environment;
    case 'session':
      return scopeId === subject.sessionId;
    case 'tool':
      return scopeId === subject.tool;
    case 'credential':
      return scopeId === subject.credentialId;
  }
}
