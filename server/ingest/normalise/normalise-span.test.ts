import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { agentSlugSchema, callerIdSchema } from '#server/telemetry/contract.ts';
import { decodeTraces } from '#server/ingest/decode-otlp.ts';
import { testSpan, tracesJson, tracesProtobuf } from '#server/testing/otlp-request.ts';
import type { TestAttributes, TestRequest, TestSpan } from '#server/testing/otlp-request.ts';
import { callerIdOf, slugifyAgent } from './agent-slug.ts';
import { AttributeReader } from './attribute-reader.ts';
import { normaliseSpan } from './normalise-span.ts';

const normalise = (request: TestRequest<TestSpan>, encoding: 'json' | 'protobuf' = 'json') => {
  const body = encoding === 'json' ? tracesJson(request) : tracesProtobuf(request);
  return decodeTraces(body, encoding).accepted.map((span, at) => normaliseSpan(span, at));
};
const eventOf = (span: TestSpan, resource: TestAttributes = {}) => {
  const [event] = normalise({ resource, items: [testSpan(span)] });
  if (event === undefined) throw new Error('The span was rejected.');
  return event;
};
const draftOf = (attributes: TestAttributes, name = 'a span') =>
  eventOf({ attributes, name }).draft;

describe('create_agent', () => {
  const made = { 'gen_ai.operation.name': 'create_agent' };
  it.each<[string, TestAttributes, string | null]>([
    ['by its name', { ...made, 'gen_ai.agent.name': 'Math Tutor' }, 'math-tutor'],
    ['by its id', { ...made, 'gen_ai.agent.id': 'asst_1' }, 'asst_1'],
    ['of no name', made, null],
    ['beside another operation', { 'gen_ai.agent.name': 'x' }, null],
  ])('tells the agent that is made %s', (_how, attributes, spawned) => {
    expect(eventOf({ attributes, name: 'create_agent' }).spawned).toBe(spawned);
  });

  it('is an event of the one that makes it, never of the one that is made', () => {
    const span = { attributes: { ...made, 'gen_ai.agent.name': 'child' }, name: 'create_agent' };
    expect(eventOf(span, { 'service.name': 'parent' })).toMatchObject({
      draft: { agent: 'parent', kind: 'spawn', name: 'child' },
      isAgentExplicit: false,
    });
  });
});

