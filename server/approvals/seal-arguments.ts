import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { TenantId } from '#server/kernel/ids.ts';

const nonceBytes = 12;
const tagBytes = 16;

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
    wrappedKey: encrypt(dataKey, sealKey, `key ${bound}`),
    sealed: encrypt(Buffer.from(text), dataKey, `arguments ${bound}`),
  };
}

/** Opens what {@link sealArguments} made. @throws Error when key, tenant, action or a byte differ. */
export function openSealed(sealed: Sealed, sealKey: Uint8Array, of: SealedOf): string {
  const bound = boundTo(of);
  const dataKey = decrypt(sealed.wrappedKey, sealKey, `key ${bound}`);
  return decrypt(sealed.sealed, dataKey, `arguments ${bound}`).toString();
}

const boundTo = ({ tenantId, actionId, version }: SealedOf) =>
  version === 0 ? `${tenantId} ${actionId}` : `${tenantId} ${actionId} edit ${version}`;

/** nonce ‖ ciphertext ‖ tag. */
function encrypt(plain: Uint8Array, key: Uint8Array, additional: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(additional));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(text: Buffer, key: Uint8Array, additional: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, text.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(additional));
  decipher.setAuthTag(text.subarray(text.length - tagBytes));
  const inner = text.subarray(nonceBytes, text.length - tagBytes);
  return Buffer.concat([decipher.update(inner), decipher.final()]);
}
