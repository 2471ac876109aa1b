import { isIPv6 } from 'node:net';
import type { SensitiveMatch } from '#server/guard/contract.ts';
import { findNumbers } from '#server/guard/internal/find-numbers.ts';
import {
  alnumTable,
  contextOf,
  holds,
  isRunBoundary,
  tableOf,
} from '#server/guard/internal/measure-run.ts';
import { features, scanText, type TextScan } from '#server/guard/internal/scan-text.ts';

const localTable = tableOf(/[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]/);
const localEdge = /[A-Za-z0-9_\u00c0-\u05ff]/;
const domainTable = tableOf(/[A-Za-z0-9.-]/);
/** `.com`, and what is glued to it (`@example.com-17`): better one token too long than half a name. */
const topLevel = /\.(?:[A-Za-z]{2}[A-Za-z0-9-]{0,61}|[\u00c0-\u05ff\u4e00-\u9fff]{2,24})$/;
/** RFC 5321 allows 64 before the `@` and 255 after it. */
const localCharsMax = 64;
const domainCharsMax = 255;

/** Letters of scripts that separate words by blanks: the others would swallow the words around. */
const isSpacedLetter = (code: number): boolean => code >= 0xc0 && code <= 0x5ff;

function inLocal(text: string, at: number): boolean {
  return holds(localTable, text, at) || isSpacedLetter(text.charCodeAt(at));
}
function inDomain(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return holds(domainTable, text, at) || isSpacedLetter(code) || (code >= 0x4e00 && code <= 0x9fff);
}

/** Characters that the sign at `at` takes: `@`, `＠`, `%40`, `&#64;`, `\u0040`. */
function atWidth(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 64 || code === 0xff20) return 1;
  if (code === 37) return 3;
  return code === 38 ? 5 : 6;
}

function localStart(text: string, at: number): number {
  let start = at;
  const floor = Math.max(0, at - localCharsMax);
  while (start > floor && inLocal(text, start - 1)) start -= 1;
  // `\nalice@…` in escaped text, `?to=alice@…` and `%20alice@…` in a URL.
  const local = text.slice(start, at);
  const cut = Math.max(local.lastIndexOf('='), local.lastIndexOf('?'), local.lastIndexOf('&'));
  start += cut + 1;
  if (text.charCodeAt(start - 1) === 92 && /[nrt]/.test(text.charAt(start))) start += 1;
  if (text.charCodeAt(start - 1) === 37 && /^[0-9A-F]{2}/i.test(text.slice(start, start + 2)))
    start += 2;
  while (start < at && !localEdge.test(text.charAt(start))) start += 1;
  return start;
}

function domainEnd(text: string, from: number): number {
  let end = from;
  const stop = Math.min(text.length, from + domainCharsMax);
  while (end < stop && inDomain(text, end)) end += 1;
  while (end > from && /[.-]/.test(text.charAt(end - 1))) end -= 1;
  return end;
}

function findEmails(text: string, ats: readonly number[], out: SensitiveMatch[]): void {
  const passwordEnds = new Set(
    out.flatMap(({ detector, end }) => (detector === 'connection_password' ? end : [])),
  );
  for (const at of ats) {
    // The `@` of `scheme://user:password@host` separates; the host stays readable.
    if (passwordEnds.has(at)) continue;
    const start = localStart(text, at);
    if (start >= at) continue;
    const from = at + atWidth(text, at);
    const end = domainEnd(text, from);
    if (end - from < 4 || !topLevel.test(text.slice(from, end))) continue;
    // `git@github.com:owner/repo` is an address of a repository.
    if (text.charCodeAt(end) === 58 && text.startsWith('git', start) && at - start === 3) continue;
    out.push({ placeholder: 'EMAIL', detector: 'email', start, end });
  }
}

/** Registered lengths of the countries that issue IBANs (SWIFT registry, release 99). */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 ' +
    'DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 ' +
    'IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 ' +
    'MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 ' +
    'SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Mod 97 of an IBAN (ISO 13616), digit by digit. */
export function hasIbanChecksum(iban: string): boolean {
  let rest = 0;
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest === 1;
}

const ibanContext =
  /\b(?:iban|bank|account|konto|compte|cuenta|transfer|recipient|sender|payee)\b/i;