describe('kind', () => {
  it.each<[string, TestAttributes, string]>([
    ['chat', { 'gen_ai.operation.name': 'chat' }, 'llm_call'],
    ['generate_content', { 'gen_ai.operation.name': 'generate_content' }, 'llm_call'],
    ['text_completion', { 'gen_ai.operation.name': 'text_completion' }, 'llm_call'],
    ['embeddings', { 'gen_ai.operation.name': 'embeddings' }, 'retrieval'],
    ['retrieval', { 'gen_ai.operation.name': 'retrieval' }, 'retrieval'],
    ['execute_tool', { 'gen_ai.operation.name': 'execute_tool' }, 'tool_call'],
    ['invoke_agent', { 'gen_ai.operation.name': 'invoke_agent' }, 'lifecycle'],
    ['agent_step', { 'gen_ai.operation.name': 'agent_step' }, 'lifecycle'],
    ['create_agent', { 'gen_ai.operation.name': 'create_agent' }, 'spawn'],
    ['search_memory', { 'gen_ai.operation.name': 'search_memory' }, 'memory_read'],
    ['upsert_memory', { 'gen_ai.operation.name': 'upsert_memory' }, 'memory_write'],
    ['run_guardrail', { 'gen_ai.operation.name': 'run_guardrail' }, 'decision'],
    ['a draft guardrail', { 'gen_ai.guardrail.verdict.type': 'deny' }, 'decision'],
    ['an unknown operation', { 'gen_ai.operation.name': 'levitate' }, 'lifecycle'],
    ['a prototype name', { 'gen_ai.operation.name': 'constructor' }, 'lifecycle'],
    ['a tool without operation', { 'gen_ai.tool.name': 'x' }, 'tool_call'],
    [
      'a call without operation',
      { 'gen_ai.request.model': 'm', 'gen_ai.response.id': 'r' },
      'llm_call',
    ],
    ['MCP tools/call', { 'mcp.method.name': 'tools/call' }, 'tool_call'],
    ['MCP resources/read', { 'mcp.method.name': 'resources/read' }, 'data_access'],
    ['MCP initialize', { 'mcp.method.name': 'initialize' }, 'lifecycle'],
    ['OpenInference LLM', { 'openinference.span.kind': 'LLM' }, 'llm_call'],
    ['OpenInference TOOL', { 'openinference.span.kind': 'TOOL' }, 'tool_call'],
    ['OpenInference RETRIEVER', { 'openinference.span.kind': 'RETRIEVER' }, 'retrieval'],
    ['OpenInference GUARDRAIL', { 'openinference.span.kind': 'GUARDRAIL' }, 'decision'],
    ['OpenInference AGENT', { 'openinference.span.kind': 'AGENT' }, 'lifecycle'],
    ['OpenLLMetry tool', { 'traceloop.span.kind': 'tool' }, 'tool_call'],
    ['OpenLLMetry workflow', { 'traceloop.span.kind': 'workflow' }, 'lifecycle'],
    ['OpenLLMetry chat', { 'llm.request.type': 'chat' }, 'llm_call'],
    ['AI SDK tool', { 'ai.operationId': 'ai.toolCall' }, 'tool_call'],
    ['AI SDK stream', { 'ai.operationId': 'ai.streamText.doStream' }, 'llm_call'],
    ['AI SDK outer', { 'ai.operationId': 'ai.streamText' }, 'lifecycle'],
    ['AI SDK embedding', { 'ai.operationId': 'ai.embed.doEmbed' }, 'retrieval'],
    ['Langfuse generation', { 'langfuse.observation.type': 'generation' }, 'llm_call'],
    ['LangSmith tool', { 'langsmith.span.kind': 'tool' }, 'tool_call'],
    ['a database', { 'db.system.name': 'postgresql' }, 'data_access'],
    ['anything else', { 'http.request.method': 'GET' }, 'lifecycle'],
    ['nothing', {}, 'lifecycle'],
  ])('of %s', (_, attributes, kind) => {
    expect(draftOf(attributes).kind).toBe(kind);
  });

  it('comes from the next dialect when the first does not know the word', () => {
    const attributes = { 'gen_ai.operation.name': 'chain', 'openinference.span.kind': 'TOOL' };
    expect(draftOf(attributes).kind).toBe('tool_call');
  });
});

describe('dialects', () => {
  it('lets the leftmost win, field by field', () => {
    const draft = draftOf({
      'openinference.span.kind': 'LLM',
      'gen_ai.request.model': 'left',
      'llm.model_name': 'right',
      'llm.token_count.prompt': 7,
      'gen_ai.usage.output_tokens': 3,
      'llm.token_count.completion': 99,
      'session.id': 's-1',
      'gen_ai.conversation.id': 'c-1',
      'agent.name': 'Right',
      'gen_ai.agent.name': 'Left',
      'ai.telemetry.metadata.userId': 'u-1',
    });
    expect(draft).toMatchObject({
      kind: 'llm_call',
      model: 'left',
      agent: 'left',
      sessionId: 's-1',
      conversationId: 'c-1',
      user: 'u-1',
      body: { usage: { inputTokens: 7, outputTokens: 3 } },
    });
  });

  it.each<[TestAttributes, string]>([
    [{ 'gen_ai.operation.name': 'chat' }, 'otel_genai'],
    [{ 'openinference.span.kind': 'LLM', 'gen_ai.system': 'x' }, 'openinference'],
    [{ 'traceloop.span.kind': 'tool', 'gen_ai.operation.name': 'execute_tool' }, 'openllmetry'],
    [{ 'ai.operationId': 'ai.toolCall', 'gen_ai.system': 'x' }, 'vercel_ai'],
    [{ 'http.route': '/' }, 'otlp_plain'],
  ])('labels %j as %s', (attributes, dialect) => {
    expect(draftOf(attributes).dialect).toBe(dialect);
  });
});

