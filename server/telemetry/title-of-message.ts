import { limits } from '#server/kernel/limits.ts';
import type { Json } from './contract.ts';

/** How deep a message's text may lie: `[{role, content: [{type, text}]}]` needs three. */
const depthMax = 6;

/**
 * One line for a list out of what a person asked: the first text in the input, in reading order,
 * white space collapsed, cut at `limits.traceTitleCharsMax` between characters. Null without text.
 * Chat dialects wrap the text (`[{role, content}]`, `{text}`); roles and types are not text.
 */
export function titleOfMessage(input: Json): string | null {
  const text = firstText(input, 0)?.replace(/\s+/g, ' ').trim();
  if (text === undefined || text === '') return null;
  return cutText(text, limits.traceTitleCharsMax);
}

/** Cuts at a number of UTF-16 units without splitting a surrogate pair; says so with an ellipsis. */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const end = isHighSurrogate(text.charCodeAt(charsMax - 2)) ? charsMax - 2 : charsMax - 1;
  return `${text.slice(0, end)}…`;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function firstText(value: Json, depth: number): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (value === null || typeof value !== 'object' || depth >= depthMax) return null;
  if (isList(value)) return firstOf(value, depth);
  for (const key of ['content', 'text', 'parts', 'message', 'messages', 'input', 'prompt']) {
    const found = value[key] === undefined ? null : firstText(value[key], depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function firstOf(values: readonly Json[], depth: number): string | null {
  for (const value of values) {
    const found = firstText(value, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
