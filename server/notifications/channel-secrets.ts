import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';

/** Whose channel it is; nothing that is sealed of one is opened as another. */
interface ChannelOf {
  readonly tenantId: TenantId;
  readonly channelId: string;
}

const nonceBytes = 12;
const tagBytes = 16;

const derive = (derivationKey: Uint8Array, tenantId: TenantId, purpose: string) =>
  new Uint8Array(hkdfSync('sha256', derivationKey, uuidOf(tenantId), purpose, 32));

const targetKey = (derivationKey: Uint8Array, { tenantId }: ChannelOf) =>
  derive(derivationKey, tenantId, 'signalbox channel targets v1');

const boundTo = ({ tenantId, channelId }: ChannelOf) => Buffer.from(`${tenantId} ${channelId}`);

/** Seals a channel's address by AES-256-GCM under the tenant's key: nonce ‖ ciphertext ‖ tag. */
export function sealTarget(target: string, derivationKey: Uint8Array, of: ChannelOf): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', targetKey(derivationKey, of), nonce);
  cipher.setAAD(boundTo(of));
  return Buffer.concat([nonce, cipher.update(target), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link sealTarget} made. @throws Error when key, tenant, channel or a byte differ. */
export function openTarget(sealed: Buffer, derivationKey: Uint8Array, of: ChannelOf): string {
  const decipher = createDecipheriv(
    'aes-256-gcm',
    targetKey(derivationKey, of),
    sealed.subarray(0, nonceBytes),
    { authTagLength: tagBytes },
  );
  decipher.setAAD(boundTo(of));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const inner = sealed.subarray(nonceBytes, sealed.length - tagBytes);
  return Buffer.concat([decipher.update(inner), decipher.final()]).toString();
}

/**
 * The secret that a webhook's messages are signed with, as Standard Webhooks writes it. Derived, so
 * it lies in no table; another channel has another.
 */
export function webhookSecret(derivationKey: Uint8Array, of: ChannelOf): string {
  const key = derive(derivationKey, of.tenantId, `signalbox webhook v1 ${of.channelId}`);
  return `whsec_${Buffer.from(key).toString('base64')}`;
}