describe('tool calls', () => {
  const call = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'del' };
  it.each<[string, TestAttributes, unknown, unknown]>([
    [
      'JSON text',
      { 'gen_ai.tool.call.arguments': '{"path":"/x"}', 'gen_ai.tool.call.result': '[1]' },
      { path: '/x' },
      [1],
    ],
    [
      'structured values',
      {
        'gen_ai.tool.call.arguments': { kvlist: { path: '/x' } },
        'gen_ai.tool.call.result': 'gone',
      },
      { path: '/x' },
      'gone',
    ],
    ['nothing', {}, null, null],
    ['a result that only looks like JSON', { 'gen_ai.tool.call.result': '[1, 2' }, null, '[1, 2'],
  ])('read %s', (_, attributes, input, output) => {
    const { draft } = eventOf({ attributes: { ...call, ...attributes } });
    expect(draft.body).toMatchObject({ input, output });
    expect(draft.name).toBe('del');
    expect(draft.flags).toEqual([]);
    expect(draft.body.source.trust).toBe(output === null ? 'unknown' : 'untrusted');
  });

  it('keep arguments that are no JSON, flagged', () => {
    const { draft } = eventOf({ attributes: { ...call, 'gen_ai.tool.call.arguments': '{"a":' } });
    expect(draft.body.input).toBe('{"a":');
    expect(draft.flags).toEqual(['unparsed_json']);
  });

  it('keep arguments that nest too deeply as text', () => {
    const deep = '['.repeat(limits.jsonDepthMax + 1) + ']'.repeat(limits.jsonDepthMax + 1);
    const { draft } = eventOf({ attributes: { ...call, 'gen_ai.tool.call.arguments': deep } });
    expect(draft.body.input).toBe(deep);
    expect(draft.flags).toEqual(['unparsed_json']);
  });

  it('flag a key that came twice in the arguments', () => {
    const twice = '{"to":"a","to":"b"}';
    const { draft } = eventOf({ attributes: { ...call, 'gen_ai.tool.call.arguments': twice } });
    expect(draft.body.input).toEqual({ to: 'b' });
    expect(draft.flags).toEqual(['duplicate_key']);
  });

  it.each<[string, TestAttributes, string, string]>([
    ['the attribute', { 'gen_ai.tool.name': 'del', 'tool.name': 'other' }, 'x', 'del'],
    ['the span', { 'gen_ai.operation.name': 'execute_tool' }, 'execute_tool del', 'del'],
    ['the span without prefix', { 'gen_ai.operation.name': 'execute_tool' }, 'del', 'del'],
    [
      'LangSmith',
      { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.serialized.name': 'd' },
      'x',
      'd',
    ],
    ['the entity', { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'del' }, 'x', 'del'],
    ['AI SDK', { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'del' }, 'x', 'del'],
  ])('take their name from %s', (_, attributes, name, expected) => {
    expect(draftOf(attributes, name).name).toBe(expected);
  });

  it('do not take a JSON schema for arguments', () => {
    const schema = '{"type":"object","properties":{"q":{"type":"string"}}}';
    const attributes = {
      'openinference.span.kind': 'TOOL',
      'tool.parameters': schema,
      'input.value': '{"q":"cats"}',
      'input.mime_type': 'application/json',
    };
    const draft = draftOf(attributes);
    expect(draft.body.input).toEqual({ q: 'cats' });
    expect(draft.body.attributes['tool.parameters']).toBe(schema);
  });

  it.each([
    ['{"args":["{\\"a\\":1}"]}', { a: 1 }],
    ['{"args":["plain"]}', 'plain'],
    ['{"args":["a","b"]}', { args: ['a', 'b'] }],
    ['{"args":["a"],"kwargs":{"k":1}}', { args: ['a'], kwargs: { k: 1 } }],
    ['{"args":["a"],"kwargs":{}}', 'a'],
    ['not JSON', 'not JSON'],
  ])('read the entity input %s', (input, expected) => {
    const attributes = { 'traceloop.span.kind': 'tool', 'traceloop.entity.input': input };
    expect(draftOf(attributes).body.input).toEqual(expected);
  });

  it('may be told to be trusted, and joined to an action', () => {
    const draft = draftOf({
      ...call,
      'gen_ai.tool.call.result': 'x',
      'signalbox.source.trust': 'trusted',
      'signalbox.source.origin': 'wiki/3',
      'signalbox.action.id': 'act_1',
    });
    expect(draft.body.source).toEqual({ trust: 'trusted', origin: 'wiki/3' });
    expect(draft.actionId).toBe('act_1');
  });
});

