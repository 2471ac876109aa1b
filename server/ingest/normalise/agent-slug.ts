import { limits } from '#server/kernel/limits.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import { agentSlugSchema } from '#server/telemetry/contract.ts';

const hashDigits = 8;
const slugCharsMax = 128;

/**
 * An agent's name as telemetry gives it → the slug of the contract
 * (`[a-z0-9][a-z0-9._/-]{0,127}`): itself when it is one, else lower case, accents dropped,
 * everything else a hyphen. A name with no Latin letter or digit, and the end of one that is too
 * long, become 8 digits of its hash, so that two such agents stay two. Null for blank text.
 */
export function slugifyAgent(name: string): string | null {
  const trimmed = name.trim();
  if (trimmed === '') return null;
  if (agentSlugSchema.safeParse(trimmed).success) return trimmed;
  const slug = trimmed
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._/-]+/g, '-')
    .replace(/^[^a-z0-9]+|(?<!-)-+$/g, '');
  const hash = sha256Hex(trimmed).slice(0, hashDigits);
  if (slug === '') return `agent-${hash}`;
  if (slug.length <= slugCharsMax) return slug;
  return `${slug.slice(0, slugCharsMax - hashDigits - 1)}-${hash}`;
}

/**
 * Somebody else's id (session, user, instance, call) as the contract can hold it: itself when it is
 * 1–128 printable ASCII characters, else 32 digits of its hash, so that equal ids stay equal; the
 * attribute keeps the original. Null for empty text.
 */
export function callerIdOf(id: string): string | null {
  if (id === '') return null;
  if (id.length <= limits.callerIdCharsMax && /^[\x20-\x7e]+$/.test(id)) return id;
  return `sha256-${sha256Hex(id).slice(0, 32)}`;
}
