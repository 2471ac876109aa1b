import type { RuleVocabulary } from '#server/detection/contract.ts';
import { severities } from '#server/detection/states/contract.ts';

/** What may stand at the cursor of a rule's text: replaces from the column `from` on. */
export interface RuleCompletion {
  readonly from: number;
  readonly options: readonly { readonly label: string; readonly detail?: string }[];
}

const headKeys = [
  'title',
  'name',
  'description',
  'status',
  'level',
  'logsource',
  'detection',
  'correlation',
  'filter',
  'falsepositives',
  'tags',
  'signalbox',
] as const;

const values: Readonly<Record<string, readonly string[]>> = {
  level: severities,
  status: ['stable', 'test', 'experimental', 'deprecated', 'unsupported'],
  product: ['ai_agent'],
  effect: ['suppress', 'require'],
  type: [
    'event_count',
    'value_count',
    'temporal',
    'temporal_ordered',
    'value_sum',
    'value_avg',
    'value_percentile',
  ],
};

const plain = (labels: readonly string[]) => labels.map((label) => ({ label }));

/** The nearest key above that is indented less: `tags` for an item of its list. */
function parentKey(lines: readonly string[], indent: number): string | null {
  for (const line of lines.toReversed()) {
    const key = /^(\s*)(?:- )?([\w-]+):/.exec(line);
    if (key !== null && (key[1] ?? '').length < Math.max(indent, 1)) return key[2] ?? null;
    if (line.startsWith('---')) return null;
  }
  return null;
}

/**
 * Offers what the place asks for: modifiers behind `|`, tags under `tags`, the words of an enumerated
 * key, and else field names inside a detection or a test, keys at the left margin. `lines` go down to
 * the cursor, the last one up to it.
 */
export function prepareCompletions(
  lines: readonly string[],
  words: RuleVocabulary,
): RuleCompletion | null {
  const line = lines.at(-1) ?? '';
  const above = lines.slice(0, -1);
  const typed = /[\w.-]*$/.exec(line)?.[0] ?? '';
  const from = line.length - typed.length;
  if (line.slice(0, from).endsWith('|')) return { from, options: plain(words.modifiers) };
  const key = /(?:^|[\s{,])([\w-]+):\s*\[?(?:[^\]]*,\s*)?[\w.-]*$/.exec(line)?.[1];
  if (key === 'category') return { from, options: plain(words.categories) };
  if (key !== undefined && Object.hasOwn(values, key)) {
    return { from, options: plain(values[key] ?? []) };
  }
  const indent = /^\s*/.exec(line)?.[0].length ?? 0;
  const isItem = /^\s*- [\w.-]*$/.test(line);
  if (key === 'tags' || (isItem && parentKey(above, indent + 1) === 'tags')) {
    return {
      from,
      options: words.tags.map(({ tag, label, title }) => ({
        label: tag,
        detail: `${label} ${title}`,
      })),
    };
  }
  if (key !== undefined && !line.slice(0, from).trimEnd().endsWith('{')) return null;
  if (indent === 0 && !isItem) return { from, options: plain(headKeys) };
  return { from, options: plain(words.fields) };
}
