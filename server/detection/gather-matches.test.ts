import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleFinding } from '#server/detection/evaluate-event.ts';
import { gatherMatches } from '#server/detection/gather-matches.ts';
import { limits } from '#server/kernel/limits.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';

function finding(groupBy: string, group: readonly string[], events: readonly [string, number][]) {
  const compiled = compileSource(`title: t
name: t
logsource: {}
detection: { s: { f: a }, condition: s }
signalbox: { group-by: ${groupBy} }
`);
  if (!compiled.ok) throw new Error('no rule');
  return {
    source: { ruleId: 'rul_1', version: 1, rules: compiled.rules },
    rule: compiled.main,
    group,
    evidence: events.map(([eventId, at]) => ({ eventId, at, isLate: false })),
  } satisfies RuleFinding;
}

const hour = 3_600_000;
const print = (findings: readonly RuleFinding[]) =>
  gatherMatches(findings).map(
    ({ group, windowStart, evidence }) =>
      `${group.join('/')} ${windowStart / hour}: ${evidence.map((item) => item.eventId).join(' ')}`,
  );

describe('gatherMatches', () => {
  it('puts findings of one group and hour together, in order of time', () => {
    const agent = (events: readonly [string, number][]) => finding('[agent.slug]', ['bot'], events);
    expect(
      print([agent([['b', 20]]), agent([['a', 10]]), agent([['c', hour]]), agent([['b', 20]])]),
    ).toEqual(['bot 0: a b', 'bot 1: c']);
  });

  it('keeps a trace together however long it lasts', () => {
    const events: [string, number][] = [
      ['a', 10],
      ['b', 5 * hour],
    ];
    expect(print([finding('[trace.id]', ['t'], events)])).toEqual(['t 0: a b']);
  });

  it('keeps groups apart', () => {
    const of = (group: string) => finding('[user.id]', [group], [[`e-${group}`, 1]]);
    expect(print([of('x'), of('y')])).toEqual(['x 0: e-x', 'y 0: e-y']);
  });

  it('keeps of the readings of one tool the one that is furthest out', () => {
    const volume = (tool: string, sigma: number) =>
      ({ kind: 'volume', tool, hours: 48, value: sigma, mean: 0, std: 1, sigma }) as const;
    const of = (event: string, ...readings: ReturnType<typeof volume>[]) => ({
      ...finding('[user.id]', ['u'], [[event, 1]]),
      readings,
    });
    const [match] = gatherMatches([
      of('a', volume('x', 4)),
      of('b', volume('x', 9)),
      of('c', volume('x', 5), volume('y', 3)),
      finding('[user.id]', ['u'], [['d', 1]]),
    ]);
    expect(match?.readings).toEqual([volume('x', 9), volume('y', 3)]);
    const many = Array.from({ length: 50 }, (_, index) => of(`m${index}`, volume(`${index}`, 3)));
    expect(gatherMatches(many)[0]?.readings).toHaveLength(limits.alertReadingsMax);
  });

  it('does not depend on the order of findings', () => {
    const all = Array.from({ length: 12 }, (_, index) =>
      finding('[user.id]', [`u${index % 2}`], [[`e${index}`, (index % 5) * hour]]),
    );
    const expected = print(all).toSorted();
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(print(shuffled).toSorted()).toEqual(expected);
      }),
    );
  });
});
