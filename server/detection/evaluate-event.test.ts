import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { evaluateEvent, type RuleFinding } from '#server/detection/evaluate-event.ts';
import { gatherMatches } from '#server/detection/gather-matches.ts';
import { buildPack, type RulePack } from '#server/detection/rule-pack.ts';
import { memoryWindows } from '#server/detection/run-rule-tests.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { readerOf } from '#server/detection/sigma/prepared-event.ts';

function pack(...sources: readonly string[]): RulePack {
  return buildPack(
    sources.map((source, index) => {
      const result = compileSource(source);
      if (!result.ok) throw new Error(JSON.stringify(result.problems));
      return { ruleId: `rul_${index}`, version: 1, rules: result.rules };
    }),
  );
}

interface Sent {
  readonly at: number;
  readonly id?: string;
  readonly category?: string;
  readonly [field: string]: unknown;
}

/** Findings as `rule group: events`, in the order in which they arise. */
function run(rules: RulePack, events: readonly Sent[]): string[] {
  const windows = memoryWindows();
  const print = ({ rule, group, evidence }: RuleFinding) =>
    `${rule.key} ${group.join('/')}: ${evidence.map((item) => item.eventId).join(' ')}`;
  return events.flatMap(({ at, id, category, ...fields }, index) => {
    const event = {
      eventId: id ?? `e${index}`,
      category: category ?? 'tool_call',
      at: at * 1000,
      fields: readerOf(fields),
    };
    return evaluateEvent(rules, event, windows, 0).map(print);
  });
}

const single = (name: string, field: string, logsource = '{ product: ai_agent }') => `title: ${name}
name: ${name}
logsource: ${logsource}
detection: { s: { f: ${field} }, condition: s }
signalbox: { group-by: [user] }
`;

const chain = `title: outer
name: outer
correlation:
  type: temporal_ordered
  rules: [many, done]
  group-by: [user]
  timespan: 1m
---
title: many
name: many
correlation:
  type: event_count
  rules: [tried]
  group-by: [host]
  timespan: 10s
  condition: { gte: 3 }
---
${single('tried', 'x').replace('signalbox: { group-by: [user] }\n', '')}---
${single('done', 'y').replace('signalbox: { group-by: [user] }\n', '')}`;

