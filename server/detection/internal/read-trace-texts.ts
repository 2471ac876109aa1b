import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { type TraceText, traceTextOf } from '#server/detection/destinations.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventBody } from '#server/telemetry/contract.ts';

/**
 * What the user asked and what untrusted content said in these traces: the earliest events of each,
 * bounded in number and size, and what is beyond as unread. Read for the few calls that send somewhere
 * new or have an effect in a tainted trace, never for all.
 */
export async function readTraceTexts(
  tx: Tx,
  ctx: Ctx,
  traces: readonly string[],
): Promise<ReadonlyMap<string, readonly TraceText[]>> {
  if (traces.length === 0) return new Map();
  // One index probe a body, by a subquery: over a list of values the planner took a scan of the
  // whole partition while it had no statistics of it yet (115 ms against 6 for 400 of 20,000).
  const rows = await tx.execute<Row>(sql`
    select trace_id::text as "traceId", started_at::text as at, kind, trust, (
        select b.body from event_bodies b
        where b.tenant_id = wanted.tenant_id
          and b.received_on = wanted.received_on and b.seq = wanted.seq
          and wanted.rank <= ${limits.destinationEventsMax}
          and wanted.body_bytes <= ${limits.destinationBodyBytesMax}
      ) as body
    from (
      select tenant_id, trace_id, started_at, kind, trust, received_on, seq, body_bytes,
        row_number() over (partition by trace_id order by started_at) as rank
      from events
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and trace_id = any (${`{${traces.join(',')}}`}::uuid[])
        and (kind = 'user_message' or trust = 'untrusted')
    ) as wanted
    where rank <= ${limits.destinationEventsMax + 1}`);
  return Map.groupBy(
    rows.flatMap((row) => {
      const text = textOf(row);
      return text === null ? [] : [text];
    }),
    (text) => text.traceId,
  );
}

interface Row extends Record<string, unknown> {
  readonly traceId: string;
  readonly at: string;
  readonly kind: string;
  readonly trust: string;
  readonly body: string | null;
}

function textOf(row: Row): (TraceText & { readonly traceId: string }) | null {
  const { kind, trust } = row;
  const at = Date.parse(instantFromDriver(row.at));
  const body = row.body === null ? null : (JSON.parse(row.body) as EventBody);
  const text = traceTextOf({ kind, trust, at }, body);
  return text && { traceId: row.traceId.replaceAll('-', ''), ...text };
}
