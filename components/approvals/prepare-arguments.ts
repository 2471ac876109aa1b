/** One leaf of the arguments as the screen draws it: where it stands, what it is, and its text. */
export interface ArgumentRow {
  /** RFC 6901 pointer: tells two leaves apart, and where a note belongs. */
  readonly pointer: string;
  /** From the outside in: keys, unescaped, and places in lists as numbers. */
  readonly path: readonly (string | number)[];
  readonly kind: LeafKind;
  /** A string as it is; anything else as its JSON text. */
  readonly text: string;
}

export type LeafKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** How a leaf differs from the last approved call. */
export type RowChange = 'same' | 'changed' | 'added';

export interface ComparedRow extends ArgumentRow {
  /** Null when there is nothing to compare with. */
  readonly change: RowChange | null;
  /** The earlier leaf where it was another. */
  readonly before: ArgumentRow | null;
}

const escapePart = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Every leaf of a canonical JSON text in its order; empty objects and arrays are leaves too. Pure. */
export function argumentRows(canonical: string): ArgumentRow[] {
  const rows: ArgumentRow[] = [];
  const visit = (value: unknown, path: ArgumentRow['path']): void => {
    const entries = entriesOf(value);
    if (entries !== null && (entries.length > 0 || path.length === 0)) {
      for (const [key, item] of entries) visit(item, [...path, key]);
      return;
    }
    rows.push({
      pointer: path.map((part) => `/${escapePart(String(part))}`).join(''),
      path,
      kind: kindOf(value),
      text: typeof value === 'string' ? value : JSON.stringify(value),
    });
  };
  visit(JSON.parse(canonical), []);
  return rows;
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] | null {
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((item, index) => [index, item] as const);
  }
  return typeof value === 'object' && value !== null ? Object.entries(value) : null;
}

function kindOf(value: unknown): LeafKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

/** The rows beside those of the last approved call, and what that call had and this one has not. Pure. */
export function compareArguments(
  canonical: string,
  lastApproved: string | null,
): { readonly rows: readonly ComparedRow[]; readonly removed: readonly ArgumentRow[] } {
  const rows = argumentRows(canonical);
  if (lastApproved === null) {
    return { rows: rows.map((row) => ({ ...row, change: null, before: null })), removed: [] };
  }
  const earlier = new Map(argumentRows(lastApproved).map((row) => [row.pointer, row]));
  const compared = rows.map((row): ComparedRow => {
    const before = earlier.get(row.pointer) ?? null;
    earlier.delete(row.pointer);
    if (before === null) return { ...row, change: 'added', before };
    const isSame = before.text === row.text && before.kind === row.kind;
    return { ...row, change: isSame ? 'same' : 'changed', before: isSame ? null : before };
  });
  return { rows: compared, removed: [...earlier.values()] };
}

/** Whether the digest covers a leaf: its outermost name is bound, or all are (`null`). */
export function isBound(row: ArgumentRow, boundFields: readonly string[] | null): boolean {
  return boundFields === null || boundFields.includes(String(row.path[0] ?? ''));
}

/** Lines and characters beyond which a value is not drawn at once. */
export const shownAtOnce = { linesMax: 40, charsMax: 4000 } as const;

/** Whether a text is drawn whole at once; a longer one has to be opened before a verdict. Pure. */
export function isShownAtOnce(text: string): boolean {
  if (text.length > shownAtOnce.charsMax) return false;
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).length <= shownAtOnce.linesMax;
}
