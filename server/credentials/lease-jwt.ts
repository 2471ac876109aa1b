import { z } from 'zod';
import { AppError } from '#server/kernel/errors.ts';
import { sha256 } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';
import type { PermitKey } from '#server/permits/permit-key.ts';

/** What signs and recognises leases that are JWTs; made once by the server's start. */
export interface LeaseTools {
  readonly permitKey: Pick<PermitKey, 'signAs' | 'readAs'>;
  /** Public address of this Signalbox. */
  readonly issuer: string;
}

/** `typ` of an access token (RFC 9068, section 2.1). A permit of the same key has another. */
export const leaseJwtType = 'at+jwt';

/** Claims of a lease that is a JWT (RFC 9068, section 2.2), and ours. */
const leaseClaimsSchema = z.strictObject({
  iss: z.string(),
  /** The agent's id, and its slug. */
  sub: z.string(),
  client_id: z.string(),
  /** The tool that it is for, twice: as the audience and by name. */
  aud: z.string(),
  tool: z.string(),
  /** Seconds since 1970 by the database's clock. */
  iat: z.int(),
  exp: z.int(),
  /** `lse_…` */
  jti: z.string(),
  /** Space-separated. */
  scope: z.string(),
  /** `ten_…` */
  ten: z.string(),
});
export type LeaseClaims = z.infer<typeof leaseClaimsSchema>;

/**
 * A lease as a compact JWS, EdDSA, and what is stored of it.
 * @throws AppError `unprocessable` where its scopes make it longer than an introspection takes
 */
export function mintLeaseJwt(
  { permitKey, issuer }: LeaseTools,
  claims: Omit<LeaseClaims, 'iss'>,
): { readonly token: string; readonly hash: Buffer } {
  const token = permitKey.signAs(leaseJwtType, { iss: issuer, ...claims });
  if (token.length > limits.tokenCharsMax) {
    throw new AppError(
      'unprocessable',
      `A JWT with these scopes is longer than ${limits.tokenCharsMax} characters; name fewer, or take an opaque token.`,
    );
  }
  return { token, hash: sha256(token) };
}

/**
 * The stored form of a lease that is a JWT; null for what this Signalbox has not signed as a lease. Says
 * nothing of its life: that is its row's.
 */
export async function hashLeaseJwt(tools: LeaseTools, token: string): Promise<Buffer | null> {
  const claims = leaseClaimsSchema.safeParse(await tools.permitKey.readAs(leaseJwtType, token));
  return claims.success && claims.data.iss === tools.issuer ? sha256(token) : null;
}
