import { leavesOf, readPath } from '#server/detection/sigma/prepared-event.ts';
import type { FieldReader, FieldValue } from '#server/detection/sigma/prepared-event.ts';
import type { CallPermit } from '#db/enums.ts';
import { baselineFields } from '#server/detection/baseline/baseline-fields.ts';
import { type BaselineFacts, noBaselineFacts } from '#server/detection/baseline/readings.ts';
import { destinationsOf } from '#server/detection/destinations.ts';
import type { CallLease } from '#server/detection/internal/read-leased-calls.ts';
import { secretsSeenIn } from '#server/detection/kept-secret-seen.ts';
import { tokensOf, type TraceTally } from '#server/detection/trace-tally.ts';
import type { UntrustedArguments } from '#server/detection/untrusted-arguments.ts';
import { findingTypes, type Finding, type StoredEvent } from '#server/telemetry/contract.ts';

/** What the tools table says of a tool, from 0 (harmless) to 4 (worst). */
export interface ToolFacts {
  readonly effectClass: string;
  readonly reversibility: number;
  readonly sensitivity: number;
  readonly blastRadius: number;
}

/**
 * What the detector knows beside the event itself. Null means "not known", and such a field is
 * absent: a rule over it then neither fires nor clears anything.
 */
export interface EventFacts {
  /** Null when the tool is not registered. */
  readonly tool: ToolFacts | null;
  /** The agent's first call of this tool, once it has shown enough calls to have habits. */
  readonly isFirstUse: boolean | null;
  /**
   * A call that pays or sends names a recipient that only untrusted content of its trace has named
   * and that the agent never sent to before; null when that is not looked up.
   */
  readonly isDestinationUntrusted: boolean | null;
  /**
   * A call that pays or sends names a recipient that the agent never sent to before, once it has sent
   * to enough to have habits; null for other calls and before.
   */
  readonly isDestinationNew: boolean | null;
  /** Of a call with an effect in a tainted trace: which arguments untrusted content had before. */
  readonly untrustedArguments: UntrustedArguments | null;
  /** What has been counted of the event's trace up to it; null where it counts for nothing. */
  readonly tally: TraceTally | null;
  /** Tools that came with this model call under another definition than before. */
  readonly changedTools: readonly string[];
  /** Share of the agent's events of the last 5 minutes (event time) that failed; null under the floor. */
  readonly errorRate5m: number | null;
  /** Untrusted content appeared earlier in this trace. */
  readonly untrustedSeen: boolean;
  /**
   * The event started under a stop that its instance had acknowledged, or had time to hear of; null
   * where no stop covers it.
   */
  readonly isStopped: boolean | null;
  /** What the deep layer makes of untrusted content, 0 to 1; null where it is not looked at. */
  readonly injectionScore: number | null;
  /** Of a call of a governed tool that is over: whether it used up a redeemed permit. */
  readonly permit: CallPermit | null;
  /** Of a call of a tool that the broker keeps a credential of; null for any other. */
  readonly lease: CallLease | null;
  /** What the event is against what its agent usually does. */
  readonly baseline: BaselineFacts;
}

export const noFacts: EventFacts = {
  tool: null,
  isFirstUse: null,
  isDestinationUntrusted: null,
  isDestinationNew: null,
  untrustedArguments: null,
  tally: null,
  changedTools: [],
  errorRate5m: null,
  untrustedSeen: false,
  isStopped: null,
  injectionScore: null,
  permit: null,
  lease: null,
  baseline: noBaselineFacts,
};

/** A tool that nobody registered has no known effect, and the worst of every scale. */
const unregisteredTool = { effectClass: 'unknown', scale: 4 };

type Read = (event: StoredEvent, facts: EventFacts) => FieldValue;

