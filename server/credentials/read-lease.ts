import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { readCoverage } from '#server/gate/read-coverage.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { judgeLease, type LeaseDeath } from './judge-lease.ts';
import { factsOf, leaseFactColumns, type LeaseFactRow, leaseTables } from './lease-facts.ts';

/** A lease with the verdict of this moment. */
export interface JudgedLease {
  readonly id: string;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly credentialId: string;
  readonly tool: string;
  readonly scopes: readonly string[];
  readonly actionId: string | null;
  readonly issuedAt: string;
  /** Whole seconds since 1970. */
  readonly issuedSeconds: number;
  readonly expiresSeconds: number;
  readonly isEnded: boolean;
  /** Null while it is live. */
  readonly death: LeaseDeath | null;
}

interface Row extends LeaseFactRow {
  readonly id: string;
  readonly agent_id: string;
  readonly agent_slug: string;
  readonly credential_id: string;
  readonly tool: string;
  readonly scopes: string[];
  readonly environment: string;
  readonly session_id: string | null;
  readonly action_id: string | null;
  readonly epoch: string;
  readonly issued_at: string;
  readonly issued_s: number;
  readonly expires_s: number;
}

/** The lease of a token, judged; null for an unknown one. */
export async function readLeaseByHash(tx: Tx, ctx: Ctx, hash: Buffer): Promise<JudgedLease | null> {
  const [lease] = await readLeasesByHash(tx, ctx, [hash]);
  return lease ?? null;
}

/**
 * The leases of tokens and all that they hang on, as they are now; unknown ones are left out. Then the stops,
 * in later statements, whose snapshots are younger: what a stop has ended is never told live after its
 * acknowledgement.
 */
export async function readLeasesByHash(
  tx: Tx,
  ctx: Ctx,
  hashes: readonly Buffer[],
): Promise<JudgedLease[]> {
  const wanted = sql.join(
    hashes.map((hash) => sql`${hash}`),
    sql`, `,
  );
  const rows = await tx.execute<Row>(sql`
    select l.id, l.agent_id, a.slug as agent_slug, l.credential_id, l.tool, l.scopes, l.environment,
      l.session_id, l.action_id, l.epoch::text, l.issued_at::text,
      floor(extract(epoch from l.issued_at))::float8 as issued_s,
      floor(extract(epoch from l.expires_at))::float8 as expires_s,
      ${leaseFactColumns}
    from ${leaseTables}
    where l.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and l.token_hash in (${wanted})`);
  return Promise.all(
    rows.map(async (row) => ({
      ...leaseOf(row),
      death: judgeLease({ ...factsOf(row), ...(await readStops(tx, ctx, row)) }),
    })),
  );
}

async function readStops(tx: Tx, ctx: Ctx, row: Row): Promise<{ isStopped: boolean }> {
  const subject = {
    agentId: idOf('agent', row.agent_id),
    environment: row.environment,
    sessionId: row.session_id,
    tool: row.tool,
    credentialId: idOf('credential', row.credential_id),
  };
  const { standing, lastEpoch } = await readCoverage(tx, ctx, subject, row.issued_at);
  // Ended for good by a stop since, lifted or not, as a permit is.
  return { isStopped: standing !== null || lastEpoch > Number(row.epoch) || isStopFilePresent() };
}

const leaseOf = (row: Row) => ({
  id: idOf('lease', row.id),
  agentId: idOf('agent', row.agent_id),
  agentSlug: row.agent_slug,
  credentialId: idOf('credential', row.credential_id),
  tool: row.tool,
  scopes: row.scopes,
  actionId: row.action_id === null ? null : idOf('action', row.action_id),
  issuedAt: instantFromDriver(row.issued_at),
  issuedSeconds: row.issued_s,
  expiresSeconds: row.expires_s,
  isEnded: row.ended !== null,
});
