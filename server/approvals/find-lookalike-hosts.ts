import { domainToUnicode } from 'node:url';
import type { Finding } from '#server/telemetry/contract.ts';

/** A host inside an address or a URL: letters of any script, digits, hyphens and dots. */
const host =
  /(?:https?:\/\/(?:[^\s/@]{1,128}@)?|@|\bwww\.)([\p{L}\p{M}\p{N}-]{1,63}(?:\.[\p{L}\p{M}\p{N}-]{1,63}){1,8})/giu;
const latin = /\p{Script=Latin}/u;
/** Scripts whose letters pass for Latin ones in common fonts. */
const passesForLatin =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}\p{Script=Armenian}]/u;
/** `https://bank.example@evil.example`: what stands before the sign is no host. */
const credentialsInUrl = /https?:\/\/([^\s/@]{1,128}\.[a-z]{2,24})@/giu;

/**
 * Hosts that are not what they look like: labels of Latin letters mixed with letters of other scripts,
 * punycode that hides such letters, and a host-like name before an `@` in a URL. Pure.
 */
export function findLookalikeHosts(text: string): Omit<Finding, 'path'>[] {
  const found: Omit<Finding, 'path'>[] = [];
  const add = (detector: string, start: number, end: number, detail: string) =>
    found.push({ type: 'unexpected_destination', detector, start, end, score: 1, detail });
  for (const match of text.matchAll(host)) {
    const name = match[1] ?? '';
    const end = match.index + match[0].length;
    const isPunycode = /(?:^|\.)xn--/i.test(name);
    const readable = isPunycode ? domainToUnicode(name) : name;
    const isMixed = readable.split('.').some((label) => isForged(label, readable));
    if (isMixed)
      add('lookalike_host', end - name.length, end, 'A host with letters that pass for others.');
    else if (isPunycode)
      add(
        'punycode_host',
        end - name.length,
        end,
        `A host written in punycode; it reads ${readable}.`,
      );
  }
  for (const match of text.matchAll(credentialsInUrl)) {
    const end = match.index + match[0].length;
    add(
      'host_in_credentials',
      match.index,
      end,
      'What stands before the @ is not the host of this URL.',
    );
  }
  return found;
}

/** Latin beside look-alikes in one label, or a label of look-alikes alone under a Latin ending. */
function isForged(label: string, whole: string): boolean {
  if (!passesForLatin.test(label)) return false;
  return latin.test(label) || /\.[a-z]{2,24}$/i.test(whole);
}
