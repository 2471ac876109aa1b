import { sql } from 'drizzle-orm';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { readLeaseByHash } from '../read-lease.ts';
import type { RevocationAdapter } from './adapter.ts';

/** The broker's own leases have no host; the ladder names them so. */
const here = 'this Signalbox';

/**
 * The leases of a credential, which the request itself has ended. The probe asks about each of them what
 * an introspection would ask, by the same reading.
 */
export function createBuiltinAdapter(ctx: Ctx): RevocationAdapter {
  return {
    revoke: async () => ({
      verdict: 'confirmed',
      evidence: { host: here, status: null, said: 'They were ended with the request.' },
    }),
    probe: async ({ credentialId }) => {
      const { asked, live } = await probeLeases(ctx, credentialId);
      const said = `${asked} introspected, ${live} live.`;
      return {
        verdict: live === 0 ? 'dead' : 'live',
        evidence: { host: here, status: null, said },
      };
    },
  };
}

/** In one transaction, in which each statement sees what is committed by then. */
function probeLeases(ctx: Ctx, credentialId: string): Promise<{ asked: number; live: number }> {
  return withRead(ctx, async (tx) => {
    const rows = await tx.execute<{ token_hash: Buffer }>(sql`
      select token_hash from leases where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and credential_id = ${uuidOf(credentialId)}::uuid and expires_at > clock_timestamp()
      order by expires_at desc limit ${limits.leaseProbesMax}`);
    let live = 0;
    for (const { token_hash: hash } of rows) {
      const lease = await readLeaseByHash(tx, ctx, hash);
      if (lease?.death === null) live += 1;
    }
    return { asked: rows.length, live };
  });
}
