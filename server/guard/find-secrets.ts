import type { SensitiveMatch } from '#server/guard/contract.ts';
import {
  contextOf,
  isInsidePlaceholder,
  isRunBoundary,
  looksRandom,
  profileRun,
  runEnd,
  runStart,
  tableOf,
} from '#server/guard/internal/measure-run.ts';
import { findAssignedSecrets, findSpokenPasswords } from '#server/guard/internal/find-assigned.ts';
import { features, scanText, type TextScan } from '#server/guard/internal/scan-text.ts';
import { bodies, secretShapes, type SecretShape } from '#server/guard/internal/secret-shapes.ts';

const bodyTables = Object.fromEntries(
  Object.entries(bodies).map(([name, set]) => [name, tableOf(set)]),
) as Record<SecretShape['body'], Uint8Array>;

/** Shapes by their first two characters, in the table's order (the more exact prefix first). */
const shapesByStart = new Map<number, SecretShape[]>();
for (const shape of secretShapes) {
  const start = shape.prefix.charCodeAt(0) * 128 + shape.prefix.charCodeAt(1);
  shapesByStart.set(start, [...(shapesByStart.get(start) ?? []), shape]);
}
const startsShape = new Uint8Array(128);
for (const shape of secretShapes) startsShape[shape.prefix.charCodeAt(0)] = 1;
/** A run may begin this many characters after its shape does: `SG.`, `xoxe.xoxp-`, `hvs.`. */
const prefixCharsMax = Math.max(...secretShapes.map((shape) => shape.prefix.length));

const paddingTable = tableOf(/=/);
/** Padding ends base64, it never stands inside. */
const base64InsideTable = tableOf(/[A-Za-z0-9+/_-]/);
const urlSafeTable = tableOf(/[A-Za-z0-9_-]/);

function push(out: SensitiveMatch[], detector: string, start: number, end: number): void {
  out.push({ placeholder: 'SECRET', detector, start, end });
}

/**
 * End of a key of `shape` whose prefix begins at `at`, or -1. `inRunEnd` is where the run of token
 * characters around it ends, so that no body is measured twice.
 */
function shapeEnd(text: string, at: number, shape: SecretShape, inRunEnd: number): number {
  if (!text.startsWith(shape.prefix, at)) return -1;
  const table = bodyTables[shape.body];
  const bodyAt = at + shape.prefix.length;
  const reach = shape.body === 'dotted' || shape.body === 'base64' ? text.length : inRunEnd;
  const furthest = Math.min(reach, bodyAt + shape.max + 1);
  // A run of token characters is a run of `word` by definition.
  let end = shape.body === 'word' ? furthest : runEnd(table, text, bodyAt, furthest);
  if (end - bodyAt < shape.min) return -1;
  const { digits, uppers, lowers } = profileRun(text, bodyAt, Math.min(end, bodyAt + 48));
  if (digits === 0 && (uppers < 2 || lowers < 2)) return -1;
  if (end - bodyAt > shape.max) {
    if (shape.max - shape.min <= 8) return -1;
    end = runEnd(table, text, end, reach);
  }
  while (end > bodyAt && shape.body === 'dotted' && /[.=_-]/.test(text.charAt(end - 1))) end -= 1;
  return end;
}

/** `eyJ….….…`: three base64url parts of which the first decodes to a JOSE header. */
function jwtEnd(text: string, at: number, firstEnd: number): number {
  if (text.charCodeAt(firstEnd) !== 46 || firstEnd - at > 4096) return -1;
  const secondEnd = runEnd(
    urlSafeTable,
    text,
    firstEnd + 1,
    Math.min(text.length, firstEnd + 16_384),
  );
  if (secondEnd - firstEnd < 5) return -1;
  const header = Buffer.from(text.slice(at, firstEnd), 'base64url').toString('latin1');
  if (!header.startsWith('{"')) return -1;
  if (text.charCodeAt(secondEnd) !== 46) return secondEnd;
  return runEnd(urlSafeTable, text, secondEnd + 1, text.length);
}

/** This much base64 before a run means the inside of a file or image, not a key. */
const blobCharsMin = 64;
const keyCharsMax = 512;

const contextBefore =
  /(?:secret|token|api[ _-]?key|access[ _-]?key|private[ _-]?key|account[ _-]?key|bearer|basic|credential|passw|client[ _-]?key)[^\n]{0,24}$/i;

/** A random-looking run that the words before it call a secret; hex counts from 32 digits on. */
function contextualEnd(text: string, start: number, end: number): readonly [number, number] | null {
  const from = runStart(base64InsideTable, text, start, Math.max(0, start - blobCharsMin));
  if (start - from >= blobCharsMin) return null;
  const bodyEnd = runEnd(base64InsideTable, text, end, Math.min(text.length, end + keyCharsMax));
  const to = runEnd(paddingTable, text, bodyEnd, bodyEnd + 2);
  if (to - from > keyCharsMax) return null;
  const { isHex } = profileRun(text, from, to);
  if (isHex ? !/^[0-9a-f]{32,}$/i.test(text.slice(from, to)) : !looksRandom(text, from, to))
    return null;
  return contextBefore.test(contextOf(text, from)) ? [from, to] : null;
}

