import { z } from 'zod';
import { sha256Hex } from '#server/kernel/hash.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** Digests of the tool definitions an agent was last given, by the tool's name. */
export const knownDefinitionsSchema = z.object({ digests: z.record(z.string(), z.string()) });
export type KnownDefinitions = z.infer<typeof knownDefinitionsSchema>;

export const noDefinitions: KnownDefinitions = { digests: {} };

/**
 * Takes the definitions that came with a model call into what is known of the agent, and answers the
 * names of tools whose definition is not the one it was given before. A tool that is new is not
 * changed. Bounded: further tools are not remembered.
 */
export function noteDefinitions(
  known: KnownDefinitions,
  given: ReadonlyMap<string, string>,
): { readonly next: KnownDefinitions; readonly changed: readonly string[] } {
  const changed: string[] = [];
  const digests = { ...known.digests };
  let isNews = false;
  for (const [name, digest] of given) {
    const before = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (before === digest) continue;
    if (before === undefined && Object.keys(digests).length >= limits.toolDefinitionsMax) continue;
    if (before !== undefined) changed.push(name);
    digests[name] = digest;
    isNews = true;
  }
  return { next: isNews ? { digests } : known, changed };
}

const indexed = /^llm\.(?:tools|request\.functions)\.\d+\./;

/**
 * Digest of each tool definition that a model call carries, by name: OTel's `gen_ai.tool.definitions`,
 * the AI SDK's `ai.prompt.tools`, OpenInference's and OpenLLMetry's indexed attributes.
 */
export function definitionsOf(event: StoredEvent): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (event.kind !== 'llm_call' && event.kind !== 'lifecycle') return found;
  const { attributes } = event.body;
  for (const key of ['gen_ai.tool.definitions', 'ai.prompt.tools']) {
    const list = parsed(attributes[key]);
    if (Array.isArray(list)) list.forEach((item) => note(found, parsed(item)));
  }
  const parts = Object.entries(attributes).filter(
    ([key]) => key.startsWith('llm.') && indexed.test(key),
  );
  const byTool = Map.groupBy(parts, ([key]) => indexed.exec(key)?.[0] ?? '');
  for (const members of byTool.values()) {
    const [first] = members;
    const isWhole = first !== undefined && members.length === 1;
    const whole = isWhole ? parsed(first[1]) : null;
    const named = members.find(([key]) => key.endsWith('.name'))?.[1];
    if (named === undefined) note(found, whole);
    else note(found, { name: named, members });
  }
  return found;
}

function note(found: Map<string, string>, definition: unknown): void {
  if (typeof definition !== 'object' || definition === null) return;
  const { function: inner, name: outer } = definition as Record<string, unknown>;
  const name =
    typeof inner === 'object' && inner !== null
      ? (inner as Record<string, unknown>)['name']
      : outer;
  if (typeof name !== 'string' || found.size >= limits.toolDefinitionsMax) return;
  found.set(name, sha256Hex(JSON.stringify(definition)).slice(0, 16));
}

/** JSON in a text, where it is some; anything else as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
