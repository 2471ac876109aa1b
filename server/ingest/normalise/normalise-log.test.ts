import { describe, expect, it } from 'vitest';
import { decodeLogs } from '#server/ingest/decode-otlp.ts';
import { logsJson, logsProtobuf } from '#server/testing/otlp-request.ts';
import type { TestAttributes, TestLog } from '#server/testing/otlp-request.ts';
import { normaliseLog } from './normalise-log.ts';

const at = '1795334400500000000';
const eventsOf = (items: TestLog[], resource: TestAttributes = {}, encoding = 'json') => {
  const request = { resource, items: items.map((item) => ({ timeUnixNano: at, ...item })) };
  const decoded =
    encoding === 'json'
      ? decodeLogs(logsJson(request), 'json')
      : decodeLogs(logsProtobuf(request), 'protobuf');
  return decoded.accepted.map((log, index) => normaliseLog(log, index));
};
const draftOf = (log: TestLog, resource?: TestAttributes) => {
  const [event] = eventsOf([log], resource);
  if (event === undefined) throw new Error('The record was rejected.');
  return event.draft;
};

const session = { 'session.id': 's-1', 'user.id': 'u-1', 'prompt.id': 'p-1' };
const claude = (event: string, attributes: TestAttributes, body = `claude_code.${event}`) =>
  draftOf(
    { body, attributes: { ...session, 'event.name': event, ...attributes } },
    {
      'service.name': 'claude-code',
    },
  );

describe('Claude Code', () => {
  it('reads a tool result', () => {
    const draft = claude('tool_result', {
      tool_name: 'Bash',
      tool_use_id: 'toolu_1',
      success: 'true',
      duration_ms: '200',
      tool_input: '{"command":"ls"}',
    });
    expect(draft).toMatchObject({
      kind: 'tool_call',
      name: 'Bash',
      callId: 'toolu_1',
      status: 'ok',
      startedAt: '2026-11-22T08:00:00.300000Z',
      endedAt: '2026-11-22T08:00:00.500000Z',
      sessionId: 's-1',
      user: 'u-1',
      agent: 'claude-code',
      dialect: 'claude_code',
      spanId: null,
      body: { input: { command: 'ls' }, output: null, source: { trust: 'unknown' }, error: null },
    });
  });

  it('keeps an input that was cut', () => {
    const draft = claude('tool_result', { tool_name: 'Write', tool_input: '{"content":"aaa…' });
    expect(draft.body.input).toBe('{"content":"aaa…');
    expect(draft.flags).toEqual([]);
  });

  it('names MCP tools by server and tool', () => {
    const tool_parameters = '{"mcp_server_name":"mail","mcp_tool_name":"send"}';
    const draft = claude('tool_result', { tool_name: 'mcp_tool', tool_parameters });
    expect(draft.name).toBe('mcp__mail__send');
  });

  it.each<[string, TestAttributes, object]>([
    [
      'tool_result',
      { tool_name: 'Bash', success: false, error: 'exit 1' },
      { kind: 'tool_call', status: 'error', body: { error: { message: 'exit 1' } } },
    ],
    [
      'tool_decision',
      { tool_name: 'Bash', decision: 'reject', source: 'user_reject' },
      {
        kind: 'decision',
        name: 'Bash',
        body: { output: { decision: 'reject', source: 'user_reject' } },
      },
    ],
    [
      'user_prompt',
      { prompt: '{"not":"parsed"}', prompt_length: '16' },
      { kind: 'user_message', name: 'user_prompt', body: { input: '{"not":"parsed"}' } },
    ],
    ['user_prompt', { prompt_length: '5' }, { kind: 'user_message', body: { input: null } }],
    [
      'api_request',
      { model: 'claude-x', input_tokens: '10', output_tokens: 4, cache_read_tokens: '2' },
      {
        kind: 'llm_call',
        name: 'claude-x',
        model: 'claude-x',
        status: 'ok',
        body: { usage: { inputTokens: 10, outputTokens: 4, cachedInputTokens: 2 } },
      },
    ],
    [
      'api_error',
      { model: 'claude-x', error: 'overloaded', status_code: '529' },
      { kind: 'error', status: 'error', body: { error: { type: '529', message: 'overloaded' } } },
    ],
    ['internal_error', {}, { kind: 'error', status: 'error', body: { error: {} } }],
    ['mcp_server_connection', { status: 'failed' }, { kind: 'lifecycle', status: 'unset' }],
    ['constructor', {}, { kind: 'lifecycle', name: 'constructor' }],
  ])('reads %s', (event, attributes, expected) => {
    expect(claude(event, attributes)).toMatchObject(expected);
  });

  it('gathers the events of one prompt into one trace', () => {
    const trace = (attributes: TestAttributes, service = 'claude-code') =>
      draftOf(
        { body: 'claude_code.user_prompt', attributes: { ...session, ...attributes } },
        { 'service.name': service },
      ).traceId;
    expect(trace({})).toMatch(/^[0-9a-f]{32}$/);
    expect(trace({ tool_name: 'x' })).toBe(trace({}));
    expect(trace({ 'prompt.id': 'p-2' })).not.toBe(trace({}));
    expect(trace({ 'session.id': 's-2' })).not.toBe(trace({}));
    expect(trace({}, 'other')).not.toBe(trace({}));
  });

  it('takes the event name from its own field as well', () => {
    expect(draftOf({ eventName: 'claude_code.tool_decision' })).toMatchObject({
      kind: 'decision',
      dialect: 'claude_code',
    });
  });
});

