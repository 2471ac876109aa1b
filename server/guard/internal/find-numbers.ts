import type { PiiType, SensitiveMatch } from '#server/guard/contract.ts';
import {
  alnumTable,
  contextOf,
  holds,
  isInsidePlaceholder,
  isRunBoundary,
  tableOf,
} from '#server/guard/internal/measure-run.ts';
import { isPhoneNumber } from '#server/guard/internal/judge-phone.ts';

/** Separators inside a number: blank, dot, hyphen and what word processors make of them. */
const gap = '[ .\\-\\u00a0\\u2007\\u2009\\u202f\\u2010-\\u2015]';

const ssnAt = new RegExp(`(\\d{3})(${gap})(\\d{2})\\2(\\d{4})`, 'y');
const nineDigitsAt = new RegExp(`\\d{3}${gap}?\\d{2}${gap}?\\d{4}`, 'y');
const ipv4At = /(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}/y;
/** NANP with a written area code: the one national form that stands out without context. */
const nanpAt = new RegExp(
  `(?:1${gap})?(?:\\([2-9]\\d{2}\\)${gap}?|[2-9]\\d{2}${gap})[2-9]\\d{2}${gap}\\d{4}`,
  'y',
);
/** National forms that begin with the trunk zero and are written in groups. */
const trunkAt = new RegExp(
  `0[1-9](?:(?:${gap}\\d{2}){4}|\\d{0,3}${gap}\\d{2,4}(?:${gap}?\\d{2,4}){1,3})`,
  'y',
);
const extensionAt = /(?:[ ,]{0,2}(?:x|ext\.?|extension)[ .]?\d{1,6})/iy;
const phoneAt = new RegExp(`\\(?\\d(?:[()/]?${gap}?[()/]?\\d){6,16}`, 'y');

const cardContext =
  /\b(?:card|cards|cc|ccn|visa|mastercard|amex|credit|debit|karte|carte|tarjeta|cart[aã]o|pan)\b/i;
const ssnContext = /\b(?:ssn|ssns|social[ _-]?security|tax[ _-]?(?:id|payer)|itin)\b/i;
const phoneContext =
  /(?:phone|tel\b|telephone|telefon|tel[eé]fono|t[eé]l[eé]phone|mobile|mobil|handy|cell\b|cellular|fax|whatsapp|\bsms\b|\bcall(?: me| us| him| her)?\b|\bdial\b|\btext me\b|reach (?:me|us|him|her)|contact|hotline|\bmessages? to\b|\banswer(?:s|ed|ing)? (?:at|on)\b|\bring\b|registered)/i;
const licenseContext = /\b(?:driver|driving|licen[cs]e|permis|f[uü]hrerschein)/i;
const versionContext = /(?:\bv|version|release|build|\bver\.?|chrome\/|[a-z]\/)\s?$/i;

/** The words before a number, and the name of its field. */
function contextWith(text: string, start: number, name: string | null): string {
  const before = contextOf(text, start);
  return name === null ? before : `${name.replace(/[_-]/g, ' ')} ${before}`;
}

