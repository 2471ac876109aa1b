import { randomBytes } from 'node:crypto';
import type { EventToInsert } from '#server/telemetry/encode-event.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';

/** A tool call with nothing remarkable about it; every field can be overridden. */
export function makeDraft(overrides: Partial<EventDraft> = {}): EventDraft {
  return {
    id: randomBytes(8).toString('hex'),
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: null,
    sessionId: null,
    conversationId: null,
    agent: null,
    instanceId: null,
    user: null,
    kind: 'tool_call',
    phase: null,
    callId: null,
    name: 'read_file',
    startedAt: '2026-11-22T08:00:00.000Z',
    endedAt: '2026-11-22T08:00:00.120Z',
    status: 'ok',
    model: null,
    body: {
      input: { path: 'notes.txt' },
      output: 'three lines',
      error: null,
      usage: null,
      data: null,
      source: { trust: 'unknown', origin: null },
      attributes: {},
    },
    actionId: null,
    dialect: 'native',
    flags: [],
    ...overrides,
  };
}

/** The same, as it goes into the log. */
export function makeEvent(
  agent: { id: string; slug: string },
  overrides: Partial<EventDraft> = {},
  insert: Partial<EventToInsert> = {},
): EventToInsert {
  return {
    event: { ...makeDraft(overrides), findings: [] },
    agentId: agent.id,
    agentSlug: agent.slug,
    agentExplicit: true,
    isVerified: true,
    onConflict: 'reject',
    ...insert,
  };
}
