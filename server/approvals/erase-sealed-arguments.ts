import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Destroys what is sealed of actions that ended `limits.sealedDaysAfterEnd` days ago: arguments, their
 * data key and the nonce; digest and decision stay. A function of the owner does it for all tenants,
 * audited in each, because no login of a process may delete what was sealed.
 * @returns how many actions were erased.
 */
export async function eraseSealedArguments(db: Db): Promise<number> {
  let erased = 0;
  for (;;) {
    const [row] = await db.execute<{ count: number }>(sql`select erase_sealed_arguments(
      ${limits.sealedDaysAfterEnd}::integer, ${limits.sealedErasedAtOnce}::integer) as count`);
    erased += row?.count ?? 0;
    if ((row?.count ?? 0) < limits.sealedErasedAtOnce) return erased;
  }
}
