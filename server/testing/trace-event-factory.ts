import type { TraceEvent } from '#server/telemetry/wire/contract.ts';

/** An ordinary event for tests of what is drawn; every field can be overridden. */
export function makeTraceEvent(overrides: Partial<TraceEvent> = {}): TraceEvent {
  return {
    id: 'e1',
    revision: 0,
    spanId: null,
    parentSpanId: null,
    kind: 'tool_call',
    phase: null,
    callId: null,
    name: 'read_file',
    agent: 'billing-bot',
    session: null,
    user: null,
    startedAtUs: 0,
    endedAtUs: 10,
    receivedAtUs: 100,
    status: 'ok',
    trust: 'unknown',
    flags: [],
    findings: [],
    effect: null,
    ...overrides,
  };
}
