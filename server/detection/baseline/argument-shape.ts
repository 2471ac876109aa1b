import { limits } from '#server/kernel/limits.ts';

/**
 * Names and types of a call's arguments, sorted, such as `amount:number, to:string`; objects are
 * looked into for one level. Values are never part of it, and a null says that a name was not used.
 */
export function argumentShapeOf(input: unknown): string {
  const shape = isObject(input) ? membersOf(input, '', true).sort().join(', ') : typeOf(input);
  return shape.length <= limits.shapeCharsMax ? shape : `${shape.slice(0, limits.shapeCharsMax)}…`;
}

function membersOf(value: object, prefix: string, isTop: boolean): string[] {
  const members: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (members.length >= limits.shapeKeysMax) break;
    if (item === null || item === undefined) continue;
    if (isTop && isObject(item)) members.push(...membersOf(item, `${prefix}${key}.`, false));
    else members.push(`${prefix}${key}:${typeOf(item)}`);
  }
  return members;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return Array.isArray(value) ? 'list' : typeof value;
}
