import { hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';

/**
 * argon2id (the package's default) with the first of OWASP's equivalent settings: 19 MiB, two
 * passes, one lane. Node's four pool threads bound how many run at once.
 */
const settings = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A password as stored text (PHC format with its own salt). */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), settings);
}

let decoy: Promise<string> | null = null;

/**
 * Whether a password fits its stored hash. With `stored` null (nobody has this e-mail) the same work
 * is done on a hash that nothing fits, so that the time does not tell which e-mails exist.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  // Awaited on both paths: the first call pays for it whoever it is.
  decoy ??= hashPassword(randomBytes(32).toString('base64url'));
  const nobody = await decoy;
  const isRight = await verify(stored ?? nobody, password.normalize('NFKC'));
  return stored !== null && isRight;
}