describe('messages', () => {
  const user = { role: 'user', parts: [{ type: 'text', content: 'Hi' }] };

  it('put the system instructions first', () => {
    const draft = draftOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
      'gen_ai.input.messages': JSON.stringify([user]),
    });
    expect(draft.body.input).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      user,
    ]);
    expect(Object.keys(draft.body.attributes)).toEqual(['gen_ai.operation.name', 'otel']);
  });

  it('nest OpenInference attributes again, in order and with gaps', () => {
    const draft = draftOf({
      'openinference.span.kind': 'LLM',
      'llm.input_messages.10.message.role': 'tool',
      'llm.input_messages.10.message.tool_call_id': '1',
      'llm.input_messages.10.message.content': 'rainy',
      'llm.input_messages.2.message.role': 'assistant',
      'llm.input_messages.2.message.tool_calls.0.tool_call.id': '1',
      'llm.input_messages.2.message.tool_calls.0.tool_call.function.name': 'weather',
      'llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments': '{"c":"P"}',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.contents.0.message_content.type': 'text',
      'llm.input_messages.0.message.contents.0.message_content.text': 'Hi',
      'llm.input_messages.0.message.contents.1.message_content.type': 'image',
      'llm.input_messages.0.message.contents.1.message_content.image.image.url': 'x.png',
      'llm.input_messages.0.message.name': 'ann',
    });
    expect(draft.body.input).toEqual([
      {
        role: 'user',
        name: 'ann',
        parts: [
          { type: 'text', content: 'Hi' },
          { type: 'image', image: { image: { url: 'x.png' } } },
        ],
      },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: '1', name: 'weather', arguments: { c: 'P' } }],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: '1', response: 'rainy' }] },
    ]);
    expect(Object.keys(draft.body.attributes)).toEqual(['openinference.span.kind', 'otel']);
  });

  it('nest the old GenAI attributes of OpenLLMetry again', () => {
    const draft = draftOf({
      'llm.request.type': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'Hi',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'Hello',
      'gen_ai.completion.0.finish_reason': 'stop',
    });
    expect(draft.body.input).toEqual([user]);
    expect(draft.body.output).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finish_reason: 'stop' },
    ]);
  });

  it('come from message events too', () => {
    const at = '1795334400000000000';
    const { draft } = eventOf({
      attributes: { 'gen_ai.operation.name': 'chat' },
      events: [
        { name: 'gen_ai.user.message', timeUnixNano: at, attributes: { content: 'Hi' } },
        {
          name: 'gen_ai.choice',
          timeUnixNano: at,
          attributes: { message: '{"content":"Hello"}', index: 0 },
        },
      ],
    });
    expect(draft.body.input).toEqual([user]);
    expect(draft.body.output).toMatchObject([
      { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }] },
    ]);
  });

  it('read the chat-completions form', () => {
    const messages = [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: '1', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: '1', content: 'done' },
    ];
    const draft = draftOf({ 'ai.prompt.messages': JSON.stringify(messages) });
    expect(draft.body.input).toEqual([
      { role: 'assistant', parts: [{ type: 'tool_call', id: '1', name: 'f', arguments: {} }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: '1', response: 'done' }] },
    ]);
  });

  it('read Anthropic’s form', () => {
    const messages = [
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: '1', name: 'f', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: '1', content: 'done', is_error: false }],
      },
    ];
    const draft = draftOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.prompt': JSON.stringify(messages),
    });
    expect(draft.body.input).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'Looking.' },
          { type: 'tool_call', id: '1', name: 'f', arguments: { a: 1 } },
        ],
      },
      {
        role: 'user',
        parts: [{ type: 'tool_call_response', id: '1', response: 'done', is_error: false }],
      },
    ]);
  });

  it('stay as they are when they are no messages', () => {
    const draft = draftOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': 'hello' });
    expect(draft.body.input).toBe('hello');
  });
});

describe('errors', () => {
  const exception = {
    name: 'exception',
    timeUnixNano: '1795334400000000000',
    attributes: { 'exception.type': 'TypeError', 'exception.message': 'x is not a function' },
  };
  it.each<[string, TestSpan, string, unknown]>([
    ['none', {}, 'unset', null],
    ['ok', { status: { code: 1, message: '' } }, 'ok', null],
    ['status alone', { status: { code: 2, message: 'broken' } }, 'error', { message: 'broken' }],
    ['a status without words', { status: { code: 2, message: '' } }, 'error', {}],
    [
      'an exception',
      { status: { code: 2, message: 'broken' }, events: [exception] },
      'error',
      { type: 'TypeError', message: 'x is not a function' },
    ],
    [
      'a handled exception',
      { status: { code: 1, message: '' }, events: [exception] },
      'ok',
      { type: 'TypeError', message: 'x is not a function' },
    ],
    [
      'error.type',
      { status: { code: 2, message: '' }, attributes: { 'error.type': 'timeout' } },
      'error',
      { type: 'timeout' },
    ],
    ['an unknown code', { status: { code: 9, message: '' } }, 'unset', null],
  ])('of %s', (_, span, status, error) => {
    const { draft } = eventOf(span);
    expect([draft.status, draft.body.error]).toEqual([status, error]);
  });
});

