import type { CanaryMatcher, KeptSecretMatcher, SensitiveMatch } from '#server/guard/contract.ts';
import type { TextVoice } from '#server/guard/find-injected-instructions.ts';
import {
  findSensitive,
  inspectText,
  keptDetector,
  type Inspection,
  type InspectionOptions,
} from '#server/guard/inspect-text.ts';
import { placeholderOf } from '#server/ingest/internal/placeholder.ts';
import { isPlainValue } from '#server/ingest/internal/plain-value.ts';
import { roleVoice } from '#server/ingest/classify.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventFlag, Finding, FindingType, Json } from '#server/telemetry/contract.ts';

/** The work on one event: what was found and flagged so far. */
export interface RedactionState {
  readonly tenantKey: Uint8Array;
  readonly canaries: CanaryMatcher | null;
  readonly kept: KeptSecretMatcher | null;
  readonly findings: Finding[];
  readonly flags: Set<EventFlag>;
  readonly countByType: Map<FindingType | typeof keptDetector, number>;
  /** Of the values seen in this event: mails and accounts repeat. */
  readonly placeholders: Map<string, string>;
  /** Names and indexes from the event down to the value at hand. */
  readonly path: (string | number)[];
  /** Tool, resource and origin of the event, where a canary may be at home. */
  readonly places: readonly string[];
  /** Whose words the text at hand is. */
  voice: TextVoice | null;
  /** In the input of a model call each message has its own voice. */
  hasMessages: boolean;
  /** Of the field at hand: characters inspected and bytes kept so far. */
  fieldScannedChars: number;
  fieldKeptBytes: number;
}

export function createRedactionState(
  tools: Pick<RedactionState, 'tenantKey' | 'canaries' | 'kept'>,
  places: readonly string[],
): RedactionState {
  return {
    tenantKey: tools.tenantKey,
    canaries: tools.canaries,
    kept: tools.kept,
    findings: [],
    flags: new Set(),
    countByType: new Map(),
    placeholders: new Map(),
    path: [],
    places,
    voice: null,
    hasMessages: false,
    fieldScannedChars: 0,
    fieldKeptBytes: 0,
  };
}

/** A token that the scan's bound cuts in two is never kept: this much before the cut goes as well. */
const cutMarginChars = 4096;

