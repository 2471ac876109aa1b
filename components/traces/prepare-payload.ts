import type { Finding } from '#server/telemetry/contract.ts';
import type { JsonValue } from '../ui/flatten-json.ts';

/** One part of a payload as it is shown, with what was found in it. */
export interface PayloadPart {
  readonly name: string;
  readonly word: string;
  readonly value: JsonValue;
  readonly findings: readonly Finding[];
}

/** In the order in which people ask. Parts that a later version adds come after these. */
const knownParts: readonly (readonly [name: string, word: string])[] = [
  ['error', 'Error'],
  ['input', 'Input'],
  ['output', 'Output'],
  ['data', 'Data touched'],
  ['source', 'Source of the content'],
  ['usage', 'Tokens'],
  ['attributes', 'Attributes'],
];

/**
 * The parts of a payload that hold anything, with the findings that point into each. A finding that
 * points into no shown part stands at the first, so that none is lost.
 */
export function payloadParts(
  body: Readonly<Record<string, JsonValue>>,
  findings: readonly Finding[],
): PayloadPart[] {
  const known = new Set(knownParts.map(([name]) => name));
  const others = Object.keys(body)
    .filter((name) => !known.has(name))
    .map((name) => [name, name] as const);
  const parts = [...knownParts, ...others]
    .map(([name, word]) => ({ name, word, value: body[name] ?? null, findings: [] as Finding[] }))
    .filter((part) => !isEmpty(part.value) && !isUntold(part.name, part.value));
  for (const finding of findings) {
    const name = finding.path.split('/')[1] ?? '';
    (parts.find((part) => part.name === name) ?? parts[0])?.findings.push(finding);
  }
  return parts;
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** A source of which nothing is known says no more than the event's line does. */
function isUntold(name: string, value: JsonValue): boolean {
  if (name !== 'source' || value === null || typeof value !== 'object') return false;
  const source = value as Readonly<Record<string, JsonValue>>;
  return source['trust'] === 'unknown' && (source['origin'] ?? null) === null;
}
