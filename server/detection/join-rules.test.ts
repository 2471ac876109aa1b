import { describe, expect, it } from 'vitest';
import { describeCounting, findBroken, readFaults } from './describe-counting.ts';
import { type EvaluatedEvent, evaluateEvent, windowScope } from './evaluate-event.ts';
import { joinRules, type JoinableText, namesOutside, withText } from './join-rules.ts';
import { createReplayWindows } from './replay-windows.ts';
import { buildPack } from './rule-pack.ts';
import { readerOf } from './sigma/prepared-event.ts';

const base = (name: string, tool = name, more = '') => `title: Calls of ${tool}
name: ${name}
${more}logsource: { product: ai_agent, category: tool_call }
detection: { s: { gen_ai.tool.name: ${tool} }, condition: s }
`;
const counting = (name: string, rules: string, least = 2, more = '') => `title: Counts ${rules}
name: ${name}
${more}correlation:
  type: event_count
  rules: [${rules}]
  group-by: [agent.slug]
  timespan: 10m
  condition: { gte: ${least} }
`;
const text = (source: string, more: Partial<JoinableText> = {}): JoinableText => {
  const name = /^name: (.*)$/m.exec(source)?.[1] ?? '';
  const row = { ruleId: `rul_${name}`, kind: 'rule', version: 1, state: 'enabled' } as const;
  return { ...row, name, title: name, isShipped: false, source, ...more };
};
const id = '2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c99';

const problemOf = (texts: readonly JoinableText[], name: string) => {
  const result = joinRules(texts).compile(`rul_${name}`);
  return result.ok ? null : (result.problems[0]?.message ?? '');
};

