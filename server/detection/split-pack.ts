import { isMap, parseAllDocuments } from 'yaml';

/** One rule's part of a pack. */
export interface PackPart {
  readonly source: string;
  /** Line of the pack at which it begins, from 1. */
  readonly line: number;
}

/** Stands before each rule of a pack that was exported; a comment to every other reader of YAML. */
export const packMark = '# rule: ';
/** Follows it for each rule of elsewhere that the rule counts. */
const needMark = '# needs: ';
const markLine = /^# rule: [a-z0-9][a-z0-9_-]{0,127}$/;

/**
 * The rules of a pack as one text of several YAML documents, each rule behind its mark; `needs` says, a
 * line each, what it counts of rules that the pack does not hold.
 */
export function joinPack(
  rules: readonly {
    readonly name: string;
    readonly source: string;
    readonly needs?: readonly string[];
  }[],
): string {
  const needed = (lines: readonly string[]) => lines.map((line) => `${needMark}${line}\n`).join('');
  return rules
    .map(({ name, source, needs = [] }) => `${packMark}${name}\n${needed(needs)}${source.trim()}\n`)
    .join('---\n');
}

/**
 * Cuts a pack into the sources of its rules. A pack of ours is cut at its marks. In any other the
 * documents that refer to each other by name or id belong together, whatever lies between them.
 */
export function splitPack(text: string): PackPart[] {
  const lines = text.split(/\r?\n/);
  const marks = lines.flatMap((line, index) => (markLine.test(line) ? [index] : []));
  if (marks.length === 0) return groupDocuments(lines);
  return marks.flatMap((start, index) => {
    const end = marks[index + 1] ?? lines.length;
    // What it needs is looked for anew where it comes in.
    let from = start + 1;
    while (from < end && lines[from]?.startsWith(needMark) === true) from += 1;
    const source = trimDocuments(lines.slice(from, end));
    return source === '' ? [] : [{ source, line: from + 1 }];
  });
}

/** Without the separators at its ends. */
function trimDocuments(lines: readonly string[]): string {
  const isContent = (line: string) => line.trim() !== '' && line.trim() !== '---';
  const first = lines.findIndex(isContent);
  if (first === -1) return '';
  return `${lines.slice(first, lines.findLastIndex(isContent) + 1).join('\n')}\n`;
}

/** The documents between the separators, with their first lines. */
function cutDocuments(lines: readonly string[]): PackPart[] {
  const ends = lines.flatMap((line, index) => (/^---(\s|$)/.test(line) ? [index] : []));
  const starts = [0, ...ends.map((end) => end + 1)];
  return starts.flatMap((start, index) => {
    const source = trimDocuments(lines.slice(start, ends[index] ?? lines.length));
    return source === '' ? [] : [{ source, line: start + 1 }];
  });
}

function groupDocuments(lines: readonly string[]): PackPart[] {
  const documents = cutDocuments(lines).map((part) => ({ part, ...referencesOf(part.source) }));
  /** For each document the first of its group. */
  const group = documents.map((_, index) => index);
  const headOf = (index: number): number => {
    const head = group[index] ?? index;
    return head === index ? index : headOf(head);
  };
  documents.forEach(({ refersTo }, index) => {
    documents.forEach(({ names }, other) => {
      if (!names.some((name) => refersTo.includes(name))) return;
      const [a, b] = [headOf(index), headOf(other)].toSorted((x, y) => x - y);
      group[b ?? other] = a ?? index;
    });
  });
  const heads = [...new Set(documents.map((_, index) => headOf(index)))];
  return heads.map((head) => {
    const members = documents.filter((_, index) => headOf(index) === head);
    return {
      source: members.map(({ part }) => part.source).join('---\n'),
      line: members[0]?.part.line ?? 1,
    };
  });
}

/** What a document is called, and what it refers to; nothing for one that is no map. */
function referencesOf(source: string): { names: string[]; refersTo: string[] } {
  const [document] = parseAllDocuments(source, { maxAliasCount: 0 } as object);
  const root = document && 'contents' in document ? document.contents : null;
  if (!isMap(root)) return { names: [], refersTo: [] };
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  const at = (path: string[]): unknown => {
    const node: unknown = root.getIn(path);
    return node !== null && typeof node === 'object' && 'toJSON' in node
      ? (node as { toJSON: () => unknown }).toJSON()
      : node;
  };
  return {
    names: texts([at(['name']), at(['id'])]),
    refersTo: [...texts(at(['correlation', 'rules'])), ...texts(at(['filter', 'rules']))],
  };
}
