import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import type { AlertCanary } from '#server/detection/contract.ts';
import { canaryForms } from '#server/guard/contract.ts';
import { readPlantedCanaries } from '#server/guard/queries.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** A canary as the evidence of an alert holds it. */
export type SeenCanary = Omit<AlertCanary, 'planted'>;

interface SeenRow extends Record<string, unknown> {
  readonly id: string;
  readonly disguises: readonly string[];
  readonly fields: readonly string[];
}

/** The canaries that findings in an alert's evidence name, by their ids. */
export async function selectSeenCanaries(tx: Tx, ctx: Ctx, alertId: string): Promise<SeenCanary[]> {
  const rows = await tx.execute<SeenRow>(sql`
    select f->>'detector' as id,
      coalesce(array_agg(distinct f->>'disguise') filter (where f->>'disguise' is not null), '{}')
        as disguises,
      array_agg(distinct split_part(f->>'path', '/', 2)) as fields
    from alert_evidence a
    join events e on e.tenant_id = a.tenant_id and e.received_on = a.received_on
      and e.incarnation = a.incarnation and e.xid = a.event_xid and e.seq = a.event_seq
    cross join lateral jsonb_array_elements(e.findings) f
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.alert_id = ${uuidOf(alertId)}::uuid
      and f->>'type' = 'canary'
    group by 1 order by 1 limit ${limits.alertCanariesMax}`);
  return rows.map(({ id, disguises, fields }) => ({
    id,
    disguises: canaryForms.filter((form) => disguises.includes(form)),
    fields: [...fields],
  }));
}

/**
 * What was planted, for whoever may see canaries; from the tenant's own table alone, so that an id that
 * it never gave out stays unknown.
 */
export async function describeSeenCanaries(
  ctx: Ctx,
  seen: readonly SeenCanary[],
): Promise<AlertCanary[]> {
  if (seen.length === 0) return [];
  if (!actorMay(ctx.actor, 'canaries.read'))
    return seen.map((canary) => ({ ...canary, planted: { state: 'withheld' } }));
  const planted = await readPlantedCanaries(
    ctx,
    seen.map(({ id }) => id),
  );
  return seen.map((canary) => {
    const row = planted.find(({ id }) => id === canary.id);
    if (row === undefined) return { ...canary, planted: { state: 'unknown' } };
    const { id: _, ...facts } = row;
    return { ...canary, planted: { state: 'shown', ...facts } };
  });
}