describe('agents', () => {
  it.each<[string, TestAttributes, TestAttributes, string | null, boolean]>([
    ['a name', { 'gen_ai.agent.name': 'Math Tutor' }, {}, 'math-tutor', true],
    ['a name before an id', { 'gen_ai.agent.id': 'a1', 'gen_ai.agent.name': 'N' }, {}, 'n', true],
    ['an id', { 'gen_ai.agent.id': 'asst_5j66' }, {}, 'asst_5j66', true],
    ['OpenInference', { 'openinference.span.kind': 'AGENT', 'agent.name': 'A' }, {}, 'a', true],
    ['a graph node', { 'openinference.span.kind': 'AGENT', 'graph.node.id': 'B' }, {}, 'b', true],
    ['AI SDK metadata', { 'ai.telemetry.metadata.agentId': 'x' }, {}, 'x', true],
    ['AI SDK function', { 'ai.telemetry.functionId': 'f' }, {}, 'f', true],
    [
      'an agent entity',
      { 'traceloop.span.kind': 'agent', 'traceloop.entity.name': 'E' },
      {},
      'e',
      true,
    ],
    [
      'no task entity',
      { 'traceloop.span.kind': 'task', 'traceloop.entity.name': 'E' },
      {},
      null,
      false,
    ],
    ['the service', {}, { 'service.name': 'Shop API' }, 'shop-api', false],
    ['a trace name', { 'langfuse.trace.name': 'T' }, { 'service.name': 'S' }, 't', false],
    ['a blank name', { 'gen_ai.agent.name': ' ' }, { 'service.name': 's' }, 's', false],
    ['nobody', {}, {}, null, false],
  ])('by %s', (_, attributes, resource, agent, isExplicit) => {
    const event = eventOf({ attributes }, resource);
    expect([event.draft.agent, event.isAgentExplicit]).toEqual([agent, isExplicit]);
  });
});

describe('attributes', () => {
  it('keep what is recognised and what is not, and OTLP’s own facts beside them', () => {
    const { draft } = eventOf(
      {
        name: 'GET /x',
        kind: 3,
        attributes: { 'http.route': '/x', 'gen_ai.request.model': 'm', list: ['a', 1] },
      },
      { 'service.name': 's' },
    );
    expect(draft.body.attributes).toEqual({
      'http.route': '/x',
      'gen_ai.request.model': 'm',
      list: ['a', 1],
      otel: { name: 'GET /x', kind: 'client', resource: { 'service.name': 's' } },
    });
  });

  it('are bounded, flagged beyond the bound', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));
    expect(draftOf(many(limits.attributesMax - 1)).flags).toEqual([]);
    const draft = draftOf(many(limits.attributesMax));
    expect(Object.keys(draft.body.attributes)).toHaveLength(limits.attributesMax);
    expect(draft.flags).toEqual(['attributes_dropped']);
  });

  it('never lose one that is called otel', () => {
    expect(draftOf({ otel: 'mine' }).body.attributes['otel']).toMatchObject({ attribute: 'mine' });
  });

  it('name a database, its table and rows', () => {
    const draft = draftOf({
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.collection.name': 'users',
      'db.query.text': 'select 1',
      'db.response.returned_rows': 3,
    });
    expect(draft.body).toMatchObject({
      input: 'select 1',
      data: { resource: 'postgresql/shop/users', rows: 3 },
    });
  });
});

