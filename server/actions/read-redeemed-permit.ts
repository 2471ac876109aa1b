import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { msOf } from '#server/approvals/read-approval.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';

/** One permit with whoever redeemed it. */
export interface RedeemedPermit {
  readonly id: string;
  readonly actionId: string;
  readonly epoch: number;
  readonly digest: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly redeemedAtMs: number | null;
  readonly redemptionId: string | null;
  readonly redeemedByKeyId: string | null;
  readonly redeemIdempotencyKey: string | null;
  readonly redeemDigest: Buffer | null;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly action_id: string;
  readonly epoch: string;
  readonly digest: string;
  readonly issued_ms: number;
  readonly expires_ms: number;
  readonly redeemed_ms: number | null;
  readonly redemption_id: string | null;
  readonly redeemed_by_key_id: string | null;
  readonly redeem_idempotency_key: string | null;
  readonly redeem_digest: Buffer | null;
}

/** One permit by its id; null when there is none in this tenant. */
export async function readRedeemedPermit(
  tx: Tx,
  ctx: Ctx,
  id: string,
): Promise<RedeemedPermit | null> {
  if (!isId('permit', id)) return null;
  const [row] = await tx.execute<Row>(sql`
    select p.id, p.action_id, p.epoch::text, p.digest, ${msOf('p.issued_at')} as issued_ms,
      ${msOf('p.expires_at')} as expires_ms, ${msOf('p.redeemed_at')} as redeemed_ms,
      p.redemption_id, p.redeemed_by_key_id, p.redeem_idempotency_key, p.redeem_digest
    from permits p
    where p.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and p.id = ${uuidOf(id)}::uuid`);
  if (row === undefined) return null;
  return {
    id: idOf('permit', row.id),
    actionId: idOf('action', row.action_id),
    epoch: Number(row.epoch),
    digest: row.digest,
    issuedAtMs: row.issued_ms,
    expiresAtMs: row.expires_ms,
    redeemedAtMs: row.redeemed_ms,
    redemptionId: row.redemption_id === null ? null : idOf('redemption', row.redemption_id),
    redeemedByKeyId: row.redeemed_by_key_id === null ? null : idOf('key', row.redeemed_by_key_id),
    redeemIdempotencyKey: row.redeem_idempotency_key,
    redeemDigest: row.redeem_digest,
  };
}
