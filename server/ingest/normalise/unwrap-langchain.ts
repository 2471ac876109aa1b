import { isObject } from '#server/ingest/clean-text.ts';
import { listOf, memberOf, textOf } from '#server/ingest/normalise/attribute-reader.ts';
import { toolCallPart } from '#server/ingest/normalise/messages.ts';
import type { AttributeReader } from '#server/ingest/normalise/attribute-reader.ts';
import type { Json } from '#server/telemetry/contract.ts';

/**
 * LangChain serialises its objects as `{ lc: 1, type: 'constructor', id: [..., 'ToolMessage'],
 * kwargs: {…} }`, with or without an `{ output: … }` around. These read the few facts that matter;
 * the raw envelope stays among the attributes.
 */

/** What a tool returned, seen through its ToolMessage. */
export interface ToolMessage {
  readonly content: Json;
  readonly callId: string | undefined;
  /** The tool's own name, which some instrumentations replace by a class name. */
  readonly name: string | undefined;
}

/** Null when `value` holds no ToolMessage. */
export function unwrapToolMessage(value: Json, reader: AttributeReader): ToolMessage | null {
  const kwargs = kwargsOf(isEnvelope(value) ? value : memberOf(value, 'output'), 'ToolMessage');
  if (kwargs === null) return null;
  return {
    content: reader.parse(memberOf(kwargs, 'content'), 'maybe'),
    callId: textOf(kwargs, 'tool_call_id'),
    name: textOf(kwargs, 'name'),
  };
}

/** `tool_call` parts of the first generation's AIMessage; none when `value` is something else. */
export function toolCallsOfGeneration(value: Json): readonly Json[] {
  const generation = listOf(listOf(memberOf(value, 'generations'))[0])[0];
  const kwargs = kwargsOf(memberOf(generation, 'message'), 'AIMessage', 'AIMessageChunk');
  return listOf(memberOf(kwargs, 'tool_calls')).map((call) =>
    toolCallPart(memberOf(call, 'id'), memberOf(call, 'name'), memberOf(call, 'args')),
  );
}

function isEnvelope(value: Json): boolean {
  return isObject(value) && value['lc'] === 1 && isObject(value['kwargs']);
}

function kwargsOf(value: Json, ...classes: readonly string[]): Json {
  if (!isEnvelope(value)) return null;
  const name = listOf(memberOf(value, 'id')).at(-1);
  return typeof name === 'string' && classes.includes(name) ? memberOf(value, 'kwargs') : null;
}
