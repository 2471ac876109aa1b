import { memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import type { AttributeReader, Content } from '#server/ingest/normalise/attribute-reader.ts';
import type { DialectFields } from '#server/ingest/normalise/dialect-fields.ts';
import type { EventKind, EventStatus, Json } from '#server/telemetry/contract.ts';

/**
 * Claude Code's log events (code.claude.com/docs, monitoring): `claude_code.tool_result`,
 * `tool_decision`, `user_prompt`, `api_request`, `api_error` and others, joined by `session.id` and
 * `prompt.id`. It sends no spans unless asked to, so the events are the whole picture.
 */

const prefix = 'claude_code.';

/** What one event says beside its dialect fields. */
export interface ClaudeCodeEvent {
  readonly fields: DialectFields;
  readonly kind: EventKind;
  readonly name: string;
  readonly status: EventStatus;
  readonly error: Json;
  /** The event is written when the call ends; null for what is no call. */
  readonly durationMs: number | null;
}

/** The event's name without its prefix; null when the record is none of Claude Code's. */
export function claudeCodeEventName(
  eventName: string,
  body: Json,
  reader: AttributeReader,
): string | null {
  const full = [eventName, body].find((one) => typeof one === 'string' && one.startsWith(prefix));
  if (typeof full === 'string') return full.slice(prefix.length);
  const named = reader.text('event.name');
  return named?.startsWith(prefix) === true ? named.slice(prefix.length) : null;
}

const kindByEvent: Readonly<Record<string, EventKind>> = {
  user_prompt: 'user_message',
  assistant_response: 'agent_message',
  tool_result: 'tool_call',
  tool_decision: 'decision',
  api_request: 'llm_call',
  api_error: 'error',
  internal_error: 'error',
  api_retries_exhausted: 'error',
};

/** Reads the event called `name` (without prefix). Names it does not know are `lifecycle`. */
export function readClaudeCode(name: string, reader: AttributeReader): ClaudeCodeEvent {
  const kind = Object.hasOwn(kindByEvent, name) ? (kindByEvent[name] ?? 'lifecycle') : 'lifecycle';
  const tool = toolName(reader);
  const isOfTool = kind === 'tool_call' || kind === 'decision';
  const session = reader.text('session.id');
  return {
    kind,
    name: nameOf(kind, name, tool, reader),
    status: statusOf(kind, reader),
    error: errorOf(kind, reader),
    durationMs: reader.count('duration_ms') ?? null,
    fields: {
      kind,
      name: isOfTool ? tool : undefined,
      sessionId: session,
      conversationId: session,
      user: reader.text('user.account_uuid', 'user.id'),
      callId: reader.text('tool_use_id'),
      modelAsked: reader.text('model'),
      usage: {
        inputTokens: reader.count('input_tokens'),
        outputTokens: reader.count('output_tokens'),
        cachedInputTokens: reader.count('cache_read_tokens'),
        cacheCreationInputTokens: reader.count('cache_creation_tokens'),
      },
      input: inputOf(kind, reader),
      output: outputOf(kind, reader),
    },
  };
}

function nameOf(
  kind: EventKind,
  event: string,
  tool: string | undefined,
  reader: AttributeReader,
): string {
  if (kind === 'tool_call' || kind === 'decision') return tool ?? event;
  return kind === 'llm_call' ? (reader.text('model') ?? event) : event;
}

/** MCP tools are all called `mcp_tool`; their parameters say which. */
function toolName(reader: AttributeReader): string | undefined {
  const parameters = reader.parse(reader.get('tool_parameters'), 'maybe');
  const server = textOf(parameters, 'mcp_server_name');
  const tool = textOf(parameters, 'mcp_tool_name');
  if (server !== undefined && tool !== undefined) return `mcp__${server}__${tool}`;
  return reader.text('tool_name');
}

function inputOf(kind: EventKind, reader: AttributeReader): Content | undefined {
  if (kind === 'user_message') return reader.content('text', 'prompt');
  if (kind !== 'tool_call') return undefined;
  // The input is cut at 512 characters and may then be no JSON; the parameters are a summary of it.
  return reader.content('maybe', 'tool_input', 'tool_parameters');
}

function outputOf(kind: EventKind, reader: AttributeReader): Content | undefined {
  if (kind === 'agent_message') return reader.content('text', 'response');
  if (kind === 'tool_call') return reader.content('maybe', 'tool_output', 'tool_result');
  if (kind !== 'decision') return undefined;
  const decision = reader.text('decision', 'decision_type') ?? null;
  const source = reader.text('source', 'decision_source') ?? null;
  return { value: { decision, source }, keys: [] };
}

function statusOf(kind: EventKind, reader: AttributeReader): EventStatus {
  if (kind === 'error') return 'error';
  const success = reader.get('success');
  if (success === true || success === 'true') return 'ok';
  if (success === false || success === 'false') return 'error';
  return kind === 'llm_call' ? 'ok' : 'unset';
}

function errorOf(kind: EventKind, reader: AttributeReader): Json {
  const message = reader.text('error', 'error_message');
  const type = reader.text('error_name', 'error_type', 'status_code');
  if (kind !== 'error' && message === undefined) return null;
  const error = {
    ...(type === undefined ? {} : { type }),
    ...(message === undefined ? {} : { message }),
  };
  return memberOf(error, 'type') === null && message === undefined ? {} : error;
}
