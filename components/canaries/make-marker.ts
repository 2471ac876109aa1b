/**
 * A marker that turns up nowhere by chance: 96 random bits behind a word that people who plant it
 * recognise.
 */
export function makeMarker(random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const bytes = new Uint8Array(12);
  random(bytes);
  return `cnry-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
