import type { EventBody, StoredEvent } from '#server/telemetry/contract.ts';

/** An event as it is stored, of which a test says only what matters to it. */
export function storedEvent(
  more: Omit<Partial<StoredEvent>, 'body'> & { readonly body?: Partial<EventBody> },
): StoredEvent {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: 'e1',
    traceId: '0'.repeat(32),
    spanId: null,
    parentSpanId: null,
    sessionId: null,
    conversationId: null,
    instanceId: null,
    user: null,
    kind: 'tool_call',
    phase: null,
    callId: null,
    name: null,
    startedAt: at,
    endedAt: null,
    status: 'ok',
    model: null,
    actionId: null,
    dialect: 'native',
    flags: [],
    position: '',
    revision: 0,
    agentId: 'a',
    agentSlug: 'a',
    identity: 'verified',
    receivedAt: at,
    findings: [],
    ...more,
    body: {
      input: null,
      output: null,
      error: null,
      usage: null,
      data: null,
      source: { trust: 'unknown', origin: null },
      attributes: {},
      ...more.body,
    },
  };
}
