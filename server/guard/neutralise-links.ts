import type { ScanItem } from '#server/guard/contract.ts';

/**
 * What a reader's program would fetch, run or submit by itself. A picture is enough to carry data out:
 * its address is asked for as soon as the text is shown.
 */
const activeTags =
  /<\/?(?:img|image|picture|source|script|iframe|frame|object|embed|form|input|button|link|meta|base|svg|video|audio|style)\b[^>]{0,4096}>/gi;
const markdownImage = /!\[([^\]]{0,512})\]\(([^)\s]{0,2048})[^)]{0,512}\)/g;
const markdownLink = /(?<!!)\[([^\]]{1,512})\]\(([^)\s]{1,2048})[^)]{0,512}\)/g;
const runningScheme = /\b(?:javascript|vbscript|data):(?=[^\s,;]{3})/gi;
const plainLink = /\bhttps?:\/\//gi;

const hostOf = (url: string): string =>
  /^[a-z]+:\/\/([^/?#\s]{1,253})/i.exec(url)?.[1] ?? 'no host';

/** `https://` becomes `hxxps://`: readable, and nothing opens it. */
const disarm = (text: string): string =>
  text.replace(plainLink, (scheme) => scheme.replace(/tt/i, 'xx'));

/**
 * Takes the life out of links and pictures: of a tool's output all of it, of an agent's output what is
 * fetched without a click. What a user types stays as it is.
 */
export function neutraliseLinks(text: string, kind: ScanItem['kind']): string {
  if (kind === 'user_input') return text;
  const withoutImages = text
    .replace(markdownImage, (_, label: string, url: string) => {
      const name = label === '' ? '' : ` "${label}"`;
      return `[picture${name} removed: ${hostOf(url)}]`;
    })
    .replace(activeTags, (tag) => `[tag removed: ${/[a-z]+/i.exec(tag)?.[0] ?? ''}]`);
  if (kind === 'output') return withoutImages;
  return disarm(
    withoutImages
      .replace(markdownLink, (_, label: string, url: string) => `${label} (${url})`)
      .replace(runningScheme, (scheme) => `${scheme.slice(0, -1)} `),
  );
}
