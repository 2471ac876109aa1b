import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import type { OutsideEvidence } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { CredentialSighting } from '../inventory/contract.ts';

interface Row extends Record<string, unknown> {
  readonly evidence: OutsideEvidence;
  readonly slug: string;
  readonly is_verified: boolean;
  readonly times: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly event_id: string | null;
  readonly trace_id: string | null;
}

/** What of late shows a credential outside of the broker, the latest first; the first ones of many. */
export async function readSightings(
  tx: Tx,
  ctx: Ctx,
  credentialId: string,
): Promise<CredentialSighting[]> {
  const rows = await tx.execute<Row>(sql`
    select s.evidence, a.slug, s.is_verified, s.times, s.first_at::text, s.last_at::text, s.event_id,
      s.trace_id::text
    from credential_sightings s
    join agents a on a.tenant_id = s.tenant_id and a.id = s.agent_id
    where s.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and s.credential_id = ${uuidOf(credentialId)}::uuid
      and s.last_at > clock_timestamp() - make_interval(days => ${limits.unusedDays})
    order by s.last_at desc, a.slug, s.evidence, s.is_verified limit ${limits.sightingsShownMax}`);
  return rows.map((row) => ({
    evidence: row.evidence,
    agent: row.slug,
    isVerified: row.is_verified,
    times: row.times,
    firstAt: instantFromDriver(row.first_at),
    lastAt: instantFromDriver(row.last_at),
    eventId: row.event_id,
    traceId: row.trace_id?.replaceAll('-', '') ?? null,
  }));
}