/** Issuer ranges (ISO/IEC 7812) with the lengths each issues; Maestro's many lengths need context. */
const issuers: readonly { range: RegExp; lengths: readonly number[] }[] = [
  { range: /^4/, lengths: [13, 16, 19] },
  { range: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { range: /^3[47]/, lengths: [15] },
  { range: /^(?:30[0-5]|3095|36|38|39)/, lengths: [14, 16, 19] },
  { range: /^(?:6011|64[4-9]|65|62)/, lengths: [16, 17, 18, 19] },
  { range: /^35(?:2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { range: /^(?:50|5[6-8]|6[0-9])/, lengths: [16, 19] },
];
/** Two digits that a card of any issuer may begin with. */
const isIssuerLead = (lead: number): boolean =>
  (lead >= 30 && lead < 70) || (lead >= 22 && lead < 28) || lead === 18 || lead === 21;

const digitsOf = (value: string): string => value.replace(/\D/g, '');

/** By an issuer's range and its length; with "card" nearby any length of 12 to 19 will do. */
function isCardNumber(digits: string, hasContext: boolean): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  if (hasContext) return true;
  return issuers.some(
    ({ range, lengths }) => range.test(digits) && lengths.includes(digits.length),
  );
}

function isSsn(area: string, group: string, serial: string): boolean {
  return area !== '000' && area !== '666' && group !== '00' && serial !== '0000';
}

interface Found {
  readonly placeholder: PiiType;
  readonly detector: string;
  readonly start: number;
  readonly end: number;
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? null : found[0];
}

const gapPattern = new RegExp(gap);
const gapTable = tableOf(gapPattern);
const isGapAt = (text: string, at: number): boolean =>
  holds(gapTable, text, at) || (text.charCodeAt(at) > 127 && gapPattern.test(text.charAt(at)));

const isDigitAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

const cardDigitsMin = 12;
const cardDigitsMax = 19;
/** Of the number that was read last: its digits, and the place behind each. */
const cardDigits = new Uint8Array(cardDigitsMax);
const cardEnds = new Float64Array(cardDigitsMax);

/**
 * Reads up to 19 digits, of which any two may stand one separator apart; how many there are. Where the
 * first two begin no card it reads no further.
 */
function readCardDigits(text: string, at: number): number {
  let count = 0;
  for (let from = at; count < cardDigitsMax; count += 1) {
    const digitAt = isDigitAt(text, from) ? from : count > 0 && isGapAt(text, from) ? from + 1 : -1;
    if (digitAt < 0 || !isDigitAt(text, digitAt)) break;
    from = digitAt + 1;
    cardDigits[count] = text.charCodeAt(digitAt) - 48;
    cardEnds[count] = from;
    if (count === 1 && !isIssuerLead(10 * (cardDigits[0] ?? 0) + (cardDigits[1] ?? 0))) break;
  }
  return count;
}

/** Luhn's sum over the first `count` digits that were read. */
function isLuhn(count: number): boolean {
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    const digit = cardDigits[count - 1 - index] ?? 0;
    sum += index % 2 === 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
  }
  return sum % 10 === 0;
}

/** The digits of a card may stand in groups of four; the match ends where the card's length does. */
function findCard(text: string, at: number, context: string): Found | null {
  const read = readCardDigits(text, at);
  for (let count = read; count >= cardDigitsMin; count -= 1) {
    const end = cardEnds[count - 1] ?? at;
    // A shorter reading must end at a separator: `4111 1111 1111 1111 123`.
    if (isDigitAt(text, end) || !isLuhn(count)) continue;
    const digits = cardDigits.subarray(0, count).join('');
    if (isCardNumber(digits, cardContext.test(context)))
      return { placeholder: 'CARD', detector: 'card', start: at, end };
  }
  return null;
}

function findSsn(text: string, at: number, context: string): Found | null {
  ssnAt.lastIndex = at;
  const parts = ssnAt.exec(text);
  const found = (end: number): Found | null =>
    isDigitAt(text, end) || text.charCodeAt(end) === 45
      ? null
      : { placeholder: 'SSN', detector: 'us_ssn', start: at, end };
  if (parts !== null && isSsn(parts[1] ?? '', parts[3] ?? '', parts[4] ?? '')) {
    if (parts[2] === '-' || ssnContext.test(context)) return found(at + parts[0].length);
  }
  const nine = match(nineDigitsAt, text, at);
  if (nine === null || !ssnContext.test(context)) return null;
  return found(at + nine.length);
}

/** Where every machine of a cloud asks for its own credentials: the same for all, and rules look for it. */
const metadataServices = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200']);

/** Loopback, unspecified and broadcast addresses name nobody; version numbers are no addresses. */
function findIp(text: string, at: number): Found | null {
  const value = match(ipv4At, text, at);
  if (value === null) return null;
  const end = at + value.length;
  if (isDigitAt(text, end) || (text.charCodeAt(end) === 46 && isDigitAt(text, end + 1)))
    return null;
  if (/^(?:0\.|127\.|255\.255\.255\.)/.test(value) || metadataServices.has(value)) return null;
  if (versionContext.test(text.slice(Math.max(0, at - 10), at))) return null;
  return { placeholder: 'IP', detector: 'ipv4', start: at, end };
}

const timestampAt = /20[0-3]\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?=[T\s"',]|$)/y;
const dateLike =
  /^(?:(?:19|20)\d{2}[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d{2})(?!\d)/;

/** A phone number ends after its extension. */
function phone(text: string, start: number, end: number): Found {
  const extension = match(extensionAt, text, end);
  return { placeholder: 'PHONE', detector: 'phone', start, end: end + (extension?.length ?? 0) };
}

/** Forms that stand out without context: NANP with its area code, and groups behind a trunk zero. */
function nationalEnd(text: string, start: number): number {
  const nanp = match(nanpAt, text, start);
  if (nanp !== null && !isDigitAt(text, start + nanp.length) && isDistinctGap(nanp))
    return start + nanp.length;
  const trunk = match(trunkAt, text, start);
  if (trunk === null || dateLike.test(trunk) || isDigitAt(text, start + trunk.length)) return -1;
  const digits = digitsOf(trunk).length;
  return digits >= 9 && digits <= 11 ? start + trunk.length : -1;
}

function findPhone(text: string, at: number, context: string): Found | null {
  const before = text.charCodeAt(at - 1);
  const hasPlus = before === 43;
  const opensParen = before === 40 && text.slice(at, at + 6).includes(')');
  const start = hasPlus || opensParen ? at - 1 : at;
  const national = hasPlus ? -1 : nationalEnd(text, start);
  if (national > 0) return phone(text, start, national);
  const bodyAt = opensParen ? start : at;
  const value = match(phoneAt, text, bodyAt);
  if (value === null || dateLike.test(value)) return null;
  const end = bodyAt + value.length;
  const isInternational = hasPlus || /^00[1-9]/.test(value);
  if (!isInternational && !phoneContext.test(context)) return null;
  if (isDigitAt(text, end)) return null;
  return isPhoneNumber(text.slice(start, end), isInternational) ? phone(text, start, end) : null;
}

/** `905-674-3793` and `(905) 674 3793`, but not three numbers of a table apart by blanks. */
function isDistinctGap(value: string): boolean {
  return /[(.\-\u2010-\u2015]/.test(value) || value.startsWith('1 ');
}

function findLicense(text: string, at: number, context: string): Found | null {
  if (!licenseContext.test(context)) return null;
  const value = match(/\d{3,4}[- ]\d{2,4}[- ]\d{3,4}(?:[- ]\d{1,4})?|\d{7,14}/y, text, at);
  if (value === null || isDigitAt(text, at + value.length)) return null;
  return { placeholder: 'LICENSE', detector: 'driver_license', start: at, end: at + value.length };
}

/** `1-415-…` is the only number that begins with one digit alone; tables are full of such digits. */
function isLoneDigit(text: string, at: number): boolean {
  if (isDigitAt(text, at + 1) || text.charCodeAt(at + 1) === 46) return false;
  const before = text.charCodeAt(at - 1);
  return before !== 43 && !(text.charCodeAt(at) === 49 && /[2-9(]/.test(text.charAt(at + 2)));
}

function findAt(text: string, at: number, name: string | null): Found | null {
  if (isLoneDigit(text, at)) return null;
  const context = contextWith(text, at, name);
  const found = findIp(text, at) ?? findCard(text, at, context) ?? findSsn(text, at, context);
  return found ?? findPhone(text, at, context) ?? findLicense(text, at, context);
}

/** True where a number may begin: not inside a word, a decimal fraction or another number. */
function isNumberStart(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (before === 46) return !isDigitAt(text, at - 2);
  // Inside a UUID or a file name: `717d-4102-858…`, `python-3.4.2.4`.
  if (before === 45 && holds(alnumTable, text, at - 2)) return false;
  return isRunBoundary(text, at);
}

/** Where what was found before ends, of all that begins at a place or earlier; places only ever grow. */
function followTaken(found: readonly SensitiveMatch[]): (at: number) => number {
  const sorted = found.toSorted((a, b) => a.start - b.start);
  let next = 0;
  let until = 0;
  return (at) => {
    for (let match = sorted[next]; match !== undefined && match.start <= at; match = sorted[next]) {
      until = Math.max(until, match.end);
      next += 1;
    }
    return until;
  };
}

/**
 * Cards, social security numbers, IPv4 addresses, phone numbers and driver's licences in the
 * stretches of digits that the scan noted. From each group of digits on, the most exact reading wins.
 */
export function findNumbers(
  text: string,
  numbers: readonly number[],
  name: string | null,
  out: SensitiveMatch[],
): void {
  const takenUntil = followTaken(out);
  let at = 0;
  for (let index = 0; index < numbers.length; index += 2) {
    const end = numbers[index + 1] ?? 0;
    at = Math.max(at, numbers[index] ?? 0);
    while (at < end) {
      if (!isDigitAt(text, at) || isDigitAt(text, at - 1) || !isNumberStart(text, at)) {
        at += 1;
        continue;
      }
      // Timestamps are the commonest numbers of all, and none of these.
      timestampAt.lastIndex = at;
      if (timestampAt.test(text)) {
        at = timestampAt.lastIndex;
        continue;
      }
      const taken = takenUntil(at);
      if (taken > at) {
        at = taken;
        continue;
      }
      const found = findAt(text, at, name);
      if (found === null || isInsidePlaceholder(text, found.start, found.end)) {
        at += 1;
        continue;
      }
      out.push(found);
      at = found.end;
    }
  }
}
