import { TypeID } from 'typeid-js';
import { idPrefixes } from '#db/enums.ts';
import type {
  EventBody,
  EventFlag,
  EventKind,
  EventStatus,
  Finding,
  StoredEvent,
  TrustLevel,
} from './contract.ts';
import type { CopyReader } from './copy-reader.ts';
import { encodePosition, type Position } from './position.ts';

/** An event of the tail, with the parts of its position for the reader's cursor. */
export interface TailEvent extends StoredEvent {
  readonly at: Position;
  readonly agentExplicit: boolean;
  /** As `body.source.trust`, without reading the body. */
  readonly trust: TrustLevel;
  /** Day partition that the event and its body lie in. */
  readonly receivedOn: string;
  /** Times in microseconds since 1970. */
  readonly startedAtUs: number;
  readonly endedAtUs: number | null;
  readonly receivedAtUs: number;
  readonly bodyBytes: number;
  /**
   * As `body`, which keeps what it has read for those who ask again: for a reader that goes through
   * all bodies once. Kept, they would live until the slowest reader has passed.
   */
  readonly readBody: () => EventBody;
}

/** The body of an event whose payload was erased. */
export const erasedBody: EventBody = {
  input: null,
  output: null,
  error: null,
  usage: null,
  data: null,
  source: { trust: 'unknown', origin: null },
  attributes: {},
};

/** The columns of {@link readTailEvent}, of events `e` and bodies `b`, in its order. */
export const tailColumns = `e.received_on, e.incarnation, e.xid, e.seq, e.received_at, e.event_id,
  e.revision, e.trace_id, e.span_id, e.parent_span_id, e.session_id, e.conversation_id, e.agent_id,
  e.agent_slug, e.agent_explicit, e.is_verified, e.instance_id, e.user_id, e.kind, e.phase,
  e.call_id, e.name, e.started_at, e.ended_at, e.status, e.model, e.trust, e.action_id, e.dialect,
  array_to_string(e.flags, ' '), e.findings::text, e.body_bytes, b.body`;
const columnCount = 33;

/** The next event of a copy of {@link tailColumns}; null at its end. */
export function readTailEvent(copy: CopyReader): TailEvent | null {
  return copy.nextRow(columnCount) ? new LoggedEvent(copy) : null;
}

const noFindings: readonly Finding[] = [];

/**
 * What few readers of few events ask for is worked out when it is asked for, and once: the payload
 * above all, which most rules never look into.
 */
class LoggedEvent implements TailEvent {
  readonly receivedOn: string;
  readonly at: Position;
  readonly receivedAtUs: number;
  readonly id: string;
  readonly revision: number;
  readonly traceId: string;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly sessionId: string | null;
  readonly conversationId: string | null;
  readonly agentId: string;
  readonly agentSlug: string;
  readonly agentExplicit: boolean;
  readonly identity: TailEvent['identity'];
  readonly instanceId: string | null;
  readonly user: string | null;
  readonly kind: EventKind;
  readonly phase: TailEvent['phase'];
  readonly callId: string | null;
  readonly name: string | null;
  readonly startedAtUs: number;
  readonly endedAtUs: number | null;
  readonly status: EventStatus;
  readonly model: string | null;
  readonly trust: TrustLevel;
  readonly actionId: string | null;
  readonly dialect: TailEvent['dialect'];
  readonly flags: readonly EventFlag[];
  readonly findings: readonly Finding[];
  readonly bodyBytes: number;
  readonly #payload: string | null;
  #body: EventBody | null = null;

  constructor(copy: CopyReader) {
    this.receivedOn = dayOf(copy.day() ?? 0);
    this.at = {
      incarnation: copy.smallint() ?? 0,
      xid: xidOf(copy.bigint() ?? 0),
      seq: copy.bigint() ?? 0,
    };
    this.receivedAtUs = copy.instantUs() ?? 0;
    this.id = copy.text() ?? '';
    this.revision = copy.smallint() ?? 0;
    this.traceId = copy.uuid() ?? '';
    this.spanId = copy.text();
    this.parentSpanId = copy.text();
    this.sessionId = copy.text();
    this.conversationId = copy.text();
    this.agentId = agentIdOf(copy.uuid() ?? '');
    this.agentSlug = copy.text() ?? '';
    this.agentExplicit = copy.bool() ?? false;
    this.identity = copy.bool() === true ? 'verified' : 'claimed';
    this.instanceId = copy.text();
    this.user = copy.text();
    this.kind = copy.text() as EventKind;
    this.phase = copy.text() as TailEvent['phase'];
    this.callId = copy.text();
    this.name = copy.text();
    this.startedAtUs = copy.instantUs() ?? 0;
    this.endedAtUs = copy.instantUs();
    this.status = copy.text() as EventStatus;
    this.model = copy.text();
    this.trust = copy.text() as TrustLevel;
    this.actionId = copy.text();
    this.dialect = copy.text() as TailEvent['dialect'];
    this.flags = (copy.text()?.split(' ') ?? []) as EventFlag[];
    const findings = copy.text();
    this.findings = findings === null ? noFindings : (JSON.parse(findings) as Finding[]);
    this.bodyBytes = copy.integer() ?? 0;
    this.#payload = copy.text();
  }

  get position(): string {
    return encodePosition(this.at);
  }

  get startedAt(): string {
    return instantOf(this.startedAtUs);
  }

  get endedAt(): string | null {
    return this.endedAtUs === null ? null : instantOf(this.endedAtUs);
  }

  get receivedAt(): string {
    return instantOf(this.receivedAtUs);
  }

  get body(): EventBody {
    this.#body ??= this.readBody();
    return this.#body;
  }

  readBody(): EventBody {
    return this.#payload === null ? erasedBody : (JSON.parse(this.#payload) as EventBody);
  }
}

/** `2026-01-01T00:00:00.12Z`: microseconds without the zeros at their end, as everywhere else. */
export function instantOf(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const rest = us - seconds * 1_000_000;
  const text = new Date(seconds * 1000).toISOString().slice(0, -5);
  if (rest === 0) return `${text}Z`;
  return `${text}.${String(rest).padStart(6, '0').replace(/0+$/, '')}Z`;
}

const agentIds = new Map<string, string>();

/**
 * TypeID of an agent's uuid, with hyphens or without; a handful of agents fill the log, so it is
 * remembered.
 */
export function agentIdOf(uuid: string): string {
  const known = agentIds.get(uuid);
  if (known !== undefined) return known;
  if (agentIds.size >= 10_000) agentIds.clear();
  const hyphened = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const made = TypeID.fromUUID(idPrefixes.agent, hyphened).toString();
  agentIds.set(uuid, made);
  return made;
}

/** Of one transaction come many events in a row. */
const lastXid = { value: 0, text: '0' };

function xidOf(value: number): string {
  if (value !== lastXid.value) Object.assign(lastXid, { value, text: String(value) });
  return lastXid.text;
}

const lastDay = { value: 0, text: '1970-01-01' };

function dayOf(value: number): string {
  if (value !== lastDay.value) {
    const text = new Date(value * 86_400_000).toISOString().slice(0, 10);
    Object.assign(lastDay, { value, text });
  }
  return lastDay.text;
}
