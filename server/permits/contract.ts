import { z } from 'zod';

export const permitStates = ['live', 'expired', 'redeemed', 'halted'] as const;
export type PermitState = (typeof permitStates)[number];

/** Claims of a permit; contract.md, section 4. */
export const permitClaimsSchema = z.strictObject({
  /** The public address of this Signalbox. */
  iss: z.string(),
  /** `ten_…` */
  ten: z.string(),
  /** `agt_…` */
  sub: z.string(),
  /** `prm_…` */
  jti: z.string(),
  /** `act_…` */
  act: z.string(),
  tool: z.string(),
  /** `sha-256:…`, what the permit binds. */
  dig: z.string(),
  /** The nonce under the digest, base64url. */
  n: z.string(),
  /** Version of the policy that it was decided under. */
  pol: z.string(),
  /** Of the tenant's stops when it was issued. */
  epoch: z.int(),
  /** Seconds since 1970 by the database's clock. */
  iat: z.int(),
  exp: z.int(),
  /** Whether a reviewer changed the arguments. */
  edited: z.boolean(),
});
export type PermitClaims = z.infer<typeof permitClaimsSchema>;
