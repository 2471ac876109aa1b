import { randomBytes } from 'node:crypto';
import { hashLeaseJwt, type LeaseTools } from './lease-jwt.ts';
import { sha256 } from '#server/kernel/hash.ts';

const shape = /^sbl_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}_[0-9A-Za-z_-]{43}$/;

/**
 * A new lease token of 256 random bits: `sbl_<26 base32>_<43 base64url>`. The middle is the lease's own
 * id, so that a token found in a log names its row; it is under the hash like the rest.
 */
export function mintLeaseToken(leaseId: string): { readonly token: string; readonly hash: Buffer } {
  const id = leaseId.slice(leaseId.indexOf('_') + 1);
  const token = `sbl_${id}_${randomBytes(32).toString('base64url')}`;
  return { token, hash: sha256(token) };
}

/** The stored form of an opaque token; null for what is none of ours. */
export function hashLeaseToken(token: string): Buffer | null {
  return shape.test(token) ? sha256(token) : null;
}

/** The stored form of a lease's token of either format; null for what is none of ours. */
export async function hashAnyLeaseToken(tools: LeaseTools, token: string): Promise<Buffer | null> {
  return hashLeaseToken(token) ?? (await hashLeaseJwt(tools, token));
}
