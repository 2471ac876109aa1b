import { hkdfSync } from 'node:crypto';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';

/**
 * The key of a tenant's marks of kept secrets: derived from the key of derivations (HKDF-SHA-256, RFC 5869),
 * so that it is stored nowhere and every process has the same.
 */
export function createMarkKeys(derivationKey: Uint8Array): (tenantId: TenantId) => Uint8Array {
  const known = new Map<TenantId, Uint8Array>();
  return (tenantId) => {
    const found = known.get(tenantId);
    if (found) return found;
    const made = new Uint8Array(
      hkdfSync('sha256', derivationKey, uuidOf(tenantId), 'signalbox kept secrets v1', 32),
    );
    known.set(tenantId, made);
    return made;
  };
}
