import { hmacSha256 } from '#server/kernel/hash.ts';
import { canonicalise } from '#server/permits/canonicalise.ts';
import type { OpenedArguments } from './contract.ts';
import type { CredentialPlace } from './request-approval.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';

export interface MaskedArguments {
  /** RFC 8785 text with each detected credential replaced inside its string. */
  readonly canonical: string;
  readonly value: unknown;
  readonly masked: OpenedArguments['masked'];
}

/** Eight hex digits of a keyed hash: equal for equal credentials of one tenant, telling nothing. */
export function fingerprintOfSecret(secret: string, tenantKey: Uint8Array): string {
  return hmacSha256(tenantKey, `SECRET\u001f${secret}`).toString('hex').slice(0, 8);
}

/**
 * Replaces detected credentials by their kind, length and fingerprint. Places are those that were
 * noted when the arguments were sealed; offsets in the answer are of the text as it is shown. Pure.
 */
export function maskArguments(
  canonical: string,
  places: readonly CredentialPlace[],
  tenantKey: Uint8Array,
): MaskedArguments {
  const byString = Map.groupBy(places, (place) => place.at);
  const masked: { at: number; start: number; end: number; type: string; secret: string }[] = [];
  let at = 0;
  const maskText = (text: string): string => {
    const here = byString.get(at) ?? [];
    let shown = '';
    let from = 0;
    for (const { start, end, type } of here) {
      const secret = text.slice(start, end);
      shown += text.slice(from, start);
      const mask = `[${type}, ${secret.length} characters, ${fingerprintOfSecret(secret, tenantKey)}]`;
      masked.push({ at, start: shown.length, end: shown.length + mask.length, type, secret });
      shown += mask;
      from = end;
    }
    at += 1;
    return shown + text.slice(from);
  };
  const value = rebuild(JSON.parse(canonical), maskText);
  // Pointers are of the text as shown, so they are read from it.
  const shown = [...stringsOf(value)];
  return {
    canonical: canonicalise(value),
    value,
    masked: masked.map(({ at: index, start, end, type, secret }) => ({
      pointer: shown[index]?.pointer ?? '',
      start,
      end,
      type,
      length: secret.length,
      fingerprint: fingerprintOfSecret(secret, tenantKey),
    })),
  };
}

/** The same value with every string and key passed through `change`, in the order of `stringsOf`. */
function rebuild(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as unknown[]).map((item) => rebuild(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const shownKey = change(key);
      return [shownKey, rebuild(item, change)];
    }),
  );
}