const ninoAt =
  /(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/y;

/**
 * Reads the account number that begins at `at`. The checksum decides; one that fails it still counts
 * where the words around speak of an account, because it was written as one (and made-up numbers of
 * attackers rarely check).
 */
function ibanEnd(text: string, at: number, name: string | null): number {
  const length = ibanLengths[text.slice(at, at + 2).toUpperCase()];
  let value = '';
  let end = at;
  const wanted = length ?? 34;
  while (value.length < wanted && end < text.length) {
    if (holds(alnumTable, text, end)) value += text.charAt(end);
    else if (!/[ \u00a0-]/.test(text.charAt(end)) || !holds(alnumTable, text, end + 1)) break;
    end += 1;
  }
  if (
    value.length === length &&
    !holds(alnumTable, text, end) &&
    hasIbanChecksum(value.toUpperCase())
  )
    return end;
  const solid = /^[A-Z]{2}\d{2}[A-Z0-9]{8,30}(?![A-Za-z0-9])/.exec(text.slice(at, at + 40));
  if (solid === null || !/\d{6}/.test(solid[0])) return -1;
  const context = `${name ?? ''} ${contextOf(text, at)}`;
  return ibanContext.test(context.replace(/_/g, ' ')) ? at + solid[0].length : -1;
}

function findLettered(
  text: string,
  pairs: readonly number[],
  name: string | null,
  out: SensitiveMatch[],
): void {
  for (const at of pairs) {
    if (!isRunBoundary(text, at)) continue;
    const iban = ibanEnd(text, at, name);
    if (iban > 0) {
      out.push({ placeholder: 'IBAN', detector: 'iban', start: at, end: iban });
      continue;
    }
    ninoAt.lastIndex = at;
    if (ninoAt.test(text))
      out.push({ placeholder: 'NINO', detector: 'uk_nino', start: at, end: ninoAt.lastIndex });
  }
}

const colonGroups = /[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}/g;
const macAddress = /[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\b(?!:)/g;

function findColonGroups(text: string, out: SensitiveMatch[]): void {
  for (const match of text.matchAll(macAddress)) {
    const end = match.index + match[0].length;
    if (!isRunBoundary(text, match.index)) continue;
    out.push({ placeholder: 'MAC', detector: 'mac', start: match.index, end });
  }
  for (const match of text.matchAll(colonGroups)) {
    const [value] = match;
    if (value.length < 6 || !/\d/.test(value) || !isIPv6(value)) continue;
    if (!isRunBoundary(text, match.index)) continue;
    const end = match.index + value.length;
    if (holds(alnumTable, text, end) || /^[:0]*1?$/.test(value)) continue;
    out.push({ placeholder: 'IP', detector: 'ipv6', start: match.index, end });
  }
}

const documentNumber =
  /\b(passport|reisepass|passeport|pasaporte|driver'?s?[ _]licen[cs]e|driving[ _]licen[cs]e)\b[^\n\]]{0,32}?[\s:#"'=]([A-Z]{1,3}\d{5,9}[A-Z]?|\d{8,9}|[A-Z]\d[A-Z0-9]{5,13})(?![A-Za-z0-9])/gi;

/** Passport and licence numbers have no form of their own: only the words before them tell. */
function findDocuments(text: string, out: SensitiveMatch[]): void {
  documentNumber.lastIndex = 0;
  for (let match = documentNumber.exec(text); match; match = documentNumber.exec(text)) {
    const value = match[2] ?? '';
    if (!/\d{4}/.test(value)) continue;
    const end = documentNumber.lastIndex;
    const isPassport = /^(?:p|r)/i.test(match[1] ?? '');
    out.push({
      placeholder: isPassport ? 'PASSPORT' : 'LICENSE',
      detector: isPassport ? 'passport' : 'driver_license',
      start: end - value.length,
      end,
    });
  }
}

/** A part of every word for a document: "passes" and "bypass" name none. */
const documentHint = /icen[cs]e|assport|asseport|asaporte|eisepass/i;

/** {@link findPii} over a scan that was already made; appends to `out`. */
export function collectPii(
  text: string,
  scan: TextScan,
  name: string | null,
  out: SensitiveMatch[],
): void {
  const { bits } = scan;
  if ((bits & features.at) !== 0) findEmails(text, scan.ats, out);
  if ((bits & features.letterPairs) !== 0) findLettered(text, scan.letterPairs, name, out);
  if ((bits & features.numbers) !== 0) findNumbers(text, scan.numbers, name, out);
  if ((bits & (features.pass | features.numbers)) !== 0 && documentHint.test(text))
    findDocuments(text, out);
  if ((bits & features.colonGroups) !== 0) findColonGroups(text, out);
}

/**
 * Finds personal data that has a form of its own: e-mail addresses, phone and card numbers, IBANs, US
 * social security and UK insurance numbers, IP and MAC addresses, and document numbers that their
 * context names. Names of people and street addresses are left out: without a language model their
 * precision is too low to destroy text over, and nothing here pretends otherwise.
 *
 * @param name the field that holds the text, when it has one; it serves as context (`phone`, `ssn`).
 * @returns matches, possibly overlapping, in no particular order.
 */
export function findPii(text: string, name: string | null = null): SensitiveMatch[] {
  const out: SensitiveMatch[] = [];
  collectPii(text, scanText(text), name, out);
  return out;
}