/**
 * Field names that rules may use, beside `input.<path>`, `output.<path>` and every attribute under
 * its own name. OpenTelemetry's names are taken verbatim where it has one.
 *
 * | field | value |
 * |---|---|
 * | event.id .kind .phase .status .name .dialect .flags | the event's own; kind is the logsource category |
 * | event.started_at .ended_at .received_at .duration_ms | RFC 3339; milliseconds |
 * | trace.id, span.id, session.id, user.id, gen_ai.conversation.id | who and where |
 * | agent.slug, agent.id, agent.identity, agent.instance_id | `identity` is verified or claimed |
 * | gen_ai.agent.name, gen_ai.operation.name, gen_ai.request.model, gen_ai.usage.* | as OTel has them |
 * | gen_ai.usage.total_tokens | of a model call that is over |
 * | gen_ai.tool.name, gen_ai.tool.call.id | of a tool_call; the id of a decision on one, too |
 * | decision.verdict | of a decision: `deny`, `allow`, or the word it came with |
 * | gen_ai.tool.call.arguments, gen_ai.tool.call.result | every text in them |
 * | tool.effect_class .reversibility .sensitivity .blast_radius .is_registered | the tools table; unregistered: `unknown`, 4, 4, 4 |
 * | tool.destination.untrusted_new | of a call that pays or sends: the agent never sent there before, and only untrusted content of this trace names it |
 * | tool.destination.new | the same calls: the agent has sent to others, and never there |
 * | tool.destination.count | how many recipients and hosts the call's arguments name |
 * | tool.arguments.from_untrusted | of a call of a registered tool with an effect (no `read`) after untrusted content in its trace: an argument stood in that content and in no message of the user, or not all of it could be looked through |
 * | tool.arguments.untrusted_paths | the same calls: pointers of those arguments, as far as they were found |
 * | tool.permit | of a governed call: redeemed, missing; unverified when another key told of it |
 * | tool.lease | of a call that came to something, told by its agent, of a tool with a credential in the broker: held, missing |
 * | credential.id | kept credentials whose secret stood in the event |
 * | credential.secret_seen | where: `arguments` of a call, or `elsewhere` |
 * | source.trust, source.origin | trusted, untrusted, unknown |
 * | data.resource .classes .subjects .fields .rows | what data it touched |
 * | finding.types .detectors .paths .score | what the inline guard saw anywhere; the highest score |
 * | finding.<type>.score | the highest score of one type, such as `finding.hidden_text.score` |
 * | finding.input.types, finding.output.types, finding.input.detectors, finding.output.detectors | the same, in that part alone |
 * | guard.injection_score | of untrusted content: how far it reads like an injected instruction, 0 to 1 |
 * | error.type, error.message, error | of a failed event |
 * | input, output | every text in them |
 * | trace.tool_calls, trace.total_tokens | counted in this trace up to this event |
 * | trace.found | earlier in this trace: `secret` in what a tool returned, `hidden_text` in untrusted content |
 * | trace.prompt.changed, trace.model.changed | of a model call: other instructions than before in this trace; a third model or a later one |
 * | agent.tool.repeats | how often in a row this trace made the same call with the same arguments |
 * | trace.untrusted_seen | untrusted content came earlier in this trace |
 * | agent.tools.changed | of a model call: tools defined otherwise than before |
 * | agent.tool.first_use, agent.error_rate_5m | kept by the detector |
 * | agent.tool.volume* .error_* .new_shape .destination_*, agent.transition.*, agent.scope.new, agent.drift.* | what is unusual for the agent, see {@link baselineFields} |
 * | agent.stopped | it started under a stop that its instance acknowledged or had time to hear of |
 *
 * The hold tells rules of what no event tells, under the category `action`: `action.id`,
 * `action.problem` (`outcome_missing`, `asked_while_stopped`, `redeemed_while_stopped`, `called_false_block`,
 * `dead_lease_presented`), and of the
 * fields above agent.slug, agent.id, session.id, trace.id, gen_ai.tool.name.
 */