describe('nested', () => {
  const nested = (attributes: Record<string, string>, prefix: string) =>
    new AttributeReader(attributes, new Set()).nested(prefix);

  it.each([
    [{ 'm.0': 'a', 'm.1': 'b' }, ['a', 'b']],
    [{ 'm.999999999': 'z', 'm.7': 'a' }, ['a', 'z']],
    [
      { 'm.0.x': 'a', 'm.x.y': 'b' },
      { '0': { x: 'a' }, x: { y: 'b' } },
    ],
    [{ 'm.__proto__.x': 'a' }, JSON.parse('{"__proto__":{"x":"a"}}')],
    [{ other: 'a' }, undefined],
  ])('reads %j', (attributes, expected) => {
    expect(JSON.stringify(nested(attributes, 'm.')?.value)).toBe(JSON.stringify(expected));
  });

  it('leaves out what is both a value and a branch', () => {
    const content = nested({ 'm.a': '1', 'm.a.b': '2', 'm.c': '3' }, 'm.');
    expect(content).toEqual({ value: { a: '1', c: '3' }, keys: ['m.a', 'm.c'] });
  });

  it('loses no value that it claims to hold', () => {
    const path = fc.array(fc.constantFrom('a', 'b', '0', '1'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(path, { maxLength: 8 }), (paths) => {
        const attributes = Object.fromEntries(
          paths.map((one, at) => [`m.${one.join('.')}`, `value ${at}`]),
        );
        const content = nested(attributes, 'm.');
        const text = JSON.stringify(content?.value ?? null);
        for (const key of content?.keys ?? []) expect(text).toContain(`"${attributes[key]}"`);
      }),
    );
  });
});

describe('slugifyAgent', () => {
  it.each([
    ['billing-bot', 'billing-bot'],
    ['Math Tutor', 'math-tutor'],
    ['  Émile Zola ', 'emile-zola'],
    ['team/Agent_v1.2', 'team/agent_v1.2'],
    ['--x--', 'x'],
    ['x-', 'x-'],
    ['_hidden', 'hidden'],
    ['unknown_service:node', 'unknown_service-node'],
    ['', null],
    [' \n', null],
  ])('makes %j %j', (name, slug) => {
    expect(slugifyAgent(name)).toBe(slug);
  });

  it('tells names without Latin letters, and long ones, apart', () => {
    expect(slugifyAgent('天気')).toMatch(/^agent-[0-9a-f]{8}$/);
    expect(slugifyAgent('天気')).not.toBe(slugifyAgent('気象'));
    const long = 'x'.repeat(200);
    expect(slugifyAgent(long)).toHaveLength(128);
    expect(slugifyAgent(long)).not.toBe(slugifyAgent(`${long}y`));
  });

  it('makes a slug of every name, and leaves a slug alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const slug = slugifyAgent(name);
        expect(slug === null).toBe(name.trim() === '');
        if (slug === null) return;
        expect(agentSlugSchema.safeParse(slug).success).toBe(true);
        expect(slugifyAgent(slug)).toBe(slug);
      }),
    );
  });
});

describe('callerIdOf', () => {
  it('gives an id that the contract takes, the same for the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (id) => {
        const kept = callerIdOf(id);
        expect(callerIdSchema.safeParse(kept).success).toBe(true);
        expect(callerIdOf(id)).toBe(kept);
        if (callerIdSchema.safeParse(id).success) expect(kept).toBe(id);
      }),
    );
  });
});

describe('both encodings', () => {
  const key = fc.constantFrom(
    'gen_ai.operation.name',
    'gen_ai.input.messages',
    'gen_ai.tool.call.arguments',
    'gen_ai.agent.name',
    'openinference.span.kind',
    'llm.input_messages.0.message.role',
    'llm.input_messages.0.message.tool_calls.0.tool_call.function.arguments',
    'input.value',
    'output.value',
    'traceloop.span.kind',
    'traceloop.entity.input',
    'traceloop.entity.output',
    'ai.operationId',
    'ai.prompt',
    'ai.response.toolCalls',
    'session.id',
    'error.type',
    'langfuse.observation.usage_details',
    'otel',
  );
  const value = fc.oneof(
    fc.constantFrom(
      'chat',
      'execute_tool',
      'LLM',
      'TOOL',
      'tool',
      'ai.toolCall',
      'ai.generateText',
    ),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()).map((kvlist) => ({ kvlist })),
  );

  it('normalise to the same drafts, whatever the attributes hold, and never throw', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.string(), (attributes, name) => {
        const request = { items: [testSpan({ attributes, name })] };
        const events = normalise(request);
        expect(events).toHaveLength(1);
        expect(normalise(request, 'protobuf')).toEqual(events);
      }),
      { numRuns: 500 },
    );
  });
});
