import { createRedactionState, redactValue } from '#server/ingest/internal/redact-value.ts';
import type { RedactionTools } from '#server/ingest/redact.ts';
import type { Json } from '#server/telemetry/contract.ts';

/**
 * One value outside an event, redacted as events are: secrets and personal data become typed
 * placeholders with the same suffixes, so that both can be joined.
 * @throws RangeError for what cannot be inspected; the caller drops it then
 */
export function redactJson(value: Json, tools: RedactionTools): Json {
  return redactValue(value, 'value', null, createRedactionState(tools, []));
}
