import { describe, expect, it } from 'vitest';
import { noBaselineFacts } from '#server/detection/baseline/readings.ts';
import {
  eventFields,
  eventReader,
  noFacts,
  type EventFacts,
} from '#server/detection/event-fields.ts';
import type { FieldValue } from '#server/detection/sigma/prepared-event.ts';
import type { Finding, StoredEvent } from '#server/telemetry/contract.ts';

function finding(type: Finding['type'], path: string, score = 1): Finding {
  return { type, detector: `${type}_detector`, path, start: 0, end: 1, score, detail: 'd' };
}

const event: StoredEvent = {
  id: 'e1',
  position: 'p',
  revision: 0,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: null,
  sessionId: 's-17',
  conversationId: null,
  agentId: 'agt_x',
  agentSlug: 'billing-bot',
  identity: 'claimed',
  instanceId: 'pod-3',
  user: 'u-42',
  kind: 'tool_call',
  phase: null,
  callId: 'c-9',
  name: 'send_money',
  startedAt: '2026-11-22T08:00:00.000Z',
  endedAt: '2026-11-22T08:00:00.120Z',
  receivedAt: '2026-11-22T08:00:01.000Z',
  status: 'ok',
  model: 'm-1',
  actionId: null,
  dialect: 'native',
  flags: ['truncated'],
  findings: [
    finding('pii', '/input/recipient', 0.9),
    finding('secret', '/input/note', 0.4),
    finding('injected_instruction', '/output'),
    finding('hidden_text', '/outputs'),
  ],
  body: {
    input: { recipient: '[IBAN:1a]', amount: 100, to: [{ name: 'a' }, { name: 'b' }], 'x.y': true },
    output: 'done',
    error: { type: 'timeout', message: 'too slow' },
    usage: { inputTokens: 5, outputTokens: 7 },
    data: { resource: 'accounts/17', classes: ['financial'], rows: 1 },
    source: { trust: 'untrusted', origin: 'email:inbox/3' },
    attributes: { 'http.method': 'POST', 'custom.a.b': 1, nested: { deep: 'v' } },
  },
};

const facts: EventFacts = {
  tool: { effectClass: 'money', reversibility: 4, sensitivity: 3, blastRadius: 2 },
  isFirstUse: true,
  isDestinationUntrusted: true,
  isDestinationNew: true,
  untrustedArguments: { paths: ['/recipient'], isWhole: true },
  tally: {
    repeats: 3,
    calls: 7,
    tokens: 90,
    found: ['secret'],
    isPromptNew: true,
    isModelNew: false,
  },
  changedTools: ['send_money'],
  errorRate5m: 0.25,
  untrustedSeen: true,
  isStopped: false,
  injectionScore: 0.7,
  permit: 'missing',
  lease: { state: 'held', credentialIds: [] },
  baseline: {
    ...noBaselineFacts,
    volume: {
      kind: 'volume',
      tool: 'send_money',
      hours: 48,
      value: 9,
      mean: 2,
      std: 2,
      sigma: 3.5,
    },
    sequence: {
      kind: 'sequence',
      path: ['(start)', 'read', 'send_money'],
      contexts: 90,
      seen: 0,
      samples: 300,
      value: 8,
      mean: 1,
      std: 1,
      sigma: 7,
    },
    scope: { kind: 'scope', fresh: ['class:financial'], events: 80, known: 3 },
  },
};

const table: readonly [field: string, value: FieldValue][] = [
  ['event.id', 'e1'],
  ['guard.injection_score', 0.7],
  ['event.kind', 'tool_call'],
  ['event.status', 'ok'],
  ['event.duration_ms', 120],
  ['event.flags', ['truncated']],
  ['event.phase', null],
  ['trace.id', '4bf92f3577b34da6a3ce929d0e0e4736'],
  ['session.id', 's-17'],
  ['user.id', 'u-42'],
  ['agent.slug', 'billing-bot'],
  ['agent.identity', 'claimed'],
  ['gen_ai.agent.name', 'billing-bot'],
  ['gen_ai.tool.name', 'send_money'],
  ['gen_ai.tool.call.id', 'c-9'],
  ['gen_ai.tool.call.arguments', ['[IBAN:1a]', '100', 'a', 'b', 'true']],
  ['gen_ai.tool.call.result', ['done']],
  ['gen_ai.request.model', 'm-1'],
  ['gen_ai.usage.output_tokens', 7],
  ['tool.effect_class', 'money'],
  ['tool.reversibility', 4],
  ['tool.is_registered', true],
  ['tool.destination.untrusted_new', true],
  ['tool.destination.new', true],
  ['tool.destination.count', 1],
  ['tool.arguments.from_untrusted', true],
  ['tool.arguments.untrusted_paths', ['/recipient']],
  ['agent.tools.changed', ['send_money']],
  ['tool.permit', 'missing'],
  ['tool.lease', 'held'],
  ['credential.id', undefined],
  ['credential.secret_seen', undefined],
  ['agent.tool.volume', 9],
  ['agent.tool.volume_sigma', 3.5],
  ['agent.tool.volume_hours', 48],
  ['agent.tool.error_sigma', undefined],
  ['agent.tool.new_shape', undefined],
  ['agent.tool.destination_new', undefined],
  ['agent.transition.surprise', 8],
  ['agent.transition.path', '(start) → read → send_money'],
  ['agent.transition.n', 90],
  ['agent.transition.seen', 0],
  ['agent.scope.new', ['class:financial']],
  ['agent.drift.sigma', undefined],
  ['source.trust', 'untrusted'],
  ['source.origin', 'email:inbox/3'],
  ['data.resource', 'accounts/17'],
  ['data.classes', ['financial']],
  ['data.rows', 1],
  ['finding.types', ['pii', 'secret', 'injected_instruction', 'hidden_text']],
  [
    'finding.detectors',
    ['pii_detector', 'secret_detector', 'injected_instruction_detector', 'hidden_text_detector'],
  ],
  ['finding.score', 1],
  ['finding.pii.score', 0.9],
  ['finding.canary.score', undefined],
  ['finding.input.types', ['pii', 'secret']],
  ['finding.output.types', ['injected_instruction']],
  ['finding.input.detectors', ['pii_detector', 'secret_detector']],
  ['finding.output.detectors', ['injected_instruction_detector']],
  ['input', ['[IBAN:1a]', '100', 'a', 'b', 'true']],
  ['input.amount', 100],
  ['input.to.name', ['a', 'b']],
  ['input.x.y', true],
  ['input.missing', undefined],
  ['output', ['done']],
  ['output.missing', undefined],
  ['error.type', 'timeout'],
  ['error.message', 'too slow'],
  ['http.method', 'POST'],
  ['custom.a.b', 1],
  ['nested.deep', 'v'],
  ['no.such.field', undefined],
  ['constructor', undefined],
  ['trace.untrusted_seen', true],
  ['trace.tool_calls', 7],
  ['trace.total_tokens', 90],
  ['agent.tool.repeats', 3],
  ['trace.found', ['secret']],
  ['trace.prompt.changed', true],
  ['trace.model.changed', false],
  ['gen_ai.usage.total_tokens', undefined],
  ['decision.verdict', undefined],
  ['agent.tool.first_use', true],
  ['agent.error_rate_5m', 0.25],
  ['agent.stopped', false],
];

