import type { KeptSecretMatch, KeptSecretMatcher, SecretForm } from '#server/guard/contract.ts';
import { base64Cores } from '#server/guard/internal/canary-patterns.ts';
import { equalBytes, hmacSha256 } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * By what one spelling of a kept secret is recognised. Nothing of the secret can be read from it, nor
 * held against a guess, without a key that lies outside the database.
 */
export interface SecretMark {
  readonly form: SecretForm;
  /** Which of the secret's spellings; part of what the other two values are keyed by. */
  readonly part: number;
  /** Of the whole spelling and of the stretch in its middle that is looked for; UTF-16 code units. */
  readonly chars: number;
  readonly coreAt: number;
  readonly coreChars: number;
  /** Rolling hash of the stretch's beginning, masked; 32 bits. */
  readonly window: number;
  /** HMAC-SHA-256 of the stretch. */
  readonly commitment: Uint8Array;
}

/** A mark with whose secret it is. */
export interface KeptSecret {
  readonly credentialId: string;
  readonly name: string;
  readonly mark: SecretMark;
}

const windowChars = limits.keptSecretCharsMin;
/** So much of the middle of a spelling stands for the whole: what tools cut at an end is still found. */
const coreCharsMax = 64;
/** Of fewer different characters are a placeholder or a joke, and turn up by chance. */
const distinctCharsMin = 6;

const bitmapBits = 1 << 16;
const bitOf = (hash: number): number => (hash ^ (hash >>> 16)) & (bitmapBits - 1);

/** The multiplier of the rolling hash is the tenant's own: no table of windows fits another. */
const baseOf = (key: Uint8Array): number => hmacSha256(key, 'window multiplier').readInt32BE(0) | 1;

const maskOf = (key: Uint8Array, credentialId: string, part: number): number =>
  hmacSha256(key, `window\u001f${credentialId}\u001f${part}`).readInt32BE(0);

const commitmentOf = (
  key: Uint8Array,
  credentialId: string,
  part: number,
  core: string,
): Uint8Array => hmacSha256(key, `secret\u001f${credentialId}\u001f${part}\u001f${core}`);

function hashWindow(text: string, base: number): number {
  let hash = 0;
  for (let at = 0; at < windowChars; at += 1)
    hash = (Math.imul(hash, base) + text.charCodeAt(at)) | 0;
  return hash;
}

const webSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');

/** How a secret is written where it is passed on: as it is, inside JSON, in an address, encoded. */
function spellingsOf(secret: string): readonly (readonly [SecretForm, string])[] {
  const bytes = Buffer.from(secret, 'utf8');
  const cores = base64Cores(bytes);
  return [
    ['plain', secret],
    ['escaped', JSON.stringify(secret).slice(1, -1)],
    ['percent', encodeURIComponent(secret)],
    ...cores.map((core) => ['base64', core] as const),
    ...cores.map((core) => ['base64', webSafe(core)] as const),
    ['hex', bytes.toString('hex')],
    ['hex', bytes.toString('hex').toUpperCase()],
  ];
}

/**
 * By what a secret will be recognised, in any of its spellings. Empty for one that is too short or too
 * plain to be told from other text: nobody can say of it where it was seen. Pure.
 */
export function markSecret(key: Uint8Array, credentialId: string, secret: string): SecretMark[] {
  const trimmed = secret.trim();
  if (!trimmed.isWellFormed() || new Set(trimmed).size < distinctCharsMin) return [];
  if (trimmed.length < windowChars) return [];
  const base = baseOf(key);
  const seen = new Set<string>();
  const marks: SecretMark[] = [];
  spellingsOf(trimmed).forEach(([form, spelling], part) => {
    if (spelling.length < windowChars || seen.has(spelling)) return;
    seen.add(spelling);
    const chars = spelling.length;
    const coreChars = Math.min(coreCharsMax, chars);
    const coreAt = Math.floor((chars - coreChars) / 2);
    const core = spelling.slice(coreAt, coreAt + coreChars);
    marks.push({
      form,
      part,
      chars,
      coreAt,
      coreChars,
      window: hashWindow(core, base) ^ maskOf(key, credentialId, part),
      commitment: commitmentOf(key, credentialId, part, core),
    });
  });
  return marks;
}

const nothing: readonly KeptSecretMatch[] = [];

/**
 * Compiles the marks of a tenant's kept secrets. A text is passed over once, whatever their number: a
 * rolling hash asks a bitmap whether anything could begin here, and only then is anything keyed.
 */
export function createKeptSecretMatcher(
  key: Uint8Array,
  secrets: readonly KeptSecret[],
): KeptSecretMatcher {
  const base = baseOf(key);
  let leaving = 1;
  for (let count = 0; count < windowChars; count += 1) leaving = Math.imul(leaving, base);
  const bitmap = new Uint8Array(bitmapBits >> 3);
  const byWindow = new Map<number, KeptSecret[]>();
  for (const secret of secrets) {
    const hash = secret.mark.window ^ maskOf(key, secret.credentialId, secret.mark.part);
    const bit = bitOf(hash);
    bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
    byWindow.set(hash, [...(byWindow.get(hash) ?? []), secret]);
  }
  const matchAt = (text: string, from: number, secret: KeptSecret): KeptSecretMatch | null => {
    const { coreAt, coreChars, chars, part, form, commitment } = secret.mark;
    if (from + coreChars > text.length) return null;
    const core = text.slice(from, from + coreChars);
    const { credentialId, name } = secret;
    if (!equalBytes(commitmentOf(key, credentialId, part, core), commitment)) return null;
    const start = Math.max(0, from - coreAt);
    return { credentialId, name, form, start, end: Math.min(text.length, from - coreAt + chars) };
  };
  return {
    size: secrets.length,
    find: (text) => {
      if (secrets.length === 0 || text.length < windowChars) return nothing;
      const matches: KeptSecretMatch[] = [];
      let hash = 0;
      for (let at = 0; at < text.length; at += 1) {
        hash = (Math.imul(hash, base) + text.charCodeAt(at)) | 0;
        if (at >= windowChars)
          hash = (hash - Math.imul(text.charCodeAt(at - windowChars), leaving)) | 0;
        else if (at < windowChars - 1) continue;
        const bit = bitOf(hash);
        if (((bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
        for (const secret of byWindow.get(hash) ?? []) {
          const match = matchAt(text, at - windowChars + 1, secret);
          if (match !== null) matches.push(match);
        }
      }
      return matches.length === 0 ? nothing : matches;
    },
  };
}
