import { sha256Hex } from '#server/kernel/hash.ts';
import { leavesOf } from '#server/detection/sigma/prepared-event.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

const systemRoles: readonly unknown[] = ['system', 'developer'];

/**
 * Digest of the instructions that a model call was given: the text of its messages by the system or
 * the developer, in their order. Undefined for an event without any. Placeholders of redaction are
 * the same for the same value, so they do not look like a change.
 */
export function systemDigestOf(event: StoredEvent): string | undefined {
  if (event.kind !== 'llm_call' || !Array.isArray(event.body.input)) return undefined;
  const messages: readonly unknown[] = event.body.input;
  const texts = messages.flatMap((message) => {
    if (typeof message !== 'object' || message === null) return [];
    const { role, ...said } = message as Record<string, unknown>;
    return systemRoles.includes(role) ? leavesOf(said) : [];
  });
  return texts.length === 0 ? undefined : sha256Hex(texts.join('\n')).slice(0, 16);
}
