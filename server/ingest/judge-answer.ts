import { findContradictions } from '#server/guard/find-contradictions.ts';
import { findMixedInstructions } from '#server/guard/find-mixed-instructions.ts';
import type { TextSignal } from '#server/guard/contract.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventBody, EventKind, Finding } from '#server/telemetry/contract.ts';

const systemRoles: ReadonlySet<unknown> = new Set(['system', 'developer']);
const dataRoles: ReadonlySet<unknown> = new Set(['tool', 'function']);

interface Said {
  readonly path: string;
  readonly text: string;
  /** Place of its message among the messages. */
  readonly at: number;
}

interface Conversation {
  readonly instructions: readonly Said[];
  readonly contents: readonly Said[];
  /** Latest message of the user. */
  readonly request: string;
}

/** Fields of a message that say what it is, not what it says. */
const plainFields: ReadonlySet<string | null> = new Set(['role', 'type', 'id', 'name']);

function textsOf(value: unknown, path: string, at: number): Said[] {
  return [...stringsOf(value, path)]
    .filter(({ isKey, name }) => !isKey && !plainFields.has(name))
    .map(({ pointer, text }) => ({ path: pointer, text, at }));
}

function conversationOf(input: unknown): Conversation {
  const instructions: Said[] = [];
  const contents: Said[] = [];
  let request = '';
  for (const [at, message] of (Array.isArray(input) ? (input as unknown[]) : []).entries()) {
    if (typeof message !== 'object' || message === null) continue;
    const { role } = message as { role?: unknown };
    const texts = textsOf(message, `/input/${at}`, at);
    if (systemRoles.has(role)) instructions.push(...texts);
    else if (dataRoles.has(role)) contents.push(...texts);
    else if (role === 'user') request = texts.map(({ text }) => text).join('\n');
  }
  return { instructions, contents, request };
}

const findingOf = (path: string, { start, end, ...signal }: TextSignal): Finding => ({
  ...signal,
  path,
  start,
  end,
});

/**
 * What a model call says of itself as a whole, when it carries the instructions it was given: an answer
 * that contradicts them, and content from elsewhere that was made part of them. Reads the event as it is
 * stored, redacted, so that places hold there; a value in both is the same placeholder. Pure, bounded.
 */
export function judgeAnswer(kind: EventKind, body: EventBody): Finding[] {
  if (kind !== 'llm_call') return [];
  const { instructions, contents, request } = conversationOf(body.input);
  if (instructions.length === 0) return [];
  const told = instructions.map(({ text }) => text).join('\n');
  const answers = textsOf(body.output, '/output', 0);
  const contradictions = answers.flatMap(({ path, text }) =>
    findContradictions({ instructions: told, request, output: text }).map((found) =>
      findingOf(path, found),
    ),
  );
  // Instructions come first; only those that follow content can have been made of it.
  const mixed = instructions.flatMap(({ path, text, at }) => {
    const before = contents.filter((one) => one.at < at).map((one) => one.text);
    return findMixedInstructions(text, before).map((found) => findingOf(path, found));
  });
  return [
    ...contradictions.slice(0, limits.findingsPerTypeMax),
    ...mixed.slice(0, limits.findingsPerTypeMax),
  ];
}
