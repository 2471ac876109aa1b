import type { CanaryMatcher, KeptSecretMatcher } from '#server/guard/contract.ts';
import { judgeAnswer } from '#server/ingest/judge-answer.ts';
import { decideTrust, voicesOf } from '#server/ingest/classify.ts';
import {
  createRedactionState,
  isSearchedFor,
  redactValue,
  type RedactionState,
} from '#server/ingest/internal/redact-value.ts';
import type {
  EventBody,
  EventDraft,
  EventFlag,
  Finding,
  JsonObject,
} from '#server/telemetry/contract.ts';

/** What redaction needs to know of the tenant. */
export interface RedactionTools {
  /** Key of the placeholders' suffixes: 32 bytes, one per tenant, never stored beside the events. */
  readonly tenantKey: Uint8Array;
  /** The tenant's canaries, compiled; null when it has registered none. */
  readonly canaries: CanaryMatcher | null;
  /** Secrets that the broker keeps for it, by their marks; null when there are none. */
  readonly kept: KeptSecretMatcher | null;
}

/**
 * An event that may be stored: every string in it was inspected, and what must not be kept was
 * replaced. `findings` never hold a value; their paths point into the body (`/output/0/text`) or at a
 * field of the event itself (`/user`, `/name`).
 */
export interface RedactedEvent extends EventDraft {
  readonly findings: readonly Finding[];
}

const emptyBody: EventBody = {
  input: null,
  output: null,
  error: null,
  usage: null,
  data: null,
  source: { trust: 'unknown', origin: null },
  attributes: {},
};

const asObject = (value: unknown): JsonObject | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as JsonObject)
    : null;

function redactBody(draft: EventDraft, state: RedactionState): EventBody {
  const { body } = draft;
  const voices = voicesOf(draft);
  state.hasMessages = draft.kind === 'llm_call';
  const input = redactValue(body.input, 'input', voices.input, state);
  state.hasMessages = false;
  const output = redactValue(body.output, 'output', voices.output, state);
  const error = redactValue(body.error, 'error', voices.error, state);
  const usage = redactValue(body.usage, 'usage', null, state);
  const data = redactValue(body.data, 'data', null, state);
  const origin = redactValue(body.source.origin, 'origin', null, state);
  const attributes = redactValue(body.attributes, 'attributes', voices.attributes, state);
  return {
    input,
    output,
    error,
    usage: asObject(usage),
    data: asObject(data),
    source: { trust: body.source.trust, origin: typeof origin === 'string' ? origin : null },
    attributes: asObject(attributes) ?? {},
  };
}

/** Ids and names that hold nothing by their very letters: `send_money`, `u-42`, `pod-3`. */
const plainLabel = /^[a-z][a-z_.:-]{0,30}\d{0,3}$/;

/** An id or name of the caller: shaped like an address or a key it is replaced like one. */
function redactLabel(value: string, field: string, state: RedactionState): string;
function redactLabel(value: string | null, field: string, state: RedactionState): string | null;
function redactLabel(value: string | null, field: string, state: RedactionState): string | null {
  if (value === null || (!isSearchedFor(value, state) && plainLabel.test(value))) return value;
  const redacted = redactValue(value, field, null, state);
  return typeof redacted === 'string' ? redacted : null;
}

function addFlags(flags: readonly EventFlag[], added: Iterable<EventFlag>): readonly EventFlag[] {
  return [...new Set([...flags, ...added])].sort();
}

/** Where the event took place: a canary that lives there may be seen there. */
function placesOf(draft: EventDraft): string[] {
  const resource = draft.body.data?.['resource'];
  return [draft.name, draft.body.source.origin, resource].filter(
    (place): place is string => typeof place === 'string',
  );
}

function redactOrThrow(draft: EventDraft, tools: RedactionTools): RedactedEvent {
  const state = createRedactionState(tools, placesOf(draft));
  const redacted = redactBody(draft, state);
  const labels = {
    id: redactLabel(draft.id, 'id', state),
    sessionId: redactLabel(draft.sessionId, 'sessionId', state),
    conversationId: redactLabel(draft.conversationId, 'conversationId', state),
    instanceId: redactLabel(draft.instanceId, 'instanceId', state),
    user: redactLabel(draft.user, 'user', state),
    callId: redactLabel(draft.callId, 'callId', state),
    name: redactLabel(draft.name, 'name', state),
    model: redactLabel(draft.model, 'model', state),
    actionId: redactLabel(draft.actionId, 'actionId', state),
  };
  const flags = addFlags(draft.flags, state.flags);
  const trust = decideTrust(draft, state.findings, flags);
  const body = { ...redacted, source: { ...redacted.source, trust } };
  const findings = [...state.findings, ...judgeAnswer(draft.kind, body)];
  return { ...draft, ...labels, body, flags, findings };
}

/** The labels of a failed event: kept only when inspecting them alone does not fail as well. */
function withoutBody(draft: EventDraft, tools: RedactionTools): RedactedEvent {
  const bare = { ...draft, body: emptyBody };
  try {
    const redacted = redactOrThrow(bare, tools);
    return { ...redacted, flags: addFlags(redacted.flags, ['body_dropped']) };
  } catch {
    const labels = {
      sessionId: null,
      conversationId: null,
      instanceId: null,
      user: null,
      callId: null,
      name: null,
      model: null,
      actionId: null,
    };
    return { ...bare, ...labels, flags: addFlags(draft.flags, ['body_dropped']), findings: [] };
  }
}

/**
 * Inspects an event and replaces secrets and personal data by typed placeholders: first everything is
 * looked for in the raw text (also instructions to the model, hidden text and canaries, which stay in
 * place), then it is replaced, then fields are cut to `limits.fieldBytesMax`. Every
 * string is covered, keys of objects and numbers that read as a card or a code included, and so are
 * the caller's own ids and names: they stay as they are unless they are an address or a key, and then
 * the same one always becomes the same placeholder, so that joins by user or session still work. The
 * agent's slug, trace and span ids have alphabets that hold none of these and stay.
 *
 * Never throws: what cannot be inspected is dropped and flagged `body_dropped`, so one bad event costs
 * neither its batch nor anybody's privacy. The same event under the same key gives the same result, and
 * redacting a result again changes nothing. `source.trust` is settled here (`classify.ts`).
 */
export function redactEvent(draft: EventDraft, tools: RedactionTools): RedactedEvent {
  try {
    return redactOrThrow(draft, tools);
  } catch {
    // The reason may quote the text that could not be inspected, so it is not kept.
    return withoutBody(draft, tools);
  }
}