describe('evaluateEvent', () => {
  it('groups matches of single events by the rule’s fields', () => {
    const rules = pack(single('a', 'x'));
    const events = [
      { at: 0, f: 'x', user: 'u' },
      { at: 1, f: 'z', user: 'u' },
      { at: 2, f: 'x' },
    ];
    expect(run(rules, events)).toEqual(['a u: e0', 'a : e2']);
  });

  it('asks only rules of our product and of the event’s category', () => {
    const rules = pack(
      single('any', 'x'),
      single('calls', 'x', '{ product: ai_agent, category: tool_call }'),
      single('models', 'x', '{ category: llm_call }'),
      single('windows', 'x', '{ product: windows }'),
      single('service', 'x', '{ product: ai_agent, service: sysmon }'),
    );
    const names = (category: string) =>
      run(rules, [{ at: 0, f: 'x', category }]).map((line) => line.split(' ')[0]);
    expect(names('tool_call')).toEqual(['any', 'calls']);
    expect(names('llm_call')).toEqual(['any', 'models']);
    expect(names('retrieval')).toEqual(['any']);
  });

  it('drops events that lack a group-by field of a correlation', () => {
    const rules = pack(chain);
    const tries = [0, 1, 2].map((at) => ({ at, f: 'x', user: 'u' }));
    expect(run(rules, [...tries, { at: 5, f: 'y', user: 'u' }])).toEqual([]);
  });

  it('feeds a correlation that fired into the one around it', () => {
    const rules = pack(chain);
    const tries = [0, 1, 2].map((at) => ({ at, f: 'x', user: 'u', host: 'h' }));
    expect(run(rules, [...tries, { at: 5, f: 'y', user: 'u' }])).toEqual(['outer u: e2 e3']);
    expect(run(rules, [...tries, { at: 5, f: 'y', user: 'other' }])).toEqual([]);
    expect(run(rules, [...tries.slice(1), { at: 5, f: 'y', user: 'u' }])).toEqual([]);
  });

  it('feeds it whatever the order of arrival', () => {
    const tries = [0, 1, 2].map((at) => ({ at, id: `t${at}`, f: 'x', user: 'u', host: 'h' }));
    const done = { at: 5, id: 'd', f: 'y', user: 'u' };
    expect(run(pack(chain), [done, ...tries])).toEqual(['outer u: t2 d']);
    expect(run(pack(chain), [...tries.toReversed(), done])).toEqual(['outer u: t2 d']);
  });

  it('joins events under aliases', () => {
    const rules = pack(`title: c
name: c
correlation:
  type: temporal
  rules: [a, b]
  group-by: [ip]
  timespan: 10s
  aliases: { ip: { a: src, b: dst } }
---
${single('a', 'x')}---
${single('b', 'y')}`);
    const events = (dst: string) => [
      { at: 0, f: 'x', src: '1', dst: '9' },
      { at: 1, f: 'y', src: '8', dst },
    ];
    expect(run(rules, events('1'))).toEqual(['c 1: e0 e1']);
    expect(run(rules, events('2'))).toEqual([]);
  });

  it('starts a new version with fresh windows', () => {
    const result = compileSource(chain.replaceAll('gte: 3', 'gte: 2'));
    if (!result.ok) throw new Error('no');
    const windows = memoryWindows();
    const feed = (version: number, at: number, f: string) =>
      evaluateEvent(
        buildPack([{ ruleId: 'r', version, rules: result.rules }]),
        {
          eventId: `e${at}`,
          category: 'tool_call',
          at,
          fields: readerOf({ f, user: 'u', host: 'h' }),
        },
        windows,
        0,
      ).length;
    expect([feed(1, 0, 'x'), feed(1, 1, 'x'), feed(2, 2, 'y'), feed(1, 3, 'y')]).toEqual([
      0, 0, 0, 1,
    ]);
  });

  it('makes the same alerts of the default rules whatever the order of arrival', () => {
    const rules = pack(...defaultRules);
    const kinds: readonly { 'event.kind': string; [field: string]: unknown }[] = [
      { 'event.kind': 'tool_call', 'finding.types': ['injected_instruction'] },
      { 'event.kind': 'tool_call', 'tool.effect_class': 'money' },
      { 'event.kind': 'tool_call', 'tool.effect_class': 'read', 'source.trust': 'untrusted' },
      {
        'event.kind': 'tool_call',
        'tool.effect_class': 'outbound',
        'tool.destination.untrusted_new': true,
      },
      { 'event.kind': 'memory_write' },
    ];
    const event = fc.record({
      second: fc.integer({ min: 0, max: 599 }),
      kind: fc.integer({ min: 0, max: kinds.length - 1 }),
      trace: fc.integer({ min: 0, max: 2 }),
    });
    const runs = fc
      .uniqueArray(event, { maxLength: 30, selector: (item) => JSON.stringify(item) })
      .chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      );
    const alertsOf = (list: readonly { second: number; kind: number; trace: number }[]) => {
      const windows = memoryWindows();
      const evidence = new Map<string, Set<string>>();
      for (const item of list) {
        const kind = kinds[item.kind] ?? { 'event.kind': 'lifecycle' };
        const fields = { ...kind, 'agent.slug': 'a', 'trace.id': `t${item.trace}` };
        const one = {
          eventId: JSON.stringify(item),
          category: kind['event.kind'],
          at: item.second * 1000,
          fields: readerOf(fields),
        };
        for (const match of gatherMatches(evaluateEvent(rules, one, windows, 0))) {
          const key = [match.rule.key, match.windowStart, ...match.group].join(' ');
          const known = evidence.get(key) ?? new Set();
          for (const { eventId } of match.evidence) known.add(eventId);
          evidence.set(key, known);
        }
      }
      return [...evidence].map(([key, ids]) => [key, ...[...ids].toSorted()].join(' ')).toSorted();
    };
    fc.assert(
      fc.property(runs, ([list, shuffled]) => {
        expect(alertsOf(shuffled)).toEqual(alertsOf(list));
      }),
      { numRuns: 150 },
    );
  });
});
