/** Base64 of a text wherever it begins within three bytes, without what its neighbours would decide. */
function base64Spellings(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.from('x'.repeat(before) + text);
    const whole = bytes.toString('base64').replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor((bytes.length * 8) / 6);
    return whole.slice(first, last);
  });
}

/** Every spelling under which a text could lie somewhere: as it is, as bytes, encoded or turned round. */
export function spellingsOf(text: string): readonly string[] {
  const hex = Buffer.from(text).toString('hex');
  const encoded = base64Spellings(text);
  return [
    text,
    hex,
    hex.toUpperCase(),
    ...encoded,
    ...encoded.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')),
    Array.from(text).toReversed().join(''),
  ];
}