function findInRun(
  text: string,
  start: number,
  end: number,
  after: number,
  out: SensitiveMatch[],
): number {
  for (let at = Math.max(after, start - prefixCharsMax); at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127 || startsShape[code] === 0) {
      if (code !== 101 || !text.startsWith('eyJ', at)) continue;
    }
    if (!isRunBoundary(text, at)) continue;
    if (text.startsWith('eyJ', at)) {
      const jwt = jwtEnd(text, at, end);
      if (jwt > 0) {
        push(out, 'jwt', at, jwt);
        return jwt;
      }
    }
    for (const shape of shapesByStart.get(code * 128 + text.charCodeAt(at + 1)) ?? []) {
      const found = shapeEnd(text, at, shape, end);
      if (found < 0) continue;
      // What is glued to a key goes with it: nobody can tell where the one ends.
      const to = Math.max(found, end);
      push(out, shape.detector, at, to);
      return to;
    }
  }
  const contextual = contextualEnd(text, start, end);
  if (contextual !== null && contextual[0] >= after) {
    push(out, 'contextual_token', contextual[0], contextual[1]);
    return contextual[1];
  }
  return after;
}

function findInRuns(text: string, runs: readonly number[], out: SensitiveMatch[]): void {
  let after = 0;
  for (let index = 0; index < runs.length; index += 2) {
    const start = runs[index] ?? 0;
    const end = runs[index + 1] ?? 0;
    if (end > after) after = findInRun(text, start, end, after, out);
  }
}

const unprefixed: readonly { detector: string; pattern: RegExp }[] = [
  // Azure AD client secret; Telegram bot; Discord bot; Mailchimp; Slack and Discord webhooks.
  { detector: 'azure_client_secret', pattern: /[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}/g },
  { detector: 'telegram_bot_token', pattern: /\b\d{8,10}:AA[A-Za-z0-9_-]{32,34}/g },
  {
    detector: 'discord_bot_token',
    pattern: /\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}/g,
  },
  { detector: 'mailchimp_key', pattern: /\b[0-9a-f]{32}-us\d{1,2}\b/g },
  {
    detector: 'slack_webhook',
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/]{20,80}/g,
  },
  {
    detector: 'discord_webhook',
    pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{10,20}\/[A-Za-z0-9_-]{40,90}/g,
  },
  { detector: 'twilio_key', pattern: /\bSK[0-9a-f]{32}\b/g },
];
/** One of these strings stands in every match of {@link unprefixed}; cheap to look for. */
const unprefixedHints = ['Q~', ':AA', '-us', 'hooks.slack.com/', '/api/webhooks/', 'SK'] as const;

function findUnprefixed(text: string, out: SensitiveMatch[]): void {
  const hasDots = /[MNO][A-Za-z0-9_-]{23,27}\./.test(text);
  if (!hasDots && !unprefixedHints.some((hint) => text.includes(hint))) return;
  for (const { detector, pattern } of unprefixed)
    for (const match of text.matchAll(pattern))
      push(out, detector, match.index, match.index + match[0].length);
}

const pemBegin = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const pemEnd = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const pemTable = tableOf(/[A-Za-z0-9+/=\s\\:,-]/);

/** From BEGIN to END; a block cut off before its END goes on as long as it looks like base64. */
function findPrivateKeys(text: string, out: SensitiveMatch[]): void {
  pemBegin.lastIndex = 0;
  for (let begin = pemBegin.exec(text); begin !== null; begin = pemBegin.exec(text)) {
    pemEnd.lastIndex = pemBegin.lastIndex;
    const close = pemEnd.exec(text);
    const end =
      close === null ? runEnd(pemTable, text, pemBegin.lastIndex, text.length) : pemEnd.lastIndex;
    push(out, 'private_key', begin.index, end);
    pemBegin.lastIndex = end;
  }
}

/**
 * `scheme://user:password@host`: user and password go, scheme, host and path stay readable. The last
 * `@` of the authority separates them, so an unencoded one in the password is covered.
 */
function findConnectionPasswords(
  text: string,
  schemes: readonly number[],
  out: SensitiveMatch[],
): void {
  for (const colonAt of schemes) {
    const from = colonAt + 3;
    let lastAt = -1;
    let hasColon = false;
    const stop = Math.min(text.length, from + 512);
    for (let at = from; at < stop; at += 1) {
      const char = text.charAt(at);
      if (/[\s/?#"'<>\\]/.test(char)) break;
      if (char === '@') lastAt = at;
      else if (char === ':' && lastAt < 0) hasColon = true;
    }
    if (lastAt < 0 || !hasColon || isInsidePlaceholder(text, from + 1, lastAt)) continue;
    if (/^[^:]{0,256}:(?:$|[$<{*[])/.test(text.slice(from, lastAt))) continue;
    push(out, 'connection_password', from, lastAt);
  }
}

/** {@link findSecrets} over a scan that was already made; appends to `out`. */
export function collectSecrets(
  text: string,
  scan: TextScan,
  name: string | null,
  out: SensitiveMatch[],
): void {
  const { bits } = scan;
  if ((bits & features.dashes) !== 0) findPrivateKeys(text, out);
  if ((bits & features.runs) !== 0) {
    findInRuns(text, scan.runs, out);
    findUnprefixed(text, out);
  }
  if ((bits & features.schemes) !== 0 && (bits & features.at) !== 0)
    findConnectionPasswords(text, scan.schemes, out);
  if ((bits & features.assignments) !== 0 || name !== null)
    findAssignedSecrets(text, scan.assignments, name, out);
  if ((bits & features.pass) !== 0) findSpokenPasswords(text, out);
}

/**
 * Finds credentials: keys that carry a provider's prefix, private keys, JSON Web Tokens, passwords in
 * connection strings, values assigned to names such as `password` or `api_key`, and random-looking
 * runs that the words before them call a secret. Hashes, UUIDs, trace ids and base64 images are left
 * alone unless their context says otherwise.
 *
 * @param name the field that holds the text, when it has one: `{"password": "…"}` needs no pattern.
 * @returns matches, possibly overlapping, in no particular order.
 */
export function findSecrets(text: string, name: string | null = null): SensitiveMatch[] {
  const out: SensitiveMatch[] = [];
  collectSecrets(text, scanText(text), name, out);
  return out;
}
