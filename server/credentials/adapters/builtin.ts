import { sql } from 'drizzle-orm';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { gather } from '#server/kernel/gather.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readLeasesByHash } from '../read-lease.ts';
import type { RevocationAdapter } from './adapter.ts';

/** The broker's own leases have no host; the ladder names them so. */
const here = 'this Signalbox';

/** Leases of one credential that were introspected, and how many of them are live. */
interface Probed {
  readonly asked: number;
  readonly live: number;
}

/**
 * The leases of a tenant's credentials, which the request itself has ended. The probe asks about each of
 * them what an introspection would ask, by the same reading; probes that come together share it.
 */
export function createBuiltinAdapter(ctx: Ctx): RevocationAdapter {
  const probeOne = gather((ids: readonly string[]) => probeLeases(ctx, ids), {
    max: limits.revocationsClaimedMax,
    isWorthSplitting: () => false,
  });
  return {
    revoke: async () => ({
      verdict: 'confirmed',
      evidence: { host: here, status: null, said: 'They were ended with the request.' },
    }),
    probe: async ({ credentialId }) => {
      const { asked, live } = await probeOne(credentialId);
      const said = `${asked} introspected, ${live} live.`;
      return {
        verdict: live === 0 ? 'dead' : 'live',
        evidence: { host: here, status: null, said },
      };
    },
  };
}

/** In one transaction, in which each statement sees what is committed by then. */
function probeLeases(ctx: Ctx, credentialIds: readonly string[]): Promise<Probed[]> {
  const ids = sql.join(
    credentialIds.map((id) => sql`(${uuidOf(id)}::uuid)`),
    sql`, `,
  );
  return withRead(ctx, async (tx) => {
    const rows = await tx.execute<{ id: string; token_hash: Buffer }>(sql`
      select c.id, l.token_hash from (values ${ids}) c(id) cross join lateral (
        select token_hash from leases where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
          and credential_id = c.id and expires_at > clock_timestamp()
        order by expires_at desc limit ${limits.leaseProbesMax}) l`);
    const live = new Map<string, number>();
    for (let from = 0; from < rows.length; from += limits.leasesProbedAtOnce) {
      const hashes = rows
        .slice(from, from + limits.leasesProbedAtOnce)
        .map((row) => row.token_hash);
      for (const { credentialId, death } of await readLeasesByHash(tx, ctx, hashes)) {
        if (death === null) live.set(credentialId, (live.get(credentialId) ?? 0) + 1);
      }
    }
    const asked = Map.groupBy(rows, (row) => idOf('credential', row.id));
    return credentialIds.map((id) => ({
      asked: asked.get(id)?.length ?? 0,
      live: live.get(id) ?? 0,
    }));
  });
}
