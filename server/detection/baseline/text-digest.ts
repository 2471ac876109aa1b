import { sha256Hex } from '#server/kernel/hash.ts';

const known = new Map<string, string>();
const knownMax = 10_000;

/**
 * First twelve hex digits of a text's SHA-256. Remembered: the same few shapes and scopes come with
 * every call, and hashing them was most of what they cost.
 */
export function digestOf(text: string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= knownMax) known.clear();
  const made = sha256Hex(text).slice(0, 12);
  known.set(text, made);
  return made;
}
