import type { Rule } from '#server/detection/contract.ts';

/** The rules that have every word looked for in title, name or labels; all of them for no words. */
export function findRules(rules: readonly Rule[], words: string): readonly Rule[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return rules;
  return rules.filter(({ title, name, labels }) => {
    const text = [title, name, ...labels].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
