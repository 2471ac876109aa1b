import { randomBytes } from 'node:crypto';
import { decryptBound, encryptBound } from '#server/credentials/aes-gcm.ts';
import type { TenantId } from '#server/kernel/ids.ts';

export interface Sealed {
  readonly wrappedKey: Buffer;
  readonly sealed: Buffer;
}

/** Whose arguments they are; nothing that is sealed of one is opened as another. */
export interface SealedOf {
  readonly tenantId: TenantId;
  readonly actionId: string;
  /** 0 = as the agent asked; then one for each edit. */
  readonly version: number;
}

/**
 * Seals a text under a fresh data key of its own, and the data key under the tenant's: AES-256-GCM
 * both, bound to tenant, action and version, so that no row can be moved to another and opened there.
 */
export function sealArguments(text: string, sealKey: Uint8Array, of: SealedOf): Sealed {
  const dataKey = randomBytes(32);
  const bound = boundTo(of);
  return {
    wrappedKey: encryptBound(dataKey, sealKey, `key ${bound}`),
    sealed: encryptBound(Buffer.from(text), dataKey, `arguments ${bound}`),
  };
}

/** Opens what {@link sealArguments} made. @throws Error when key, tenant, action or a byte differ. */
export function openSealed(sealed: Sealed, sealKey: Uint8Array, of: SealedOf): string {
  const bound = boundTo(of);
  const dataKey = decryptBound(sealed.wrappedKey, sealKey, `key ${bound}`);
  return decryptBound(sealed.sealed, dataKey, `arguments ${bound}`).toString();
}

const boundTo = ({ tenantId, actionId, version }: SealedOf) =>
  version === 0 ? `${tenantId} ${actionId}` : `${tenantId} ${actionId} edit ${version}`;