describe('eventReader', () => {
  it.each(table)('%s', (field, value) => {
    expect(eventReader(event, facts).read(field)).toEqual(value);
  });

  it('leaves out what is not known', () => {
    const reader = eventReader({ ...event, findings: [] }, noFacts);
    for (const field of [
      'agent.tool.first_use',
      'agent.error_rate_5m',
      'agent.stopped',
      'finding.types',
      'finding.score',
    ]) {
      expect(reader.read(field)).toBeUndefined();
    }
    expect(reader.read('trace.untrusted_seen')).toBe(false);
  });

  it('takes an unregistered tool for the worst, with an unknown effect', () => {
    const reader = eventReader(event, noFacts);
    expect(reader.read('tool.effect_class')).toBe('unknown');
    expect(reader.read('tool.reversibility')).toBe(4);
    expect(reader.read('tool.is_registered')).toBe(false);
  });

  it('tells an argument of untrusted content from one of which that is not known', () => {
    const read = (found: EventFacts['untrustedArguments']) => {
      const reader = eventReader(event, { ...facts, untrustedArguments: found });
      return [
        reader.read('tool.arguments.from_untrusted'),
        reader.read('tool.arguments.untrusted_paths'),
      ];
    };
    expect(read({ paths: ['/to'], isWhole: true })).toEqual([true, ['/to']]);
    expect(read({ paths: [], isWhole: true })).toEqual([false, undefined]);
    // What could not be read counts as untrusted.
    expect(read({ paths: [], isWhole: false })).toEqual([true, undefined]);
    expect(read(null)).toEqual([undefined, undefined]);
  });

  it('knows no tool of an event that calls none', () => {
    const reader = eventReader({ ...event, kind: 'llm_call' }, facts);
    const fields = Object.keys(eventFields).filter((name) => /^(tool|gen_ai\.tool)\./.test(name));
    expect(fields.length).toBeGreaterThan(5);
    for (const field of fields) expect(reader.read(field)).toBeUndefined();
  });

  it('gives keywords every text of the event', () => {
    const texts = eventReader(event, facts).texts();
    for (const text of ['send_money', '[IBAN:1a]', 'done', 'too slow', 'POST', 'v']) {
      expect(texts).toContain(text);
    }
  });
});

describe('a decision', () => {
  const decision = (body: Partial<StoredEvent['body']>): StoredEvent => ({
    ...event,
    kind: 'decision',
    body: { ...event.body, attributes: {}, output: null, ...body },
  });

  it.each([
    ['a guardrail’s', { attributes: { 'gen_ai.guardrail.verdict.type': 'deny' } }, 'deny'],
    [
      'a person’s in Claude Code',
      { output: { decision: 'reject', source: 'user_reject' } },
      'deny',
    ],
    ['a setting’s', { output: { decision: 'accept', source: 'config' } }, 'allow'],
    ['one as a word', { output: 'Blocked' }, 'deny'],
    ['one of its own', { attributes: { decision: 'Escalate' } }, 'escalate'],
    ['none', {}, undefined],
  ])('%s verdict', (_, body, verdict) => {
    expect(eventReader(decision(body), noFacts).read('decision.verdict')).toBe(verdict);
  });

  it('carries the id of the call that it is about', () => {
    expect(eventReader(decision({}), noFacts).read('gen_ai.tool.call.id')).toBe('c-9');
  });
});

describe('a model call', () => {
  const call = (input: StoredEvent['body']['input']): StoredEvent => ({
    ...event,
    kind: 'llm_call',
    body: { ...event.body, input },
  });
  it('adds up its tokens', () => {
    expect(eventReader(call(null), noFacts).read('gen_ai.usage.total_tokens')).toBe(12);
  });
});
