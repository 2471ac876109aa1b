import { isArray, isObject, setOwn } from '#server/ingest/clean-text.ts';
import { parseStorableJson } from '#server/ingest/parse-json.ts';
import type { EventFlag, Json, JsonObject } from '#server/telemetry/contract.ts';

/** A value for the event's body, and the attributes that it holds whole and need not be kept again. */
export interface Content {
  readonly value: Json;
  readonly keys: readonly string[];
}

/**
 * How a text attribute is read. `json`: it should be JSON and is flagged when it is not; `maybe`: an
 * object or array is parsed, anything else is text; `text`: never parsed.
 */
export type ContentForm = 'json' | 'maybe' | 'text';

/** Typed look-ups in one span's or record's attributes; the first key that is told wins. */
export class AttributeReader {
  readonly attributes: JsonObject;
  readonly flags: Set<EventFlag>;
  readonly #namespaces: ReadonlySet<string>;

  constructor(attributes: JsonObject, flags: Set<EventFlag>) {
    this.attributes = attributes;
    this.flags = flags;
    this.#namespaces = new Set(Object.keys(attributes).map((key) => key.split('.', 1)[0] ?? ''));
  }

  /** True when some key's first segment is one of `names` (`gen_ai` for `gen_ai.system`). */
  hasNamespace(...names: readonly string[]): boolean {
    return names.some((name) => this.#namespaces.has(name));
  }

  has(key: string): boolean {
    return Object.hasOwn(this.attributes, key);
  }

  get(key: string): Json {
    return this.has(key) ? (this.attributes[key] ?? null) : null;
  }

  /** Text under the first of `keys` that holds any. */
  text(...keys: readonly string[]): string | undefined {
    for (const key of keys) {
      const value = this.get(key);
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  }

  /** Whole number from 0 under the first of `keys` that holds one; digits in text count. */
  count(...keys: readonly string[]): number | undefined {
    for (const key of keys) {
      const value = this.get(key);
      const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
      if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    }
    return undefined;
  }

  /** What the first told of `keys` holds, parsed as `form` says. */
  content(form: ContentForm, ...keys: readonly string[]): Content | undefined {
    for (const key of keys) {
      const value = this.get(key);
      if (value !== null && value !== '') return { value: this.parse(value, form), keys: [key] };
    }
    return undefined;
  }

  /** `value` itself, or what its text holds. */
  parse(value: Json, form: ContentForm): Json {
    if (typeof value !== 'string' || form === 'text') return value;
    if (form === 'maybe' && !/^\s*[[{]/.test(value)) return value;
    const parsed = parseStorableJson(value, this.flags);
    if (parsed !== undefined) return parsed;
    if (form === 'json') this.flags.add('unparsed_json');
    return value;
  }

  /**
   * Attributes flattened under `prefix` (`llm.input_messages.` + `0.message.role`) nested again;
   * a level whose keys are all numbers is a list, in their order and without the gaps.
   */
  nested(prefix: string): Content | undefined {
    const root: Branch = new Map();
    const keys: string[] = [];
    for (const [key, value] of Object.entries(this.attributes)) {
      if (key.startsWith(prefix) && plant(root, key.slice(prefix.length).split('.'), value)) {
        keys.push(key);
      }
    }
    return keys.length === 0 ? undefined : { value: grow(root), keys };
  }
}

type Branch = Map<string, Branch | { readonly leaf: Json }>;

/** A path deeper than this is no flattened message: it stays an attribute. */
const pathSegmentsMax = 24;

/** False when the path runs through a leaf or ends on a branch: that attribute stays where it is. */
function plant(root: Branch, path: readonly string[], leaf: Json): boolean {
  if (path.length > pathSegmentsMax) return false;
  let branch = root;
  for (const segment of path.slice(0, -1)) {
    const next = branch.get(segment) ?? new Map();
    if (!(next instanceof Map)) return false;
    branch.set(segment, next);
    branch = next;
  }
  const last = path.at(-1) ?? '';
  if (branch.has(last)) return false;
  branch.set(last, { leaf });
  return true;
}

function grow(branch: Branch): Json {
  const entries = [...branch].map(([key, node]): [string, Json] => [
    key,
    node instanceof Map ? grow(node) : node.leaf,
  ]);
  if (entries.every(([key]) => /^\d{1,9}$/.test(key))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
  }
  const object: Record<string, Json> = {};
  for (const [key, value] of entries) setOwn(object, key, value);
  return object;
}

/** The member of an object; null for anything else. */
export function memberOf(value: Json | undefined, key: string): Json {
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** The text under `key`; undefined for anything else. */
export function textOf(value: Json | undefined, key: string): string | undefined {
  const member = memberOf(value, key);
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** The list itself, or an empty one for anything else. */
export function listOf(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}
