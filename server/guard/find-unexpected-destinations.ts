import type { TextSignal } from '#server/guard/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import {
  findActiveTags,
  findPictureDefinitions,
  findPictures,
} from '#server/guard/internal/find-fetched.ts';

const linked = /https?:\/\/[^\s"'<>)\]]{1,2048}/gi;
const hostPattern = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/)?(?:[^/@\s]*@)?([^/:?#\s]+)/i;

/** Host of a URL or an address, lower case, without `www.`. */
function hostOf(place: string): string {
  const host = place.includes('@') && !place.includes('://') ? place.split('@').at(-1) : place;
  return (hostPattern.exec(host ?? '')?.[1] ?? '').toLowerCase().replace(/^www\./, '');
}

const source = /\b(?:src|srcset|data|poster|href|action)\s{0,16}=\s{0,16}["']?([^"'\s>]+)/gi;

/**
 * Addresses that are fetched as soon as a text is shown, or posted to from it: each may carry data out
 * without a click.
 */
const fetchedAddresses = (text: string): { url: string; start: number }[] => [
  ...[...findPictures(text), ...findPictureDefinitions(text)].map(({ address, addressAt }) => ({
    url: address,
    start: addressAt,
  })),
  ...findActiveTags(text).flatMap(({ start, end }) =>
    Array.from(text.slice(start, end).matchAll(source), (match) => ({
      url: match[1] ?? '',
      start: start + match.index + match[0].length - (match[1] ?? '').length,
    })),
  ),
];

const isWithin = (host: string, home: string): boolean =>
  home !== '' && (host === home || host.endsWith(`.${home}`));

/** A query, fragment or last path that holds so much says more than which page is wanted. */
const carriedCharsMin = 24;

function carriesData(url: string): boolean {
  const at = url.search(/[?#]/);
  if (at >= 0 && url.length - at > carriedCharsMin) return true;
  const last = url.slice(url.lastIndexOf('/') + 1);
  return last.length > 2 * carriedCharsMin && !/[-_.]/.test(last);
}

const fetchedDetail = 'Shown as it is, this would fetch an address that the output does not go to.';
const linkedDetail = 'A link to elsewhere carries more than the name of a page.';

/**
 * Addresses in an agent's output by which something would leave for elsewhere than `destination`:
 * pictures and frames of any other host, and links whose query carries data. Without a destination
 * every host is elsewhere, and only what carries data counts.
 *
 * @param expected hosts that the system instructions or the user name
 */
export function findUnexpectedDestinations(
  text: string,
  destination: string | null,
  expected: readonly string[] = [],
): TextSignal[] {
  const homes = [...expected, ...(destination === null ? [] : [destination])].map(hostOf);
  const isElsewhere = (url: string) => !homes.some((home) => isWithin(hostOf(url), home));
  const signals: TextSignal[] = [];
  const add = (detector: string, start: number, end: number, detail: string): void => {
    // A flood proves no more than the first ones; the cleaned text has none of them.
    if (signals.length >= limits.findingsPerTypeMax) return;
    if (signals.some((other) => start < other.end && end > other.start)) return;
    signals.push({ type: 'unexpected_destination', detector, start, end, score: 1, detail });
  };
  for (const { url, start } of fetchedAddresses(text)) {
    if (!/^(?:https?:)?\/\//i.test(url) || !isElsewhere(url)) continue;
    if (destination === null && !carriesData(url)) continue;
    add('fetched_address', start, start + url.length, fetchedDetail);
  }
  for (const match of text.matchAll(linked)) {
    const [url] = match;
    if (carriesData(url) && isElsewhere(url))
      add('carrying_link', match.index, match.index + url.length, linkedDetail);
  }
  return signals;
}
