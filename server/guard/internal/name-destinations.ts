/** Addresses, accounts, hosts, and the placeholders that redaction put in their place. */
const shapes =
  /\[(?:EMAIL|IBAN|PHONE|CARD):[0-9a-f]+\]|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|(?:https?:\/\/|(?<![a-z0-9-]))(?:[a-z0-9-]{1,63}\.){1,16}[a-z]{2,24}\b/gi;
/** What ends so is a file, and `e.g` and `i.e` are no hosts either. */
const files =
  /\.(?:txt|md|js|ts|tsx|py|json|csv|tsv|pdf|html?|xml|ya?ml|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|zip|log|sh|sql|env|ini|toml|java|go|rs|c|h|cpp)$|^(?:e\.g|i\.e|a\.m|p\.m)$/;

export interface NamedDestination {
  /** Lower case, without scheme and `www.`. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Written as something to go to: with a scheme, as an address, or as a placeholder. */
  readonly isExplicit: boolean;
}

/** Where a text points to, in its order. */
export function namedDestinations(text: string): NamedDestination[] {
  return [...text.matchAll(shapes)].flatMap((match) => {
    const [whole] = match;
    const name = whole
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/^www\./, '');
    if (files.test(name)) return [];
    const isExplicit = /^https?:|@|^\[|^www\.|^[A-Z]{2}\d{2}/i.test(whole);
    return [{ name, start: match.index, end: match.index + whole.length, isExplicit }];
  });
}

/** A host, the host of an address, or an account, as far as it can be compared. */
export const hostOfName = (name: string): string => name.split('@').at(-1) ?? name;

/** Whether a destination is this one or lies within it. */
export function isWithinName(name: string, home: string): boolean {
  const host = hostOfName(name);
  return name === home || host === home || host.endsWith(`.${home}`);
}
