import type { ScanFinding, ScanItem } from '#server/guard/contract.ts';
import {
  findActiveTags,
  findLinks,
  findPictureDefinitions,
  findPictures,
} from '#server/guard/internal/find-fetched.ts';
import type { Rewrite, TracedText } from '#server/guard/internal/traced-text.ts';
import { limits } from '#server/kernel/limits.ts';

const runningScheme = /\b(?:javascript|vbscript|data):(?=[^\s,;]{3})/gi;
const plainLink = /\bhttps?:\/\//gi;
/** A style sheet's picture, which is fetched as any other. */
const styledAddress = /\burl\((?=\s{0,16}["']?(?:https?:)?\/\/)/gi;

const hostOf = (url: string): string =>
  /^(?:[a-z]+:)?\/\/([^/?#\s]{1,253})/i.exec(url)?.[1] ?? 'no host';

/** A label that is no link and no picture itself once it stands alone. */
const plainLabel = (label: string): string =>
  label.replaceAll('![', '[').replaceAll(/\](?=[([])/g, '] ');

/** One kind of thing that acts by itself: what is found takes its mark's place, and this is said of it. */
interface Disarming {
  readonly find: (text: string) => readonly Rewrite[];
  readonly detail: string;
}

const byPattern =
  (pattern: RegExp, mark: (whole: string) => string): Disarming['find'] =>
  (text) =>
    Array.from(text.matchAll(pattern), ({ index, 0: whole }) => ({
      start: index,
      end: index + whole.length,
      mark: mark(whole),
    }));

const pictures: Disarming = {
  find: (text) =>
    findPictures(text).map(({ start, end, label, address }) => {
      const named = label === '' ? '' : ` "${plainLabel(label)}"`;
      return { start, end, mark: `[picture${named} removed: ${hostOf(address)}]` };
    }),
  detail: 'A picture, which is fetched as soon as the text is shown, was removed.',
};
const definitions: Disarming = {
  find: (text) =>
    findPictureDefinitions(text).map(({ start, end, address }) => ({
      start,
      end,
      mark: `[address removed: ${hostOf(address)}]`,
    })),
  detail: 'The address of a picture, which is fetched as soon as the text is shown, was removed.',
};
const tags: Disarming = {
  find: (text) =>
    findActiveTags(text).map(({ start, end, name }) => ({
      start,
      end,
      mark: `[tag removed: ${name}]`,
    })),
  detail: 'Markup that is fetched, run or submitted by itself was removed.',
};
const styles: Disarming = {
  find: byPattern(styledAddress, () => 'url ('),
  detail: 'The address of a style, which is fetched as soon as the text is shown, was disarmed.',
};
const namedLinks: Disarming = {
  find: (text) =>
    findLinks(text).map(({ start, end, label, addressAt }) => ({
      start,
      end,
      mark: `${label} (${text.slice(addressAt, end - 1)})`,
    })),
  detail: 'A link was written out and disarmed.',
};
const schemes: Disarming = {
  find: byPattern(runningScheme, (scheme) => `${scheme.slice(0, -1)} `),
  detail: 'An address that runs code or carries its own content was disarmed.',
};
/** `https://` becomes `hxxps://`: readable, and nothing opens it. */
const bareLinks: Disarming = {
  find: byPattern(plainLink, (scheme) => scheme.replace(/tt/i, 'xx')),
  detail: 'A link was disarmed.',
};

/** Of a tool's output all of it, of an agent's what is fetched without a click, of a user's nothing. */
const disarmings: Readonly<Record<ScanItem['kind'], readonly Disarming[]>> = {
  user_input: [],
  output: [pictures, definitions, tags, styles],
  tool_output: [pictures, definitions, tags, styles, namedLinks, schemes, bareLinks],
};

/** Findings about what one of the kinds did; those inside of another's stretch are told by that one. */
function disarm(traced: TracedText, { find, detail }: Disarming): ScanFinding[] {
  const found = find(traced.text);
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
