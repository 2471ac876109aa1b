import type { EventHeader } from './fold-traces.ts';
import type { TailEvent } from './tail-event.ts';
import { titleOfMessage } from './title-of-message.ts';

/** An event as the assembler sees it. Of payloads only people's messages are read, for the title. */
export function headerOf(event: TailEvent): EventHeader {
  const isAsked = event.kind === 'user_message' && event.name !== 'system';
  // Field by field: copying by spread cost five times as much as all that is done with it.
  return {
    at: event.at,
    revision: event.revision,
    traceId: event.traceId,
    spanId: event.spanId,
    parentSpanId: event.parentSpanId,
    sessionId: event.sessionId,
    conversationId: event.conversationId,
    agentId: event.agentId,
    agentSlug: event.agentSlug,
    agentExplicit: event.agentExplicit,
    instanceId: event.instanceId,
    user: event.user,
    kind: event.kind,
    phase: event.phase,
    name: event.name,
    status: event.status,
    trust: event.trust,
    startedAtUs: event.startedAtUs,
    endedAtUs: event.endedAtUs,
    receivedAtUs: event.receivedAtUs,
    findings: event.findings.length,
    bodyBytes: event.bodyBytes,
    title: isAsked ? titleOfMessage(event.body.input) : null,
  };
}
