import { fileURLToPath } from 'node:url';
import { commonTools } from '#server/agents/common-tools.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { evaluateEvent } from '#server/detection/evaluate-event.ts';
import { replayRules } from '#server/detection/replay-rules.ts';
import { buildPack, type RulePack } from '#server/detection/rule-pack.ts';
import { memoryWindows } from '#server/detection/run-rule-tests.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { readerOf } from '#server/detection/sigma/prepared-event.ts';
import type { EventBody, StoredEvent } from '#server/telemetry/contract.ts';
import { innocentSamples } from '#server/testing/injection-samples.ts';
import { storedEvent } from '#server/testing/stored-event.ts';
import { type Figure, percentile, printFigure, rounded, noFloor } from './figure.ts';

/** The shipped rules again and again under other ids, until there are so many. */
function packOf(count: number): RulePack {
  const sources = Array.from({ length: count }, (_, at) => {
    const compiled = compileSource(defaultRules[at % defaultRules.length] ?? '');
    if (!compiled.ok) throw new Error('a shipped rule does not compile');
    return { ruleId: `rul_${at}`, version: 1, rules: compiled.rules };
  });
  return buildPack(sources);
}

const prose = (index: number, length: number) =>
  Array.from(
    { length },
    (_, step) => innocentSamples[(index * 7 + step) % innocentSamples.length]?.text ?? '',
  ).join('\n');

const commands = [
  'npm test -- --run',
  'ls -la src',
  'git diff --stat',
  'curl -s https://x.example/a',
];

/** What happens at each place of a round of twenty events: mostly reading, some work, some mail. */
function partOf(index: number): Parameters<typeof storedEvent>[0] {
  const place = index % 20;
  if (place < 5) {
    const input = [
      { role: 'system', parts: [{ type: 'text', content: prose(1, 4) }] },
      { role: 'user', parts: [{ type: 'text', content: prose(index, 3) }] },
    ];
    const usage = { inputTokens: 900, outputTokens: 80 };
    return { kind: 'llm_call', model: 'm', body: { input, output: prose(index, 2), usage } };
  }
  const untrusted = { trust: 'untrusted', origin: null } as const;
  if (place === 5) return { kind: 'user_message', body: { input: prose(index, 2) } };
  if (place < 15) {
    const body = { input: { folder: 'inbox', limit: index }, output: prose(index, 8) };
    return { name: 'read_inbox', body: { ...body, source: untrusted } };
  }
  if (place < 18) {
    const command = `${commands[index % commands.length]} ${index}`;
    return {
      name: 'bash',
      body: { input: { command }, output: prose(index, 4), source: untrusted },
    };
  }
  const to = `partner${index % 50}@example.com`;
  return { name: 'send_email', body: { input: { to, body: prose(index, 3) }, output: 'sent' } };
}

/** Events of fifty agents as the detector meets them: a body is text until a rule asks for it. */
function makeEvents(count: number): StoredEvent[] {
  const base = Date.parse('2026-01-01T00:00:00Z');
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(base + index * 20).toISOString();
    const { body, ...header } = storedEvent({
      ...partOf(index),
      id: `e${index}`,
      agentId: `agent-${index % 50}`,
      agentSlug: `agent-${index % 50}`,
      sessionId: `s-${index % 400}`,
      traceId: String(Math.floor(index / 400) * 100 + (index % 100)).padStart(32, '0'),
      startedAt: at,
      receivedAt: at,
    });
    return withText(header, JSON.stringify(body));
  });
}

function withText(header: Omit<StoredEvent, 'body'>, text: string): StoredEvent {
  let body: EventBody | null = null;
  return Object.defineProperty({ ...header } as StoredEvent, 'body', {
    get: () => (body ??= JSON.parse(text) as EventBody),
    enumerable: true,
  });
}

/**
 * Cost of judging one event by so many rules, facts and windows included and Postgres not, in
 * microseconds of processor time, which a busy machine does not distort; percentiles by the clock.
 */
function measureRules(rules: number, count = 40_000): Figure {
  const pack = packOf(rules);
  const tools = new Map(commonTools.map((tool) => [tool.name, tool]));
  const warm = replayRules(pack, tools);
  for (const event of makeEvents(count / 4)) warm.take(event);
  const replay = replayRules(pack, tools);
  const events = makeEvents(count);
  const samples: number[] = [];
  let findings = 0;
  const begin = process.cpuUsage();
  for (const event of events) {
    const at = performance.now();
    findings += replay.take(event).length;
    samples.push(performance.now() - at);
  }
  const used = process.cpuUsage(begin);
  return {
    name: 'rules',
    unit: 'us/event',
    value: rounded((used.user + used.system) / count),
    p50: rounded(percentile(samples, 0.5)),
    p99: rounded(percentile(samples, 0.99)),
    ...noFloor,
    params: { rules, events: count, findings, cores: 1 },
  };
}

/**
 * The shipped rules alone, over events whose fields are at hand: no facts, no windows of earlier events,
 * no bodies to parse. Microseconds of processor time an event, of the fastest of several rounds.
 */
function measureEvaluation(count = 2000, rounds = 20): Figure {
  const pack = packOf(defaultRules.length);
  const events = Array.from({ length: count }, (_, index) => {
    const kind = index % 3 === 0 ? 'llm_call' : 'tool_call';
    const fields = readerOf({
      'event.kind': kind,
      'event.status': 'ok',
      'agent.slug': 'a',
      'trace.id': `t${index % 100}`,
      'tool.effect_class': 'read',
      'finding.types': index % 10 === 0 ? ['pii'] : undefined,
      input: 'some text of ordinary length that a rule might look into',
    });
    return { eventId: `e${index}`, category: kind, at: index * 1000, fields };
  });
  const windows = memoryWindows();
  const costs = Array.from({ length: rounds }, () => {
    const begin = process.cpuUsage();
    for (const event of events) evaluateEvent(pack, event, windows, 0);
    const used = process.cpuUsage(begin);
    return (used.user + used.system) / count;
  });
  return {
    name: 'rules-evaluation',
    unit: 'us/event',
    value: rounded(Math.min(...costs)),
    p50: rounded(percentile(costs, 0.5)),
    p99: null,
    ...noFloor,
    params: { rules: defaultRules.length, events: count, rounds },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  printFigure(measureEvaluation());
  for (const rules of [defaultRules.length, 200]) printFigure(measureRules(rules));
}