describe('GenAI events', () => {
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

  it.each<[string, TestLog, object]>([
    [
      'gen_ai.user.message',
      { body: { kvlist: { content: 'Hi' } } },
      { kind: 'user_message', body: { input: { content: 'Hi' } } },
    ],
    [
      'gen_ai.choice',
      {
        body: {
          kvlist: {
            index: 0,
            finish_reason: 'stop',
            message: { kvlist: { role: 'assistant', content: 'Hello' } },
          },
        },
      },
      {
        kind: 'agent_message',
        body: { output: { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }] } },
      },
    ],
    [
      'gen_ai.tool.message',
      { body: { kvlist: { id: 'call-1', content: '{"degrees":21}' } } },
      {
        kind: 'tool_call',
        phase: 'end',
        callId: 'call-1',
        body: { output: { degrees: 21 }, source: { trust: 'untrusted' } },
      },
    ],
    [
      'gen_ai.client.inference.operation.details',
      {
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.input.messages': '[{"role":"user","parts":[]}]',
        },
      },
      { kind: 'agent_message', body: { input: [{ role: 'user', parts: [] }], usage: null } },
    ],
    ['gen_ai.evaluation.result', {}, { kind: 'lifecycle' }],
  ])('%s tells of a message, under its span', (eventName, log, expected) => {
    const draft = draftOf({ ...span, eventName, ...log });
    expect(draft).toMatchObject({ ...expected, dialect: 'otel_genai', name: eventName });
    expect([draft.traceId, draft.parentSpanId, draft.spanId]).toEqual([
      span.traceId,
      span.spanId,
      null,
    ]);
  });
});

describe('other records', () => {
  it('are kept as lifecycle with their body', () => {
    expect(draftOf({ body: 'started', severityNumber: 9, severityText: 'INFO' })).toMatchObject({
      kind: 'lifecycle',
      name: 'INFO',
      status: 'unset',
      dialect: 'otlp_plain',
      body: { input: 'started', error: null, attributes: { otel: { severity: 'INFO' } } },
    });
  });

  it('are errors from severity 17 on', () => {
    expect(draftOf({ body: 'broken', severityNumber: 17 })).toMatchObject({
      kind: 'error',
      status: 'error',
      body: { error: { message: 'broken' } },
    });
    expect(draftOf({ body: 'careful', severityNumber: 16 }).kind).toBe('lifecycle');
  });

  it('are exceptions by name', () => {
    const attributes = { 'exception.type': 'E', 'exception.message': 'm' };
    expect(draftOf({ eventName: 'exception', attributes })).toMatchObject({
      kind: 'error',
      body: { error: { type: 'E', message: 'm' } },
    });
  });
});

describe('ids', () => {
  const base: TestLog = { body: 'x', attributes: { a: 1 }, severityNumber: 9 };

  it('are equal for equal records, in either encoding', () => {
    const [json] = eventsOf([base]);
    const [protobuf] = eventsOf([base], {}, 'protobuf');
    expect(json?.draft.id).toMatch(/^log-[0-9a-f]{32}$/);
    expect(protobuf).toEqual(json);
  });

  it.each<[string, TestLog, TestAttributes]>([
    ['the body', { ...base, body: 'y' }, {}],
    ['an attribute', { ...base, attributes: { a: 2 } }, {}],
    ['the time', { ...base, timeUnixNano: '1795334400500001000' }, {}],
    ['the severity', { ...base, severityNumber: 10 }, {}],
    ['the trace', { ...base, traceId: 'a'.repeat(32) }, {}],
    ['the resource', base, { 'service.name': 's' }],
  ])('differ with %s', (_, log, resource) => {
    expect(draftOf(log, resource).id).not.toBe(draftOf(base).id);
  });
});