describe('a correlation that counts a rule of another source', () => {
  it.each<[string, JoinableText[], string | null]>([
    ['by name', [text(base('wire')), text(counting('c', 'wire'))], null],
    ['by id', [text(base('wire', 'wire', `id: ${id}\n`)), text(counting('c', id))], null],
    [
      'inside a source',
      [text(`${base('outer')}---\n${base('inner')}`), text(counting('c', 'inner'))],
      null,
    ],
    [
      'that is a correlation',
      [text(base('w')), text(counting('b', 'w')), text(counting('c', 'b'))],
      null,
    ],
    [
      'that is switched off',
      [text(base('wire'), { state: 'disabled' }), text(counting('c', 'wire'))],
      null,
    ],
    [
      'that its own source holds, too',
      [text(base('wire')), text(`${counting('c', 'wire')}---\n${base('wire', 'own')}`)],
      null,
    ],
    [
      'that gives a source its name, before one inside another',
      [text(base('wire')), text(`${base('z')}---\n${base('wire')}`), text(counting('c', 'wire'))],
      null,
    ],
    [
      'that nobody has',
      [text(counting('c', 'wire'))],
      'There is no rule "wire", neither here nor in another source.',
    ],
    [
      'that nobody approved',
      [text(base('wire'), { state: 'draft' }), text(counting('c', 'wire'))],
      '"wire" has not been approved yet.',
    ],
    [
      'that is a filter',
      [text('name: quiet', { kind: 'filter' }), text(counting('c', 'quiet'))],
      '"quiet" is a filter: a correlation counts rules.',
    ],
    [
      'that two sources hold',
      [
        text(`${base('y')}---\n${base('in')}`),
        text(`${base('z')}---\n${base('in')}`),
        text(counting('c', 'in')),
      ],
      '"in" is in several rules (y, z): count it by a name that only one has.',
    ],
    [
      'that counts it',
      [text(counting('b', 'c')), text(counting('c', 'b'))],
      '"b" does not run: "c" leads back to this correlation.',
    ],
    [
      'over a third that counts it',
      [text(counting('a', 'c')), text(counting('b', 'a')), text(counting('c', 'b'))],
      '"b" does not run: "a" does not run: "c" leads back to this correlation.',
    ],
    [
      'that does not compile',
      [text(base('wire').replace('condition: s', 'condition: t')), text(counting('c', 'wire'))],
      '"wire" does not run: ',
    ],
  ])('%s', (_, texts, problem) => {
    const found = problemOf(texts, 'c');
    if (problem === null) expect(found).toBeNull();
    else expect(found).toContain(problem);
  });

  it('stands on it under a key of its own, silent, with its version in the windows’ scope', () => {
    const texts = [text(base('wire'), { version: 3 }), text(counting('c', 'wire'))];
    const result = joinRules(texts).compile('rul_c');
    if (!result.ok) throw new Error('it compiles');
    expect(result.rules.map(({ key, isAlerting }) => [key, isAlerting])).toEqual([
      ['rul_wire@3/wire', false],
      ['c', true],
    ]);
    const scopeAt = (version: number) => {
      const joined = joinRules([text(base('wire'), { version }), text(counting('c', 'wire'))]);
      const compiled = joined.compile('rul_c');
      if (!compiled.ok || compiled.main.kind !== 'correlation') throw new Error('it compiles');
      return windowScope({ ruleId: 'rul_c', version: 1, rules: compiled.rules }, compiled.main);
    };
    expect(scopeAt(3)).toBe(scopeAt(3));
    expect(scopeAt(3)).not.toBe(scopeAt(4));
  });

  it('fires by its matches, and a rule that is counted alerts in its own source alone', () => {
    const texts = [
      text(base('wire')),
      text(counting('pair', 'wire')),
      text(counting('many', 'pair, mail', 2)),
      text(base('mail')),
    ];
    const joined = joinRules(texts);
    const pack = buildPack(
      texts.map(({ ruleId, version }) => {
        const compiled = joined.compile(ruleId);
        if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
        return { ruleId, version, rules: compiled.rules };
      }),
    );
    const windows = createReplayWindows(pack);
    const fired: string[] = [];
    ['wire', 'wire', 'mail'].forEach((tool, index) => {
      const event: EvaluatedEvent = {
        eventId: `e${index}`,
        category: 'tool_call',
        at: 1000 * index,
        fields: readerOf({ 'gen_ai.tool.name': tool, 'agent.slug': 'a' }),
      };
      for (const { source, evidence } of evaluateEvent(pack, event, windows, 1000 * index))
        fired.push(`${tool}${index} ${source.ruleId} ${evidence.map((one) => one.eventId).join()}`);
    });
    expect(fired).toEqual([
      'wire0 rul_wire e0',
      'wire1 rul_wire e1',
      'wire1 rul_pair e0,e1',
      'mail2 rul_mail e2',
      'mail2 rul_many e1,e2',
    ]);
  });
});

describe('what texts count of one another', () => {
  const wire = text(`${base('wire')}---\n${base('inner')}`);
  const texts = [
    wire,
    text(counting('c', 'inner')),
    text(counting('d', 'c', 2), { state: 'disabled' }),
  ];

  it('is told from both sides', () => {
    expect(namesOutside(counting('c', 'a, b'))).toEqual(['a', 'b']);
    expect(describeCounting(texts, 'rul_c')).toEqual({
      counts: [
        { name: 'inner', rule: { id: 'rul_wire', title: 'wire', state: 'enabled' }, fault: null },
      ],
      countedBy: [{ id: 'rul_d', title: 'd', state: 'disabled' }],
    });
  });

  it('is broken by a text without the name, and only that is told of', () => {
    const renamed = withText(texts, {
      name: 'wire',
      source: `${base('wire')}---\n${base('other')}`,
    });
    expect(findBroken(texts, renamed.texts, renamed.ruleId)).toEqual([
      { title: 'c', fault: 'There is no rule "inner", neither here nor in another source.' },
    ]);
    expect(findBroken(texts, withText(texts, wire).texts, 'rul_wire')).toEqual([]);
    expect(readFaults(renamed.texts)('rul_d')).toContain('"c" does not run');
    expect(readFaults(renamed.texts)('rul_wire')).toBeNull();
  });
});