export const eventFields: Readonly<Record<string, Read>> = {
  'event.id': (event) => event.id,
  'event.kind': (event) => event.kind,
  'event.phase': (event) => event.phase,
  'event.status': (event) => event.status,
  'event.name': (event) => event.name,
  'event.dialect': (event) => event.dialect,
  'event.flags': (event) => event.flags,
  'event.started_at': (event) => event.startedAt,
  'event.ended_at': (event) => event.endedAt,
  'event.received_at': (event) => event.receivedAt,
  'event.duration_ms': (event) =>
    event.endedAt === null ? null : Date.parse(event.endedAt) - Date.parse(event.startedAt),
  'trace.id': (event) => event.traceId,
  'span.id': (event) => event.spanId,
  'session.id': (event) => event.sessionId,
  'user.id': (event) => event.user,
  'gen_ai.conversation.id': (event) => event.conversationId,
  'agent.slug': (event) => event.agentSlug,
  'agent.id': (event) => event.agentId,
  'agent.identity': (event) => event.identity,
  'agent.instance_id': (event) => event.instanceId,
  'gen_ai.agent.name': (event) =>
    readPath(event.body.attributes, 'gen_ai.agent.name') ?? event.agentSlug,
  'gen_ai.request.model': (event) => event.model,
  'gen_ai.usage.input_tokens': (event) => readPath(event.body.usage, 'inputTokens'),
  'gen_ai.usage.output_tokens': (event) => readPath(event.body.usage, 'outputTokens'),
  'gen_ai.tool.name': (event) => (event.kind === 'tool_call' ? event.name : undefined),
  'gen_ai.tool.call.id': (event) =>
    event.kind === 'tool_call' || event.kind === 'decision' ? event.callId : undefined,
  'gen_ai.usage.total_tokens': (event) => tokensOf(event) || undefined,
  'decision.verdict': verdictOf,
  'gen_ai.tool.call.arguments': (event) =>
    event.kind === 'tool_call' ? textsOf(event.body.input) : undefined,
  'gen_ai.tool.call.result': (event) =>
    event.kind === 'tool_call' ? textsOf(event.body.output) : undefined,
  'tool.effect_class': ofTool((tool) => tool.effectClass, unregisteredTool.effectClass),
  'tool.reversibility': ofTool((tool) => tool.reversibility, unregisteredTool.scale),
  'tool.sensitivity': ofTool((tool) => tool.sensitivity, unregisteredTool.scale),
  'tool.blast_radius': ofTool((tool) => tool.blastRadius, unregisteredTool.scale),
  'tool.is_registered': ofTool(() => true, false),
  'tool.destination.untrusted_new': (event, facts) =>
    event.kind === 'tool_call' ? (facts.isDestinationUntrusted ?? undefined) : undefined,
  'tool.destination.new': (event, facts) =>
    event.kind === 'tool_call' ? (facts.isDestinationNew ?? undefined) : undefined,
  'tool.destination.count': (event) =>
    event.kind === 'tool_call' ? destinationsOf(event.body.input).length : undefined,
  'tool.arguments.from_untrusted': ({ kind }, { untrustedArguments: found }) =>
    kind !== 'tool_call' || found === null ? undefined : found.paths.length > 0 || !found.isWhole,
  'tool.arguments.untrusted_paths': (event, facts) =>
    event.kind === 'tool_call' ? distinct(facts.untrustedArguments?.paths ?? []) : undefined,
  'agent.tools.changed': (_, facts) => distinct(facts.changedTools),
  'tool.permit': (event, facts) =>
    event.kind === 'tool_call' ? (facts.permit ?? undefined) : undefined,
  'tool.lease': (event, facts) => (event.kind === 'tool_call' ? facts.lease?.state : undefined),
  'credential.id': (event) => distinct(secretsSeenIn(event).map((seen) => seen.credentialId)),
  'credential.secret_seen': (event) =>
    distinct(
      secretsSeenIn(event).map(({ evidence }) =>
        evidence === 'secret_in_arguments' ? 'arguments' : 'elsewhere',
      ),
    ),
  'source.trust': (event) => event.trust ?? event.body.source.trust,
  'source.origin': (event) => event.body.source.origin,
  'finding.types': (event) => distinct(event.findings.map((finding) => finding.type)),
  'finding.detectors': (event) => distinct(event.findings.map((finding) => finding.detector)),
  'finding.paths': (event) => distinct(event.findings.map((finding) => finding.path)),
  'finding.score': (event) => highestScore(event.findings),
  ...Object.fromEntries(
    findingTypes.map((type): [string, Read] => [
      `finding.${type}.score`,
      (event) => highestScore(event.findings.filter((finding) => finding.type === type)),
    ]),
  ),
  'finding.input.types': (event) => foundIn(event.findings, '/input', 'type'),
  'finding.output.types': (event) => foundIn(event.findings, '/output', 'type'),
  'finding.input.detectors': (event) => foundIn(event.findings, '/input', 'detector'),
  'finding.output.detectors': (event) => foundIn(event.findings, '/output', 'detector'),
  error: (event) => textsOf(event.body.error),
  input: (event) => textsOf(event.body.input),
  output: (event) => textsOf(event.body.output),
  'trace.tool_calls': (_, facts) => facts.tally?.calls,
  'trace.total_tokens': (_, facts) => facts.tally?.tokens,
  'trace.found': (_, facts) => distinct(facts.tally?.found ?? []),
  'trace.prompt.changed': (_, facts) => facts.tally?.isPromptNew,
  'trace.model.changed': (_, facts) => facts.tally?.isModelNew,
  'agent.tool.repeats': (event, facts) =>
    event.kind === 'tool_call' ? facts.tally?.repeats : undefined,
  'trace.untrusted_seen': (_, facts) => facts.untrustedSeen,
  'agent.tool.first_use': (_, facts) => facts.isFirstUse ?? undefined,
  'agent.error_rate_5m': (_, facts) => facts.errorRate5m ?? undefined,
  ...Object.fromEntries(
    Object.entries(baselineFields).map(([name, read]): [string, Read] => [
      name,
      (_, facts) => read(facts.baseline),
    ]),
  ),
  'guard.injection_score': (_, facts) => facts.injectionScore ?? undefined,
  'agent.stopped': (_, facts) => facts.isStopped ?? undefined,
};

