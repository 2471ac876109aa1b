import { nextOf } from '#server/guard/internal/next-of.ts';

/** A stretch of a text. UTF-16 code units, `end` exclusive. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A picture or a link of Markdown with its address: `![label](address "title")`. */
export interface Target extends Stretch {
  readonly label: string;
  readonly address: string;
  /** Where the address begins. */
  readonly addressAt: number;
}

/** What stands between `](` and the `)` that follows it, by the label that it belongs to. */
function targetOf(text: string, start: number, label: Stretch, close: number): Target {
  const inside = text.slice(label.end + 2, close);
  const [lead = ''] = /^\s*<?/.exec(inside) ?? [];
  const [address = ''] = /^[^\s>]*/.exec(inside.slice(lead.length)) ?? [];
  return {
    start,
    end: close + 1,
    label: text.slice(label.start, label.end),
    address,
    addressAt: label.end + 2 + lead.length,
  };
}

/**
 * Pictures as any reader of Markdown may see them, and a few that none does: a label ends at the first
 * `](` of its paragraph, whatever brackets, escapes or code come before. Where readers differ, more is a
 * picture than less. Time grows with the length of the text alone.
 */
export function findPictures(text: string): Target[] {
  const found: Target[] = [];
  const opens = nextOf(text, /!\[/);
  const labelEnds = nextOf(text, /\]\(/);
  const closes = nextOf(text, /\)/);
  const paragraphEnds = nextOf(text, /\n[^\S\n]*\n/);
  for (let start = opens(0); start < text.length;) {
    const label = { start: start + 2, end: labelEnds(start + 2) };
    const close = closes(label.end);
    const isPicture = close < text.length && close < paragraphEnds(start);
    if (isPicture) found.push(targetOf(text, start, label, close));
    start = opens(isPicture ? close + 1 : start + 2);
  }
  return found;
}

/** Links with a label of their own: from the last `[` before a `](` to the `)` after it. */
export function findLinks(text: string): Target[] {
  const found: Target[] = [];
  const closes = nextOf(text, /\)/);
  const brackets = /[[\]]/g;
  let open = -1;
  for (let match = brackets.exec(text); match !== null; match = brackets.exec(text)) {
    const at = match.index;
    const opened = open;
    open = match[0] === '[' ? at : -1;
    if (open >= 0 || opened < 0 || text[at + 1] !== '(' || at === opened + 1) continue;
    const close = closes(at);
    if (close > text.length) break;
    found.push(targetOf(text, opened, { start: opened + 1, end: at }, close));
    brackets.lastIndex = close + 1;
  }
  return found;
}

const tagOpens =
  /<\/?(img|image|picture|source|script|iframe|frame|object|embed|form|input|button|link|meta|base|svg|video|audio|track|style)\b/gi;

/** A tag that is fetched, run or submitted by itself, to the `>` that ends it. */
export interface Tag extends Stretch {
  readonly name: string;
}

export function findActiveTags(text: string): Tag[] {
  const found: Tag[] = [];
  const closes = nextOf(text, />/);
  for (const match of text.matchAll(tagOpens)) {
    if (match.index < (found.at(-1)?.end ?? 0)) continue;
    const close = closes(match.index);
    if (close > text.length) break;
    found.push({ start: match.index, end: close + 1, name: match[1] ?? '' });
  }
  return found;
}

/**
 * Definitions of what `![label][name]` shows elsewhere, where any picture has its address elsewhere.
 * Which of them it is differs between readers: all of them are.
 */
export function findPictureDefinitions(text: string): Target[] {
  const opens = text.split('![').length - 1;
  if (opens === 0 || opens === findPictures(text).length) return [];
  const definition =
    /^[ \t>*+\-\d.]{0,16}\[([^\]\r\n]{1,999})\]:[ \t]{0,16}\n?[ \t>]{0,16}<?((?:https?:)?\/\/[^\s>]+)/gim;
  return Array.from(text.matchAll(definition), (match) => ({
    start: match.index + match[0].length - (match[2] ?? '').length,
    end: match.index + match[0].length,
    label: match[1] ?? '',
    address: match[2] ?? '',
    addressAt: match.index + match[0].length - (match[2] ?? '').length,
  }));
}