/** RFC 6901. */
function pointerOf(path: readonly (string | number)[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Kept secrets are counted apart, so that a flood of made-up ones hides none of them. */
function addFinding(
  state: RedactionState,
  finding: Omit<Finding, 'path'>,
  countedAs: FindingType | typeof keptDetector = finding.type,
): void {
  const count = state.countByType.get(countedAs) ?? 0;
  state.countByType.set(countedAs, count + 1);
  if (count < limits.findingsPerTypeMax)
    state.findings.push({ ...finding, path: pointerOf(state.path) });
}

function noteInspection(inspection: Inspection, state: RedactionState): void {
  for (const { credentialId, name, start, end } of inspection.kept) {
    const detail = `The secret of the credential “${name}” was replaced.`;
    const finding = {
      type: 'secret',
      detector: credentialId,
      start,
      end,
      score: 1,
      detail,
    } as const;
    addFinding(state, finding, keptDetector);
  }
  for (const match of inspection.sensitive)
    if (match.detector !== keptDetector) noteMatch(match, state);
  for (const signal of inspection.signals) addFinding(state, signal);
}

function noteMatch(match: SensitiveMatch, state: RedactionState): void {
  const isSecret = match.placeholder === 'SECRET';
  addFinding(state, {
    type: isSecret ? 'secret' : 'pii',
    detector: match.detector,
    start: match.start,
    end: match.end,
    score: 1,
    detail: isSecret
      ? `A credential (${match.detector.replaceAll('_', ' ')}) was replaced.`
      : `Personal data (${match.detector.replaceAll('_', ' ')}) was replaced.`,
  });
}

function replaceOnce(
  text: string,
  matches: readonly SensitiveMatch[],
  state: RedactionState,
): string {
  let result = '';
  let from = 0;
  for (const match of matches) {
    result += text.slice(from, match.start);
    result += placeholderOf(text.slice(match.start, match.end), match, state);
    from = match.end;
  }
  return result + text.slice(from);
}

/**
 * What may stand directly before and after a match that has nothing to do with its surroundings:
 * spaces, quotes, and the end of a clause. Anything else may make it the tail or head of a longer value
 * (`password=hunter2-(415) 555-2671`, `alice@example.com/203.0.113.77`) that reads otherwise without it.
 */
const apartBefore = /(?:^|[\s"'`])$/;
const apartAfter = /^[.,;:!?)]?(?:[\s"'`]|$)/;
/** A digit of a number that may go on in the match. */
const numberBefore = /\d\W{1,2}$/;

function standsApart(text: string, { start, end }: SensitiveMatch): boolean {
  const before = text.slice(Math.max(0, start - 3), start);
  return (
    apartBefore.test(before) &&
    !numberBefore.test(before) &&
    apartAfter.test(text.slice(end, end + 2))
  );
}

/** Rounds of replacing: the second sees only what the first uncovered, a third is hardly ever needed. */
const roundsMax = 4;

/**
 * Replaces all matches and, where one did not stand apart, looks again: a match that goes away may
 * uncover another. What is returned holds none, so redacting it again changes nothing.
 */
function replaceMatches(
  text: string,
  name: string | null,
  inspection: Inspection,
  state: RedactionState,
): string {
  let { sensitive } = inspection;
  let kept = text;
  for (let round = 0; sensitive.length > 0; round += 1) {
    const before = kept;
    if (round >= roundsMax) throw new RangeError('redaction does not settle');
    const mayUncover = !sensitive.every((match) => standsApart(before, match));
    kept = replaceOnce(before, sensitive, state);
    if (!mayUncover) return kept;
    sensitive = findSensitive(kept, name);
  }
  return kept;
}

const unstorable = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What Postgres refuses in text and jsonb becomes its own escape, readable and harmless. */
function escapeUnstorable(text: string, state: RedactionState): string {
  const escaped = text.replace(
    unstorable,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (escaped !== text) state.flags.add('escaped_text');
  return escaped;
}

/** Cuts to what the field may still keep, in bytes of UTF-8, never inside a pair or a placeholder. */
function cutToField(text: string, state: RedactionState): string {
  const left = limits.fieldBytesMax - state.fieldKeptBytes;
  const bytes = Buffer.byteLength(text);
  if (bytes <= left) {
    state.fieldKeptBytes += bytes;
    return text;
  }
  state.flags.add('truncated');
  state.fieldKeptBytes = limits.fieldBytesMax;
  let cut = Buffer.from(text.slice(0, left))
    .subarray(0, left)
    .toString()
    .replace(/\ufffd$/, '');
  if (/[\ud800-\udbff]$/.test(cut)) cut = cut.slice(0, -1);
  return cut.replace(/\[[A-Z]{0,8}:?[0-9a-f]{0,8}$/, '');
}

/** The part of a text that may be inspected within the field's bound; the rest is never kept. */
function boundScan(text: string, state: RedactionState): string {
  const left = limits.scanCharsMax - state.fieldScannedChars;
  state.fieldScannedChars += text.length;
  if (text.length <= left) return text;
  state.flags.add('scan_incomplete').add('truncated');
  return text.slice(0, Math.max(0, left));
}

function optionsOf(
  state: RedactionState,
  name: string | null,
  voice: TextVoice | null,
): InspectionOptions {
  return { name, canaries: state.canaries, kept: state.kept, voice, places: state.places };
}

/** Whether the tenant has planted or keeps something that a text of this length could be. */
export function isSearchedFor(
  text: string,
  { canaries, kept }: Pick<RedactionState, 'canaries' | 'kept'>,
): boolean {
  return canaries !== null || (kept !== null && text.length >= limits.keptSecretCharsMin);
}

function redactText(text: string, name: string | null, state: RedactionState): string {
  if (!isSearchedFor(text, state) && isPlainValue(text, name, state.voice !== null)) {
    state.fieldScannedChars += text.length;
    if (state.fieldKeptBytes + text.length <= limits.fieldBytesMax) {
      state.fieldKeptBytes += text.length;
      return text;
    }
  }
  const bounded = boundScan(text, state);
  const inspection = inspectText(bounded, optionsOf(state, name, state.voice));
  noteInspection(inspection, state);
  let kept = replaceMatches(bounded, name, inspection, state);
  if (bounded.length < text.length) kept = kept.slice(0, Math.max(0, kept.length - cutMarginChars));
  if (inspection.mayBeUnstorable) kept = escapeUnstorable(kept, state);
  return cutToField(kept, state);
}

/**
 * Numbers are read as text: a card, or a code or phone number that its name announces, is as personal
 * without quotes.
 */
function redactNumber(value: number, name: string | null, state: RedactionState): Json {
  if (!Number.isFinite(value)) return null;
  state.fieldKeptBytes += 8;
  const isLong = value >= 1e6 && Number.isInteger(value);
  if (!isLong && (name === null || !Number.isInteger(value) || value < 100)) return value;
  const text = String(value);
  const inspection = inspectText(text, optionsOf(state, name, null));
  noteInspection(inspection, state);
  return inspection.sensitive.length === 0 ? value : replaceMatches(text, name, inspection, state);
}

/** Names of fields repeat by the million; these were inspected and hold nothing. */
const cleanKeys = new Set<string>();
const cleanKeysMax = 8192;
const cleanKeyCharsMax = 64;

function redactKey(key: string, state: RedactionState): string {
  // Counted alike whether remembered or not, or the same event would be cut differently twice.
  state.fieldScannedChars += key.length;
  state.fieldKeptBytes += key.length;
  if (cleanKeys.has(key) && (state.kept?.find(key).length ?? 0) === 0) return key;
  const bounded = key.length > limits.keyCharsMax ? key.slice(0, limits.keyCharsMax) : key;
  if (bounded !== key) state.flags.add('truncated').add('scan_incomplete');
  const voice = key.length > cleanKeyCharsMax ? state.voice : null;
  const inspection = inspectText(bounded, optionsOf(state, null, voice));
  let kept = replaceMatches(bounded, null, inspection, state);
  // A pointer that spelt the key would undo its redaction.
  state.path[state.path.length - 1] = kept;
  noteInspection(inspection, state);
  if (inspection.mayBeUnstorable) kept = escapeUnstorable(kept, state);
  if (kept === key && key.length <= cleanKeyCharsMax && state.canaries === null) {
    if (cleanKeys.size >= cleanKeysMax) cleanKeys.clear();
    cleanKeys.add(key);
  }
  return kept;
}

/** A key that a placeholder made equal to another gets a number: no value disappears. */
function freeKey(key: string, taken: Readonly<Record<string, Json>>): string {
  if (!Object.hasOwn(taken, key)) return key;
  for (let count = 2; ; count += 1)
    if (!Object.hasOwn(taken, `${key}~${count}`)) return `${key}~${count}`;
}

/** True once the field has used up its bytes: what follows is still inspected, no longer kept. */
function isFull(state: RedactionState): boolean {
  if (state.fieldKeptBytes < limits.fieldBytesMax) return false;
  state.flags.add('truncated');
  return true;
}

function redactArray(list: readonly Json[], name: string | null, state: RedactionState): Json {
  let changed: Json[] | null = null;
  for (const [index, item] of list.entries()) {
    const mustDrop = isFull(state);
    state.path.push(index);
    state.fieldKeptBytes += 1;
    const redacted = redactJson(item, name, state);
    state.path.pop();
    if ((mustDrop || redacted !== item) && changed === null) changed = list.slice(0, index);
    if (!mustDrop) changed?.push(redacted);
  }
  return changed ?? list;
}

function setOwn(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true });
}

/** The first `count` fields of an object, as they are. */
function firstFields(
  object: { readonly [key: string]: Json },
  keys: readonly string[],
  count: number,
): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (const key of keys.slice(0, count)) setOwn(fields, key, object[key] ?? null);
  return fields;
}

function redactObject(object: { readonly [key: string]: Json }, state: RedactionState): Json {
  let changed: Record<string, Json> | null = null;
  const parentVoice = state.voice;
  if (state.hasMessages) state.voice = roleVoice(object, parentVoice);
  const keys = Object.keys(object);
  for (const [index, key] of keys.entries()) {
    const mustDrop = isFull(state);
    const value = object[key] ?? null;
    state.path.push(key);
    const safeKey = redactKey(key, state);
    const redacted = redactJson(value, key, state);
    state.path.pop();
    // Nearly every object stays as it is; only one that does not is built anew.
    if (mustDrop || redacted !== value || safeKey !== key)
      changed ??= firstFields(object, keys, index);
    if (changed !== null && !mustDrop) setOwn(changed, freeKey(safeKey, changed), redacted);
  }
  state.voice = parentVoice;
  return changed ?? object;
}

function redactJson(value: Json, name: string | null, state: RedactionState): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return redactText(value, name, state);
  if (typeof value === 'number') return redactNumber(value, name, state);
  if (state.path.length > limits.jsonDepthMax + 1) throw new RangeError('nested too deeply');
  return Array.isArray(value)
    ? redactArray(value as readonly Json[], name, state)
    : redactObject(value as { readonly [key: string]: Json }, state);
}

/**
 * Redacts one field of an event under its own bounds.
 *
 * @param voice whose words the field holds; null where it is not read for instructions
 * @throws RangeError beyond the depth bound
 */
export function redactValue(
  value: Json,
  field: string,
  voice: TextVoice | null,
  state: RedactionState,
): Json {
  if (value === null) return null;
  state.voice = voice;
  state.path.length = 0;
  state.path.push(field);
  state.fieldScannedChars = 0;
  state.fieldKeptBytes = 0;
  return redactJson(value, null, state);
}
