/** Any JSON value, as it came from outside. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** One line of a JSON tree as it is drawn. */
export interface JsonRow {
  /** JSON pointer (RFC 6901), `''` for the root: identity of the row and of its open state. */
  readonly pointer: string;
  readonly depth: number;
  /** Member name or array index; null for the root. Written by somebody else. */
  readonly name: string | null;
  readonly isIndex: boolean;
  readonly value:
    | { readonly kind: 'object' | 'array'; readonly size: number; readonly isOpen: boolean }
    | { readonly kind: 'string'; readonly text: string }
    | { readonly kind: 'literal'; readonly text: string };
}

export interface FlattenOptions {
  /** Pointers whose open state differs from the default. */
  readonly toggled: ReadonlySet<string>;
  /** Containers above this depth are open unless toggled. */
  readonly openDepth: number;
  /** A container with more members than this is closed unless toggled. */
  readonly openMembersMax: number;
  /** Rows to make at most; the rest is counted. */
  readonly rowsMax: number;
}

export interface FlatJson {
  readonly rows: readonly JsonRow[];
  /** True when rows were left out because of `rowsMax`. */
  readonly isCut: boolean;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

interface Pending {
  readonly pointer: string;
  readonly depth: number;
  readonly name: string | null;
  readonly isIndex: boolean;
  readonly value: JsonValue;
}

function childrenOf(row: Pending): readonly Pending[] {
  const { value, pointer } = row;
  const depth = row.depth + 1;
  if (Array.isArray(value)) {
    return value.map((child: JsonValue, index) => ({
      pointer: `${pointer}/${index}`,
      depth,
      name: String(index),
      isIndex: true,
      value: child,
    }));
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).map(([name, child]: [string, JsonValue]) => ({
    pointer: `${pointer}/${escapePointer(name)}`,
    depth,
    name,
    isIndex: false,
    value: child,
  }));
}

function sizeOf(value: JsonValue): number {
  if (Array.isArray(value)) return value.length;
  return value === null || typeof value !== 'object' ? 0 : Object.keys(value).length;
}

/**
 * The rows of a JSON tree that are visible now, in reading order, without recursion: a document of
 * any depth is walked with a stack of its own. Closed containers cost one row whatever they hold.
 */
export function flattenJson(root: JsonValue, options: FlattenOptions): FlatJson {
  const rows: JsonRow[] = [];
  const stack: Pending[] = [{ pointer: '', depth: 0, name: null, isIndex: false, value: root }];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (rows.length === options.rowsMax) return { rows, isCut: true };
    const { pointer, depth, name, isIndex, value } = row;
    if (typeof value === 'string') {
      rows.push({ pointer, depth, name, isIndex, value: { kind: 'string', text: value } });
    } else if (value === null || typeof value !== 'object') {
      rows.push({ pointer, depth, name, isIndex, value: { kind: 'literal', text: String(value) } });
    } else {
      const size = sizeOf(value);
      const isOpenAtFirst = depth < options.openDepth && size <= options.openMembersMax;
      const isOpen = size > 0 && isOpenAtFirst !== options.toggled.has(pointer);
      const kind = Array.isArray(value) ? 'array' : 'object';
      rows.push({ pointer, depth, name, isIndex, value: { kind, size, isOpen } });
      // Never more children than rows still fit, so that a wide document costs no more than it shows.
      if (isOpen) {
        const room = options.rowsMax - rows.length + 1;
        stack.push(...childrenOf(row).slice(0, room).toReversed());
      }
    }
  }
  return { rows, isCut: false };
}
