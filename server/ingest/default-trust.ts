import type { EventKind, Json, TrustLevel } from '#server/telemetry/contract.ts';

/** Kinds whose output is text that somebody outside the agent wrote. */
const foreignOutput: ReadonlySet<EventKind> = new Set<EventKind>([
  'tool_call',
  'retrieval',
  'data_access',
  'memory_read',
  'outcome',
]);

/**
 * Trust of an event whose sender does not say: the output of a tool, a retrieval, a read of data or memory is
 * untrusted,
 * everything else unknown. Without content it is unknown too, never "clean".
 */
export function defaultTrust(kind: EventKind, output: Json): TrustLevel {
  return foreignOutput.has(kind) && output !== null ? 'untrusted' : 'unknown';
}
