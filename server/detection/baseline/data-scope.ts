import { limits } from '#server/kernel/limits.ts';
import type { JsonObject } from '#server/telemetry/contract.ts';

/**
 * What data an event says that it touched, as `class:` and `resource:` names, each once. Of a
 * resource the parts that hold a digit stand for any (`accounts/17` is `accounts/*`): the scope is
 * the collection, and every record in it would be new.
 */
export function scopesOf(data: JsonObject | null): string[] {
  if (data === null) return [];
  const { resource, classes } = data;
  const found = new Set<string>();
  for (const name of Array.isArray(classes) ? classes : []) {
    if (typeof name === 'string' && name !== '') found.add(`class:${name.toLowerCase()}`);
  }
  if (typeof resource === 'string' && resource !== '') {
    const collection = resource
      .toLowerCase()
      .replace(/[^/:?#&=]+/g, (part) => (/\d/.test(part) ? '*' : part));
    found.add(`resource:${collection}`);
  }
  return [...found].slice(0, limits.scopesPerEventMax);
}
