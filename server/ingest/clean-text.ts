import type { EventFlag, Json, JsonObject } from '#server/telemetry/contract.ts';

/**
 * What jsonb refuses is written as its own escape, so that nothing is lost and one bad character
 * never costs a batch: U+0000 becomes the six characters `\u0000`, a lone surrogate `\ud83d`.
 */
const refusedCharacters =
  /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** True when jsonb stores `text` as it is. */
function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** `text` as jsonb can hold it; adds `escaped_text` to `flags` when something had to be escaped. */
export function cleanText(text: string, flags: Set<EventFlag>): string {
  if (isStorableText(text)) return text;
  flags.add('escaped_text');
  return text.replace(
    refusedCharacters,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Sets an own property whatever its name: a plain assignment to `__proto__` would swap the
 * prototype of `target` and lose the value.
 */
export function setOwn(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/**
 * The same value with every text and key storable. Returns `value` itself when nothing had to
 * change, which is nearly always; its depth must already be bounded.
 */
export function cleanJson(value: Json, flags: Set<EventFlag>): Json {
  return isStorable(value) ? value : rebuild(value, flags);
}

function isStorable(value: Json): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value !== 'object' || value === null) return true;
  if (isArray(value)) return value.every(isStorable);
  for (const key of Object.keys(value)) {
    if (!isStorableText(key) || !isStorable(value[key] ?? null)) return false;
  }
  return true;
}

function rebuild(value: Json, flags: Set<EventFlag>): Json {
  if (typeof value === 'string') return cleanText(value, flags);
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return value.map((item) => rebuild(item, flags));
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    setOwn(copy, cleanText(key, flags), rebuild(item, flags));
  }
  return copy;
}

/** `Array.isArray` that also narrows a readonly array out of {@link Json}. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
