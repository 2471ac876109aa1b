import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { OutsideEvidence } from '#db/enums.ts';
import { credentialSightings } from '#db/schema/credentials.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** One thing that shows a credential outside of the broker. */
export interface Sighting {
  readonly credentialId: string;
  readonly agentId: string;
  readonly evidence: OutsideEvidence;
  /** The agent's own key told of it, or our own door saw it. */
  readonly isVerified: boolean;
  /** Event time, or our clock; RFC 3339. */
  readonly at: string;
  /** Null where no event tells of it. */
  readonly eventId: string | null;
  readonly traceId: string | null;
}

/** Rows of one statement: far below the driver's 65,534 parameters. */
const chunkRows = 1000;

/** Adds to what was seen of credentials, in the transaction of whoever saw it. */
// no-audit: what was seen is derived; the events and alerts it stands on have rows of their own.
export async function noteSightings(
  tx: Tx,
  ctx: Ctx,
  sightings: readonly Sighting[],
): Promise<void> {
  const rows = [...Map.groupBy(sightings, keyOf)]
    // In one order: two that note the same ones never wait for each other.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, same]) => rowOf(ctx, same));
  for (let start = 0; start < rows.length; start += chunkRows) {
    await tx
      .insert(credentialSightings)
      .values(rows.slice(start, start + chunkRows))
      .onConflictDoUpdate({
        target: [
          credentialSightings.tenantId,
          credentialSightings.credentialId,
          credentialSightings.agentId,
          credentialSightings.evidence,
          credentialSightings.isVerified,
        ],
        set: {
          times: sql`least(credential_sightings.times::bigint + excluded.times, 2147483647)::integer`,
          firstAt: sql`least(credential_sightings.first_at, excluded.first_at)`,
          lastAt: sql`greatest(credential_sightings.last_at, excluded.last_at)`,
          eventId: sql`case when excluded.last_at >= credential_sightings.last_at
            then excluded.event_id else credential_sightings.event_id end`,
          traceId: sql`case when excluded.last_at >= credential_sightings.last_at
            then excluded.trace_id else credential_sightings.trace_id end`,
        },
      });
  }
}

const keyOf = ({ credentialId, agentId, evidence, isVerified }: Sighting): string =>
  `${credentialId} ${agentId} ${evidence} ${isVerified}`;

function rowOf(ctx: Ctx, same: readonly Sighting[]) {
  const byTime = [...same].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const first = byTime[0];
  const last = byTime.at(-1);
  if (first === undefined || last === undefined) throw new Error('a group without a member');
  const { at: lastAt, ...what } = last;
  return { tenantId: ctx.tenantId, ...what, times: same.length, firstAt: first.at, lastAt };
}
