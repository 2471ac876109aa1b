import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import type { PlacedScope } from '#server/gate/contract.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { canonicalise } from '#server/permits/canonicalise.ts';
import { readHorizon } from '../control-frames.ts';
import { coveredHoldings } from '../covered-holdings.ts';
import { readCoveredAgents } from '../read-cuts.ts';
import { heldEventSchema, readBodies } from './read-bodies.ts';

/** What an agent held and was doing, as it is kept; never a secret, never an argument. */
export interface HeldEvidence {
  readonly evidence: Readonly<Record<string, unknown>>;
  /** SHA-256 over the RFC 8785 form. */
  readonly digest: string;
  /** How many of each there were; beyond `limits.evidenceRowsMax` the rows themselves are cut. */
  readonly counts: Readonly<Record<string, number>>;
}

type Held = Readonly<Record<string, { readonly count: number; readonly rows: unknown[] }>>;

/** By what each kind of row is found, of the agents `ids`, since the containment was asked for. */
const kinds = {
  leases: sql`select l.id, l.agent_id, l.credential_id, l.tool, l.scopes, l.issued_at, l.expires_at,
      l.session_id from leases l
    where l.tenant_id = t.id and l.agent_id = any(t.ids) and l.expires_at > t.since
      and (l.ended_at is null or l.ended_at >= t.since)`,
  credentials: sql`select c.id, c.name, c.tool, c.kind, c.scopes, h.agent_id, c.revoke_requested_at
    from credential_holders h
    join credentials c on c.tenant_id = h.tenant_id and c.id = h.credential_id
    where h.tenant_id = t.id and h.agent_id = any(t.ids)`,
  pendingActions: sql`select x.id, x.agent_id, x.tool, x.session_id, x.trace_id, x.digest, x.decided_at
    from approvals q join actions x on x.tenant_id = q.tenant_id and x.id = q.action_id
    where q.tenant_id = t.id and x.agent_id = any(t.ids) and q.result = 'pending'`,
  openPermits: sql`select p.id, p.agent_id, p.action_id, p.tool, p.issued_at, p.expires_at, p.redeemed_at
    from permits p left join outcomes o on o.tenant_id = p.tenant_id and o.action_id = p.action_id
    where p.tenant_id = t.id and p.agent_id = any(t.ids) and o.action_id is null
      and greatest(p.expires_at, p.redeemed_at + interval '1 day') > t.since`,
  instances: sql`select i.agent_id, i.instance_id, i.first_seen_at, i.last_seen_at
    from agent_instances i where i.tenant_id = t.id and i.agent_id = any(t.ids)
      and i.last_seen_at > t.since - interval '1 day'`,
  beats: sql`select b.agent_id, b.instance_id, b.in_flight, b.sessions, b.beat_at, b.stream_seen_at
    from instance_beats b where b.tenant_id = t.id and b.agent_id = any(t.ids)`,
  // Cut before it is filtered: a filter under the limit walks the whole log when little matches.
  latestEvents: sql`select e.event_id, e.agent_id, e.trace_id, e.kind, e.name, e.started_at, e.received_at,
      e.incarnation, e.xid::text as xid, e.seq::text as seq
    from (select * from events where tenant_id = t.id
      order by incarnation desc, xid desc, seq desc limit ${limits.ladderEventsMax}) e
    where e.agent_id = any(t.ids)`,
} as const;

/**
 * Holds what the agents under a stop had in hand when their containment was asked for: instances, leases,
 * credentials, held actions, open permits, and where the log stood. One statement, one snapshot.
 */
export async function gatherEvidence(
  tx: Tx,
  ctx: Ctx,
  scope: PlacedScope,
  since: string,
): Promise<HeldEvidence> {
  const agents = await readCoveredAgents(tx, ctx, scope);
  const ids = sql.param(`{${agents.map((agent) => uuidOf(agent.id)).join(',')}}`);
  const { position } = await readHorizon(tx);
  const parts = Object.entries(kinds).map(
    ([name, rows]) => sql`${sql.raw(`'${name}'`)}, (select json_build_object(
        'count', count(*), 'rows', coalesce(json_agg(r) filter (where r.n <= ${limits.evidenceRowsMax}), '[]'))
      from (select *, row_number() over () as n from (${rows}) k) r)`,
  );
  const [found] = await tx.execute<{
    at: string;
    held: Held;
  }>(sql`
    select clock_timestamp()::text as at, json_build_object(${sql.join(parts, sql`, `)}) as held
    from (select ${uuidOf(ctx.tenantId)}::uuid as id, ${ids}::uuid[] as ids,
      ${since}::timestamptz as since) t`);
  if (!found) throw new Error('the database told no evidence');
  const evidence = {
    v: 2,
    tenant: ctx.tenantId,
    scope,
    filter: coveredHoldings({ scope }),
    agents: agents.slice(0, limits.evidenceRowsMax),
    askedAt: since,
    heldAt: found.at,
    logPosition: position,
    held: await withCommitments(tx, ctx, found.held),
  };
  const counts = Object.fromEntries(
    Object.entries(found.held).map(([name, { count }]) => [name, count]),
  );
  return {
    evidence,
    digest: sha256Hex(canonicalise(evidence)),
    counts: { agents: agents.length, ...counts },
  };
}

/**
 * What commits to the bodies of the latest events beside each, so that the digest of the evidence covers
 * what they said and not only that they were there. Read after the rest: a commitment never changes.
 */
async function withCommitments(tx: Tx, ctx: Ctx, held: Held): Promise<Held> {
  const { latestEvents } = held;
  if (latestEvents === undefined) throw new Error('the database told no events');
  const events = z.array(heldEventSchema).parse(latestEvents.rows);
  const bodies = await readBodies(tx, ctx, events, { isText: false });
  const rows = events.map((event, index) => ({
    ...event,
    commitment: bodies[index]?.commitment ?? null,
  }));
  return { ...held, latestEvents: { ...latestEvents, rows } };
}