/** Reads an event the way rules name its parts; see {@link eventFields}. */
export function eventReader(event: StoredEvent, facts: EventFacts): FieldReader {
  return {
    read: (name) => {
      if (Object.hasOwn(eventFields, name)) return eventFields[name]?.(event, facts);
      const [head] = name.split('.', 1);
      if (head === 'input' || head === 'output' || head === 'error' || head === 'data') {
        const found = readPath(event.body[head], name.slice(head.length + 1));
        if (found !== undefined) return found;
      }
      return readPath(event.body.attributes, name);
    },
    texts: () => textsOf([event.name, event.body]) ?? [],
  };
}

/** Every scalar below a payload as text; undefined for a payload that is absent. */
function textsOf(value: unknown): readonly string[] | undefined {
  return value === null || value === undefined ? undefined : leavesOf(value).map(String);
}

function ofTool<Value extends FieldValue>(
  read: (tool: ToolFacts) => Value,
  unregistered: Value,
): Read {
  return (event, facts) => {
    if (event.kind !== 'tool_call') return undefined;
    return facts.tool === null ? unregistered : read(facts.tool);
  };
}

function distinct(values: readonly string[]): FieldValue {
  return values.length === 0 ? undefined : [...new Set(values)];
}

function foundIn(
  findings: readonly Finding[],
  part: '/input' | '/output',
  what: 'type' | 'detector',
): FieldValue {
  return distinct(
    findings
      .filter(({ path }) => path === part || path.startsWith(`${part}/`))
      .map((finding) => finding[what]),
  );
}

const verdictWords: Readonly<Record<string, string>> = {
  reject: 'deny',
  rejected: 'deny',
  denied: 'deny',
  block: 'deny',
  blocked: 'deny',
  accept: 'allow',
  accepted: 'allow',
  allowed: 'allow',
  approved: 'allow',
};

/** A decision's verdict under one word for each, however the dialect spells it. */
function verdictOf(event: StoredEvent): FieldValue {
  if (event.kind !== 'decision') return undefined;
  const { attributes, output } = event.body;
  const said = [
    readPath(attributes, 'gen_ai.guardrail.verdict.type'),
    readPath(output, 'decision'),
    readPath(attributes, 'decision'),
    output,
  ].find((value) => typeof value === 'string');
  if (typeof said !== 'string') return undefined;
  const word = said.toLowerCase();
  return verdictWords[word] ?? word;
}

function highestScore(findings: readonly Finding[]): FieldValue {
  return findings.length === 0 ? undefined : Math.max(...findings.map((finding) => finding.score));
}
