import type { ScanFinding, ScanItem } from '#server/guard/contract.ts';
import type { TracedText } from '#server/guard/internal/traced-text.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * What a reader's program would fetch, run or submit by itself. A picture is enough to carry data out:
 * its address is asked for as soon as the text is shown.
 */
const activeTag =
  /<\/?(?:img|image|picture|source|script|iframe|frame|object|embed|form|input|button|link|meta|base|svg|video|audio|style)\b[^>]{0,4096}>/gi;
const markdownImage = /!\[([^\]]{0,512})\]\(([^)\s]{0,2048})[^)]{0,512}\)/g;
const markdownLink = /(?<!!)\[([^\]]{1,512})\]\(([^)\s]{1,2048})[^)]{0,512}\)/g;
const runningScheme = /\b(?:javascript|vbscript|data):(?=[^\s,;]{3})/gi;
const plainLink = /\bhttps?:\/\//gi;

const hostOf = (url: string): string =>
  /^[a-z]+:\/\/([^/?#\s]{1,253})/i.exec(url)?.[1] ?? 'no host';

/** One kind of thing that acts by itself: how it is found, what takes its place, what is said of it. */
interface Disarming {
  readonly pattern: RegExp;
  readonly replace: (whole: string, first: string, second: string) => string;
  readonly detail: string;
}

const pictures: Disarming = {
  pattern: markdownImage,
  replace: (_, label, url) =>
    `[picture${label === '' ? '' : ` "${label}"`} removed: ${hostOf(url)}]`,
  detail: 'A picture, which is fetched as soon as the text is shown, was removed.',
};
const tags: Disarming = {
  pattern: activeTag,
  replace: (tag) => `[tag removed: ${/[a-z]+/i.exec(tag)?.[0] ?? ''}]`,
  detail: 'Markup that is fetched, run or submitted by itself was removed.',
};
const namedLinks: Disarming = {
  pattern: markdownLink,
  replace: (_, label, url) => `${label} (${url})`,
  detail: 'A link was written out and disarmed.',
};
const schemes: Disarming = {
  pattern: runningScheme,
  replace: (scheme) => `${scheme.slice(0, -1)} `,
  detail: 'An address that runs code or carries its own content was disarmed.',
};
/** `https://` becomes `hxxps://`: readable, and nothing opens it. */
const bareLinks: Disarming = {
  pattern: plainLink,
  replace: (scheme) => scheme.replace(/tt/i, 'xx'),
  detail: 'A link was disarmed.',
};

/** Of a tool's output all of it, of an agent's what is fetched without a click, of a user's nothing. */
const disarmings: Readonly<Record<ScanItem['kind'], readonly Disarming[]>> = {
  user_input: [],
  output: [pictures, tags],
  tool_output: [pictures, tags, namedLinks, schemes, bareLinks],
};

/** Findings about what one of the kinds did; those inside of another's stretch are told by that one. */
function disarm(traced: TracedText, { pattern, replace, detail }: Disarming): ScanFinding[] {
  const found = Array.from(traced.text.matchAll(pattern), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    mark: replace(match[0], match[1] ?? '', match[2] ?? ''),
  }));
  const findings = found.map(({ start, end }) => ({
    type: 'unexpected_destination' as const,
    ...traced.originOf(start, end),
    detail,
  }));
  traced.rewrite(found);
  return findings;
}

/** Findings in order; one that lies within another is left out, and the last says how many more. */
function bound(findings: readonly ScanFinding[]): ScanFinding[] {
  const kept: ScanFinding[] = [];
  for (const next of findings.toSorted((a, b) => a.start - b.start || b.end - a.end))
    if (next.end > (kept.at(-1)?.end ?? 0)) kept.push(next);
  const shown = kept.slice(0, limits.findingsPerTypeMax);
  const last = shown.at(-1);
  const more = kept.length - shown.length;
  if (last === undefined || more === 0) return shown;
  return [...shown.slice(0, -1), { ...last, detail: `${last.detail} So were ${more} after it.` }];
}

/**
 * Takes the life out of links and pictures, in place: of a tool's output all of it, of an agent's output
 * what is fetched without a click. What a user types stays as it is.
 *
 * @returns what was removed or disarmed, by its stretch of the original; at most
 *   `limits.findingsPerTypeMax`, the last of which counts the rest
 */
export function neutraliseLinks(traced: TracedText, kind: ScanItem['kind']): ScanFinding[] {
  return bound(disarmings[kind].flatMap((disarming) => disarm(traced, disarming)));
}
