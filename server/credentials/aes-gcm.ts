import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. What is sealed for `bound` opens for nothing else. */
export function encryptBound(plain: Uint8Array, key: Uint8Array, bound: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link encryptBound} made. @throws Error when key, `bound` or a byte differ. */
export function decryptBound(text: Buffer, key: Uint8Array, bound: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, text.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(text.subarray(text.length - tagBytes));
  const inner = text.subarray(nonceBytes, text.length - tagBytes);
  return Buffer.concat([decipher.update(inner), decipher.final()]);
}
