import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { Role } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Voter } from './approval-state.ts';

interface Row extends Record<string, unknown> {
  readonly user_id: string;
  readonly email: string;
  readonly roles: Role[];
  readonly is_disabled: boolean;
}

/** Everybody of the tenant as of this moment, `limits.peopleMax` at most. Who is not here is gone. */
export async function readVoters(tx: Tx, ctx: Ctx): Promise<Voter[]> {
  const rows = await tx.execute<Row>(sql`
    select m.user_id, u.email, m.roles, u.disabled_at is not null as is_disabled
    from memberships m join users u on u.id = m.user_id
    where m.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
    limit ${limits.peopleMax}`);
  return rows.map((row) => ({
    userId: idOf('user', row.user_id),
    email: row.email,
    roles: row.roles,
    isGone: row.is_disabled,
  }));
}
