import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { ruleResponses } from '#db/schema/containment.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

/** Why a response of which nothing was done yet is left to people; null where it is to be done. */
export async function withholdReason(
  tx: Tx,
  ctx: Ctx,
  row: typeof ruleResponses.$inferSelect,
): Promise<{ state: 'capped' | 'skipped'; says: string } | null> {
  if (row.agentId === null) return { state: 'skipped', says: row.says };
  const [now] = await tx.execute<{ is_enabled: boolean; taken: number }>(sql`
    select exists (select 1 from rules r where r.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and r.id = ${uuidOf(row.ruleId)}::uuid and r.state = 'enabled'
        and r.version = ${row.ruleVersion}) as is_enabled,
      (select count(*) from rule_responses o where o.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
        and o.id <> ${uuidOf(row.id)}::uuid
        and o.taken_at > clock_timestamp() - interval '1 hour')::int as taken`);
  if (now?.is_enabled !== true) {
    return { state: 'skipped', says: 'The rule was changed or switched off meanwhile.' };
  }
  if (now.taken < limits.responsesPerHourMax) return null;
  return {
    state: 'capped',
    says: `Rules have done ${now.taken} things by themselves within an hour, which is the most: decide yourself.`,
  };
}
