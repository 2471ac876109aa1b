import type { SensitiveMatch } from '#server/guard/contract.ts';
import { hmacSha256Hex } from '#server/kernel/hash.ts';

/** One value has one spelling in the placeholder's key: `Alice@Example.com`, `alice@example.com`. */
function normalise(value: string, placeholder: SensitiveMatch['placeholder']): string {
  switch (placeholder) {
    case 'EMAIL':
      return value.toLowerCase().replace(/%40|&#64;|\\u0040|\uff20/g, '@');
    case 'PHONE':
    case 'CARD':
    case 'SSN':
      return value.replace(/\D/g, '');
    case 'IBAN':
    case 'NINO':
    case 'PASSPORT':
    case 'LICENSE':
    case 'MAC':
      return value.toUpperCase().replace(/[^A-Z0-9]/g, '');
    case 'IP':
      return value.toLowerCase();
    case 'SECRET':
      return value;
  }
}

const suffixHexDigits = 8;

/** What a value is replaced by: the same one for the same value and tenant. */
export function placeholderOf(
  value: string,
  match: SensitiveMatch,
  state: { readonly tenantKey: Uint8Array; readonly placeholders: Map<string, string> },
): string {
  const named = `${match.placeholder}\u001f${normalise(value, match.placeholder)}`;
  const known = state.placeholders.get(named);
  if (known !== undefined) return known;
  const suffix = hmacSha256Hex(state.tenantKey, named).slice(0, suffixHexDigits);
  const placeholder = `[${match.placeholder}:${suffix}]`;
  state.placeholders.set(named, placeholder);
  return placeholder;
}
