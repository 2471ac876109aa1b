const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 5;
const groupChars = 5;

/**
 * A password to hand over once: five groups of five letters that are not mistaken for one another,
 * 123 bits.
 * @param random bytes, at least as many as letters; each letter takes one, without bias
 */
export function makePassword(random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const unbiasedBelow = Math.floor(256 / letters.length) * letters.length;
  let text = '';
  while (text.length < groups * groupChars) {
    const bytes = new Uint8Array(64);
    random(bytes);
    for (const byte of bytes) {
      if (byte < unbiasedBelow && text.length < groups * groupChars) {
        text += letters.charAt(byte % letters.length);
      }
    }
  }
  return (text.match(/.{5}/g) ?? []).join('-');
}
