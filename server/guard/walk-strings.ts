/** One string inside a JSON value. */
export interface JsonString {
  /** RFC 6901 pointer of the string, or of the object whose key it is. */
  readonly pointer: string;
  readonly text: string;
  /** The field that holds it, through arrays; null at the root and for keys. */
  readonly name: string | null;
  readonly isKey: boolean;
}

const escapePart = (part: string | number) =>
  String(part).replaceAll('~', '~0').replaceAll('/', '~1');

/** Every string of a JSON value, keys included, in the order of its canonical text. */
export function* stringsOf(
  value: unknown,
  pointer = '',
  name: string | null = null,
): Generator<JsonString> {
  if (typeof value === 'string') yield { pointer, text: value, name, isKey: false };
  else if (Array.isArray(value)) {
    for (const [index, item] of (value as unknown[]).entries()) {
      yield* stringsOf(item, `${pointer}/${index}`, name);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield { pointer, text: key, name: null, isKey: true };
      yield* stringsOf(item, `${pointer}/${escapePart(key)}`, key);
    }
  }
}
