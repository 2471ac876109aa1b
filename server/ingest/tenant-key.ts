import { hkdfSync } from 'node:crypto';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';

/**
 * The key under which a tenant's placeholders get their suffixes: derived from the key of derivations
 * (HKDF-SHA-256, RFC 5869), so it is stored nowhere and every process has the same.
 */
export function createTenantKeys(derivationKey: Uint8Array): (tenantId: TenantId) => Uint8Array {
  const known = new Map<TenantId, Uint8Array>();
  return (tenantId) => {
    const found = known.get(tenantId);
    if (found) return found;
    const made = new Uint8Array(
      hkdfSync(
        'sha256',
        derivationKey,
        uuidOf(tenantId),
        'signalbox redaction placeholders v1',
        32,
      ),
    );
    known.set(tenantId, made);
    return made;
  };
}
