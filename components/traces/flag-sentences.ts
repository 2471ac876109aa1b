import type { EventFlag } from '#server/telemetry/contract.ts';

/** What happened to an event on its way in, said aloud: never a code alone. */
export const flagSentences: Readonly<Record<EventFlag, string>> = {
  body_dropped:
    'The payload could not be redacted, so it was dropped rather than stored as it came.',
  truncated: 'A field was too long and was cut after it had been inspected whole.',
  scan_incomplete:
    'A field was too long to be inspected whole. What lies beyond counts as untrusted.',
  escaped_text:
    'Characters that cannot be stored (U+0000 or half of a surrogate pair) were escaped.',
  duplicate_key: 'An object named one key twice; the last value was kept.',
  unparsed_json: 'A text that should have held JSON did not parse; it is kept as it came.',
  inexact_number: 'A number could not be kept exactly.',
  attributes_dropped: 'There were more attributes than are kept; the rest were dropped.',
  clock_skew: 'The sender’s clock is far from ours: the times below are the sender’s word.',
};
