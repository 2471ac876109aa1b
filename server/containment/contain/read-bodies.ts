import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** Where an event lies in the log, as held evidence names it. */
export const heldEventSchema = z.looseObject({
  event_id: z.string(),
  incarnation: z.int(),
  xid: z.string().regex(/^\d{1,20}$/),
  seq: z.string().regex(/^\d{1,19}$/),
});
export type HeldEvent = z.infer<typeof heldEventSchema>;

/** What opens the commitment of an event, as far as it is there. */
export interface HeldBody {
  readonly eventId: string;
  /** Hex; null once retention has taken the event. */
  readonly commitment: string | null;
  readonly salt: string | null;
  /** Redacted, exactly the text that the commitment covers; null unless `state` is `whole`. */
  readonly body: string | null;
  /** `too_large`: beyond `limits.evidenceBodiesBytesMax` of all together, the latest ones first. */
  readonly state: 'whole' | 'too_large' | 'erased' | 'gone';
}

interface Row extends Record<string, unknown> {
  readonly seq: string;
  readonly commitment: string;
  readonly salt: string | null;
  readonly body: string | null;
  readonly is_erased: boolean;
}

/**
 * The bodies of these events, in their order. `isText`: their text and salt too, else only what commits to
 * them.
 */
export async function readBodies(
  tx: Tx,
  ctx: Ctx,
  events: readonly HeldEvent[],
  { isText }: { readonly isText: boolean },
): Promise<HeldBody[]> {
  if (events.length === 0) return [];
  const list = (texts: readonly (string | number)[]) => sql.param(`{${texts.join(',')}}`);
  const rows = await tx.execute<Row>(sql`
    select b.seq::text, encode(b.commitment, 'hex') as commitment, b.body is null as is_erased,
      case when ${isText} then encode(b.salt, 'hex') end as salt,
      case when ${isText} and sum(coalesce(octet_length(b.body), 0)) over (order by k.n)
        <= ${limits.evidenceBodiesBytesMax} then b.body end as body
    from unnest(${list(events.map((one) => one.incarnation))}::smallint[],
        ${list(events.map((one) => one.xid))}::xid8[], ${list(events.map((one) => one.seq))}::bigint[])
        with ordinality as k(incarnation, xid, seq, n)
      join events e on e.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and e.incarnation = k.incarnation
        and e.xid = k.xid and e.seq = k.seq
      join event_bodies b on b.tenant_id = e.tenant_id and b.received_on = e.received_on
        and b.seq = e.seq`);
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return events.map(({ event_id: eventId, seq }) => {
    const row = bySeq.get(seq);
    if (!row) return { eventId, commitment: null, salt: null, body: null, state: 'gone' };
    const { commitment, salt, body } = row;
    const state = row.is_erased ? 'erased' : body === null ? 'too_large' : 'whole';
    return { eventId, commitment, salt, body, state };
  });
}
