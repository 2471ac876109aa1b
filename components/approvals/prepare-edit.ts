import { type ArgumentRow, compareArguments, type ComparedRow } from './prepare-arguments.ts';

/** Everything that is not plainly visible on its own; line breaks of the layout are ours. */
const unseen = /[^\P{C}\n]|[^\P{Z} ]|\p{M}|\p{Variation_Selector}/gu;

const escapeUnits = (text: string) =>
  Array.from(
    { length: text.length },
    (_, index) => String.raw`\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/**
 * Canonical JSON as an editor writes it: laid out, and every character that cannot be seen, or that moves
 * others, as its escape. It says exactly the same value. Pure.
 */
export function editableText(canonical: string): string {
  return JSON.stringify(JSON.parse(canonical), null, 2).replaceAll(unseen, escapeUnits);
}

/** What an editor's text would change; the server has the last word. */
export type PreparedEdit =
  | { readonly kind: 'invalid'; readonly sentence: string }
  | {
      readonly kind: 'edit';
      readonly changed: readonly ComparedRow[];
      readonly removed: readonly ArgumentRow[];
    };

/** Compares an editor's text with what is shown. Pure. */
export function prepareEdit(text: string, shown: string): PreparedEdit {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const place =
      error instanceof Error ? /at position \d+|line \d+ column \d+/.exec(error.message) : null;
    return { kind: 'invalid', sentence: `This is no JSON yet${place ? `, ${place[0]}` : ''}.` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', sentence: 'Arguments are an object with their names.' };
  }
  const { rows, removed } = compareArguments(JSON.stringify(value), shown);
  return { kind: 'edit', changed: rows.filter((row) => row.change !== 'same'), removed };
}
