import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';

/** Signatures that count. Never `none`, and none with a shared secret: a public key is no secret. */
export const setAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

const base64Url = (charsMin: number, charsMax: number) =>
  z
    .string()
    .min(charsMin)
    .max(charsMax)
    .regex(/^[\w-]+$/);
const shared = {
  kid: z.string().min(1).max(limits.securityEventIdCharsMax).optional(),
  use: z.literal('sig').optional(),
};

/** A public key of a kind that {@link setAlgorithms} verify with (RFC 7517); RSA from 2,048 bits on. */
const publicKeySchema = z.discriminatedUnion('kty', [
  z.object({
    kty: z.literal('RSA'),
    alg: z.enum(['RS256', 'PS256']).optional(),
    n: base64Url(342, 1366),
    e: base64Url(1, 8),
    ...shared,
  }),
  z.object({
    kty: z.literal('EC'),
    alg: z.literal('ES256').optional(),
    crv: z.literal('P-256'),
    x: base64Url(43, 43),
    y: base64Url(43, 43),
    ...shared,
  }),
  z.object({
    kty: z.literal('OKP'),
    alg: z.enum(['EdDSA', 'Ed25519']).optional(),
    crv: z.literal('Ed25519'),
    x: base64Url(43, 43),
    ...shared,
  }),
]);
export type PublicKey = z.infer<typeof publicKeySchema>;

const keySetSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** Keys that may be verified with, or why there are none. */
export type ReadKeys =
  | { readonly keys: readonly PublicKey[]; readonly refusal: null }
  | { readonly keys: null; readonly refusal: string };

const refused = (refusal: string): ReadKeys => ({ keys: null, refusal });

/**
 * The keys of a JSON Web Key Set that signatures of ours may be verified with; others of it, for
 * encryption or of other curves, are left out. One with its private half refuses the whole set: who
 * reads it can sign. Pure.
 */
export function readKeys(text: string): ReadKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('This is no JSON; paste a key set such as {"keys":[…]}.');
  }
  const set = keySetSchema.safeParse(value);
  if (!set.success) return refused('This is no key set; it begins with {"keys":[.');
  if (set.data.keys.some((key) => 'd' in key || 'k' in key)) {
    return refused('It holds a private key or a shared secret; only public keys belong here.');
  }
  const keys = set.data.keys.flatMap((key) => {
    const parsed = publicKeySchema.safeParse(key);
    return parsed.success ? [parsed.data] : [];
  });
  if (keys.length === 0) {
    return refused('None of its keys can verify RS256, PS256, ES256 or EdDSA.');
  }
  if (keys.length > limits.transmitterKeysMax) {
    return refused(`It has more than ${limits.transmitterKeysMax} keys.`);
  }
  return { keys, refusal: null };
}
