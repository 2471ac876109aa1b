/** What an event tells of. A dialect that fits none of these is kept as `lifecycle`. */
export const eventKinds = [
  'user_message',
  'agent_message',
  'llm_call',
  'tool_call',
  'data_access',
  'memory_read',
  'memory_write',
  'retrieval',
  'spawn',
  'lifecycle',
  'error',
  'decision',
  'outcome',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** `start` and `end` tell of a call before it ends: two events, one callId. */
export const eventPhases = ['start', 'end'] as const;
export const eventStatuses = ['unset', 'ok', 'error'] as const;
export type EventStatus = (typeof eventStatuses)[number];

/** Where a text came from; unknown is never read as trusted. */
export const trustLevels = ['trusted', 'untrusted', 'unknown'] as const;
export type TrustLevel = (typeof trustLevels)[number];

/** `verified`: the key belongs to this agent. `claimed`: an ingest key said so. */
export const identities = ['verified', 'claimed'] as const;
export type Identity = (typeof identities)[number];

export const dialects = [
  'native',
  'otel_genai',
  'openinference',
  'openllmetry',
  'vercel_ai',
  'claude_code',
  'otlp_plain',
] as const;
export type Dialect = (typeof dialects)[number];

/** What happened to an event on its way in that a reader has to know. */
export const eventFlags = [
  /** Redaction failed: the body was dropped rather than stored raw. */
  'body_dropped',
  /** A field was longer than `limits.fieldBytesMax` and was cut after the scan. */
  'truncated',
  /** A field was longer than `limits.scanCharsMax`: its end was never inspected. */
  'scan_incomplete',
  /** U+0000 or a lone surrogate was escaped. */
  'escaped_text',
  /** An object had one key twice: the last value was kept. */
  'duplicate_key',
  /** A string that should have held JSON did not parse; kept as it came. */
  'unparsed_json',
  /** A number could not be kept exactly. */
  'inexact_number',
  /** More attributes than `limits.attributesMax`; the rest were dropped. */
  'attributes_dropped',
  /** startedAt lay more than `limits.clockSkewMs` ahead of our clock. */
  'clock_skew',
] as const;
export type EventFlag = (typeof eventFlags)[number];

export const findingTypes = [
  'injected_instruction',
  'secret',
  'pii',
  'canary',
  'hidden_text',
  'unexpected_destination',
  /** An answer does what its system instructions forbid. */
  'contradiction',
  /** Content from elsewhere stands in the system instructions. */
  'mixed_instruction',
] as const;
export type FindingType = (typeof findingTypes)[number];
