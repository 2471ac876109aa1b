import type { LiveBatch } from '#server/live/contract.ts';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * The batch inside a tracked message of the stream; null for anything else, which is then dropped.
 * Checked by hand: the validator of the contract is larger than everything else the stream needs.
 */
export function readEnvelope(envelope: unknown): LiveBatch | null {
  const batch = isRecord(envelope) ? envelope['data'] : null;
  if (!isRecord(batch)) return null;
  const isBatch =
    typeof batch['id'] === 'string' &&
    typeof batch['at'] === 'string' &&
    Array.isArray(batch['events']) &&
    Array.isArray(batch['alerts']) &&
    Array.isArray(batch['control']) &&
    typeof batch['eventsSkipped'] === 'number' &&
    typeof batch['isResync'] === 'boolean' &&
    isRecord(batch['derived']);
  return isBatch ? (batch as unknown as LiveBatch) : null;
}
