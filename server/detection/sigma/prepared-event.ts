import { limits } from '#server/kernel/limits.ts';

export type Scalar = string | number | boolean;
/** What a field holds: absent (`undefined`), null, one value or several. */
export type FieldValue = undefined | null | Scalar | readonly (Scalar | null)[];

/** How the evaluator reads one event. Names are exact, dots are part of them. */
export interface FieldReader {
  read(name: string): FieldValue;
  /** Every text of the event, for keyword searches. */
  texts(): readonly string[];
}

/** The five characters that the `windash` modifier takes for one another. */
const dashes = /[-/–—―]/g;

/** Folds text as a comparison wants it: letter case away unless `cased`, dashes alike for windash. */
export function foldText(text: string, isCased: boolean, isDashFolded: boolean): string {
  const folded = isCased ? text : text.toLowerCase();
  return isDashFolded ? folded.replace(dashes, '-') : folded;
}

/**
 * One field of one event with its folded forms, each made once however many rules ask: lower-casing
 * a long text for every rule is what would make a pack slow. A list matches when an element does.
 */
export class PreparedField {
  readonly isPresent: boolean;
  /** Absent and null are the same to `field: null`. */
  readonly isNull: boolean;
  readonly values: readonly Scalar[];
  #raw: readonly string[] | null = null;
  #lower: readonly string[] | null = null;
  #dashed: readonly string[] | null = null;

  constructor(value: FieldValue) {
    this.isPresent = value !== undefined;
    if (value === undefined || value === null) this.values = [];
    else if (typeof value === 'object') this.values = value.filter((item) => item !== null);
    else this.values = [value];
    this.isNull = this.values.length === 0;
  }

  texts(isCased: boolean, isDashFolded: boolean): readonly string[] {
    this.#raw ??= this.values.map(String);
    if (isDashFolded) {
      if (isCased) return this.#raw.map((text) => foldText(text, true, true));
      this.#dashed ??= this.#raw.map((text) => foldText(text, false, true));
      return this.#dashed;
    }
    if (isCased) return this.#raw;
    this.#lower ??= this.#raw.map((text) => text.toLowerCase());
    return this.#lower;
  }
}

/** Most fields of a pack are in no single event. */
const absent = new PreparedField(undefined);

/** One event under evaluation: reads each field once and keeps its forms for all rules. */
export class PreparedEvent {
  readonly #reader: FieldReader;
  readonly #fields = new Map<string, PreparedField>();
  #keywords: PreparedField | null = null;

  constructor(reader: FieldReader) {
    this.#reader = reader;
  }

  field(name: string): PreparedField {
    let field = this.#fields.get(name);
    if (field === undefined) {
      const value = this.#reader.read(name);
      field = value === undefined ? absent : new PreparedField(value);
      this.#fields.set(name, field);
    }
    return field;
  }

  /** All texts of the event as one many-valued field: what keywords are searched in. */
  keywords(): PreparedField {
    this.#keywords ??= new PreparedField(this.#reader.texts());
    return this.#keywords;
  }
}

/**
 * A reader over a plain object of any nesting: the exact key wins, then dots lead downwards (a key
 * may itself contain dots), and a list is looked through element by element.
 */
export function readerOf(record: unknown): FieldReader {
  return {
    read: (name) => readPath(record, name),
    texts: () => leavesOf(record).map(String),
  };
}

/** The value at a dotted path; an object there reads as its leaves. */
export function readPath(value: unknown, path: string): FieldValue {
  const found: unknown[] = [];
  collect(value, path, found);
  if (found.length === 0) return undefined;
  const only = found[0];
  if (found.length === 1 && (only === null || isScalar(only))) return only;
  return leavesOf(found);
}

function collect(value: unknown, path: string, found: unknown[]): void {
  if (typeof value !== 'object' || value === null || found.length >= limits.eventLeavesMax) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, path, found);
    return;
  }
  if (Object.hasOwn(value, path)) {
    found.push((value as Record<string, unknown>)[path]);
    return;
  }
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    if (Object.hasOwn(value, key)) {
      collect((value as Record<string, unknown>)[key], path.slice(dot + 1), found);
    }
  }
}

/** Every scalar below `value`, in document order, at most `limits.eventLeavesMax`. */
export function leavesOf(value: unknown): Scalar[] {
  const leaves: Scalar[] = [];
  const pending: unknown[] = [value];
  while (pending.length > 0 && leaves.length < limits.eventLeavesMax) {
    const item = pending.pop();
    if (isScalar(item)) leaves.push(item);
    else if (typeof item === 'object' && item !== null) {
      const children: unknown[] = Object.values(item);
      // One by one: spreading a list of a hundred thousand overflows the stack.
      for (let at = children.length - 1; at >= 0; at -= 1) pending.push(children[at]);
    }
  }
  return leaves;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
