import { describe, expect, it } from 'vitest';
import { gatherMatches } from '#server/detection/gather-matches.ts';
import { replayRules } from '#server/detection/replay-rules.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';
import { storedEvent } from '#server/testing/stored-event.ts';

const base = Date.parse('2026-01-01T00:00:00Z');

function packOf(...sources: readonly string[]) {
  return buildPack(
    sources.map((source, index) => {
      const compiled = compileSource(source);
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
      return { ruleId: `rul_${index}`, version: 1, rules: compiled.rules };
    }),
  );
}

const empty = storedEvent({}).body;
let ids = 0;

/** A call `seconds` into the replay. */
function call(seconds: number, more: Partial<StoredEvent> = {}): StoredEvent {
  ids += 1;
  const at = new Date(base + seconds * 1000).toISOString();
  return storedEvent({
    id: `e${ids}`,
    name: 'send_email',
    startedAt: at,
    receivedAt: at,
    ...more,
  });
}

const tools = new Map([
  ['send_email', { effectClass: 'outbound', reversibility: 4, sensitivity: 2, blastRadius: 3 }],
]);

const callRule = (name: string, tool: string) => `title: ${name}
name: ${name}
logsource: { product: ai_agent, category: tool_call }
detection:
  s: { gen_ai.tool.name: ${tool} }
  condition: s
`;

const fewRule = `title: few
name: few
correlation:
  type: event_count
  rules: [mail]
  group-by: [agent.slug]
  timespan: 1m
  condition: { lt: 3 }
---
${callRule('mail', 'send_email')}`;

function play(pack: ReturnType<typeof packOf>, events: readonly StoredEvent[]) {
  const replay = replayRules(pack, tools);
  const findings = [...events.flatMap((event) => replay.take(event)), ...replay.finish()];
  return { replay, findings, alerts: gatherMatches(findings) };
}

describe('replayRules', () => {
  it('tells what fired, over which events', () => {
    const { alerts } = play(packOf(callRule('mail', 'send_email')), [
      call(0, { id: 'one' }),
      call(1, { id: 'other', name: 'read_file' }),
      call(2, { id: 'two' }),
    ]);
    expect(alerts.map(({ rule, evidence }) => [rule.key, evidence.map((e) => e.eventId)])).toEqual([
      ['mail', ['one', 'two']],
    ]);
  });

  it('reads the facts of tools as registered, and those of habits as it goes', () => {
    const rule = `title: r
name: r
logsource: { product: ai_agent, category: tool_call }
detection:
  s: { tool.effect_class: outbound, agent.tool.first_use: true }
  condition: s
`;
    const settled = Array.from({ length: 60 }, (_, at) => call(at, { name: 'read_file' }));
    const { findings } = play(packOf(rule), [...settled, call(61), call(62)]);
    expect(findings).toHaveLength(1);
  });

  it('holds arguments against what untrusted content of the trace said before', () => {
    const rule = `title: r
name: r
logsource: { product: ai_agent, category: tool_call }
detection: { s: { tool.arguments.untrusted_paths: /to }, condition: s }
`;
    const source = { trust: 'untrusted' as const, origin: null };
    const mail = (seconds: number, output: string, traceId: string) =>
      call(seconds, { name: 'read_file', traceId, body: { ...empty, output, source } });
    const send = (id: string, seconds: number, traceId: string) =>
      call(seconds, { id, traceId, body: { ...empty, input: { to: 'INV-2026-778' } } });
    const { alerts } = play(packOf(rule), [
      mail(0, 'see inv-2026-778', 'a'),
      send('linked', 1, 'a'),
      mail(0, 'see nothing', 'b'),
      send('not there', 1, 'b'),
      mail(5, 'see inv-2026-778', 'c'),
      send('too early', 1, 'c'),
      send('no content', 1, 'd'),
    ]);
    expect(alerts.flatMap(({ evidence }) => evidence.map(({ eventId }) => eventId))).toEqual([
      'linked',
    ]);
  });

  it('judges a lower bound once its window has closed, at the end of the run at the latest', () => {
    const busy = [0, 1, 2].map((at) => call(at));
    const { findings } = play(packOf(fewRule), [...busy, call(4000, { id: 'lonely' })]);
    const used = findings.flatMap(({ evidence }) => evidence.map((item) => item.eventId));
    // The first two windows of the busy minute held fewer than three as well.
    expect(new Set(used)).toEqual(new Set([busy[0]?.id, busy[1]?.id, 'lonely']));
  });

  it('gives the same alerts for the same events in another order', () => {
    const events = [0, 5, 70, 71, 72, 73, 300].map((at) => call(at));
    const told = ({ alerts }: ReturnType<typeof play>) =>
      alerts
        .map(({ rule, windowStart, evidence }) => ({ key: rule.key, windowStart, evidence }))
        .toSorted((a, b) => a.windowStart - b.windowStart);
    const shuffled = [4, 0, 6, 2, 1, 5, 3].flatMap((at) => events[at] ?? []);
    expect(told(play(packOf(fewRule), shuffled))).toEqual(told(play(packOf(fewRule), events)));
  });

  it('counts the calls and tokens of a trace, and knows the tools of an agent', () => {
    const rule = (name: string, selection: string) => `title: ${name}
name: ${name}
logsource: { product: ai_agent }
detection:
  s: ${selection}
  condition: s
`;
    const pack = packOf(
      rule('again', '{ agent.tool.repeats|gte: 3 }'),
      rule('dear', '{ trace.total_tokens|gte: 100 }'),
      rule('changed', '{ agent.tools.changed: pay }'),
    );
    const model = (tokens: number, description: string) =>
      call(9, {
        kind: 'llm_call',
        body: {
          ...storedEvent({}).body,
          usage: { inputTokens: tokens },
          attributes: { 'gen_ai.tool.definitions': [{ name: 'pay', description }] },
        },
      });
    const { findings } = play(pack, [call(0), call(1), model(60, 'a'), call(2), model(60, 'b')]);
    expect(findings.map(({ rule: { key } }) => key)).toEqual(['again', 'dear', 'changed']);
  });

  it('names the fields that it cannot know', () => {
    const rule = callRule('r', 'x').replace('gen_ai.tool.name: x', 'tool.permit: missing');
    expect(replayRules(packOf(rule), tools).unknownFields).toEqual(['tool.permit']);
    expect(replayRules(packOf(fewRule), tools).unknownFields).toEqual([]);
  });

  it('says which rule had more groups than it remembers', () => {
    const source = fewRule.replace('agent.slug', 'session.id');
    const events = Array.from({ length: 10_050 }, (_, at) =>
      call(at / 10_000, { sessionId: `s${at}` }),
    );
    const { replay } = play(packOf(source), [...events, call(60, { sessionId: 'last' })]);
    expect(replay.overflows()).toEqual(new Map([['few', 51]]));
  });
});
