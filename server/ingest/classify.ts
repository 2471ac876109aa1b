import type { TextVoice } from '#server/guard/find-injected-instructions.ts';
import { defaultTrust } from '#server/ingest/default-trust.ts';
import type {
  EventDraft,
  EventFlag,
  EventKind,
  Finding,
  TrustLevel,
} from '#server/telemetry/contract.ts';

/** Fields of a body that are read for instructions, and in whose voice. */
export interface FieldVoices {
  readonly input: TextVoice | null;
  readonly output: TextVoice | null;
  readonly error: TextVoice | null;
  readonly attributes: TextVoice | null;
}

const silent: FieldVoices = { input: null, output: null, error: null, attributes: null };
const fromOutside: FieldVoices = { ...silent, output: 'data', error: 'data' };
const fromUser: FieldVoices = { ...silent, input: 'user', output: 'user' };

/**
 * What each kind of event brings in from where. An agent's own words (what it calls, answers, spawns)
 * are not read: they repeat what came in, and would double every finding. The input of a model call is
 * read message by message (`roleVoice`).
 */
const voicesByKind: Readonly<Record<EventKind, FieldVoices>> = {
  user_message: fromUser,
  agent_message: silent,
  llm_call: { ...silent, input: 'user' },
  tool_call: fromOutside,
  data_access: fromOutside,
  memory_read: fromOutside,
  memory_write: { ...silent, input: 'data' },
  retrieval: fromOutside,
  spawn: silent,
  lifecycle: silent,
  error: { ...silent, error: 'data' },
  decision: silent,
  outcome: fromOutside,
};

/** A system prompt instructs by right; by the replay rule it is a `user_message` of this name. */
const systemPromptName = 'system';

/** Whose words the fields of an event are. */
export function voicesOf(draft: Pick<EventDraft, 'kind' | 'name' | 'dialect'>): FieldVoices {
  if (draft.kind === 'user_message' && draft.name === systemPromptName) return silent;
  // A span that fits no dialect may be a tool call for all we know.
  if (draft.dialect === 'otlp_plain')
    return { input: 'data', output: 'data', error: 'data', attributes: 'data' };
  return voicesByKind[draft.kind];
}

const voiceByRole: Readonly<Record<string, TextVoice | null>> = {
  system: null,
  developer: null,
  assistant: null,
  model: null,
  ai: null,
  user: 'user',
  human: 'user',
  tool: 'data',
  function: 'data',
  tool_result: 'data',
  tool_call_response: 'data',
  function_call_output: 'data',
};

/**
 * Voice of a message or a part of one by its `role` or `type`, as the chat formats spell them; without
 * either it is its parent's.
 */
export function roleVoice(
  message: { readonly [key: string]: unknown },
  parent: TextVoice | null,
): TextVoice | null {
  for (const name of [message['type'], message['role']]) {
    if (typeof name !== 'string') continue;
    const voice = voiceByRole[name.toLowerCase()];
    if (voice !== undefined) return voice;
  }
  return parent;
}

/** What was seen may be worse than what was said, and what was not seen is not clean. */
const distrusted: ReadonlySet<EventFlag> = new Set(['scan_incomplete', 'body_dropped']);
/** Colours and comments are found in honest output, too. */
const hiddenTextScoreMin = 0.5;

function isAlarming(finding: Finding): boolean {
  if (finding.type === 'injected_instruction') return true;
  return finding.type === 'hidden_text' && finding.score >= hiddenTextScoreMin;
}

/**
 * Decides how far the text of an event may be trusted. What the event says of itself holds, unless the
 * inline layer saw instructions or hidden text in it or could not look at all of it: then it is
 * untrusted. An event that says nothing goes by its kind (`default-trust.ts`); a user's own message, once
 * it was looked at, is trusted.
 */
export function decideTrust(
  draft: Pick<EventDraft, 'kind' | 'name' | 'body'>,
  findings: readonly Finding[],
  flags: readonly EventFlag[],
): TrustLevel {
  if (flags.some((flag) => distrusted.has(flag)) || findings.some(isAlarming)) return 'untrusted';
  const { source, output, error } = draft.body;
  if (source.trust !== 'unknown') return source.trust;
  return draft.kind === 'user_message' ? 'trusted' : defaultTrust(draft.kind, output ?? error);
}
