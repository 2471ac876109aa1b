/**
 * Where something stands next, asked from places that only ever grow: no part of a text is read twice,
 * however many beginnings it has without an end. `Infinity` where none follows.
 */
export function nextOf(text: string, pattern: RegExp): (from: number) => number {
  const own = new RegExp(pattern.source, 'g');
  let at = -1;
  return (from) => {
    if (at >= from) return at;
    own.lastIndex = from;
    at = own.exec(text)?.index ?? Infinity;
    return at;
  };
}
