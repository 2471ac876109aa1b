import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inheritContext } from './inherit-context.ts';
import type { SpanContext } from './inherit-context.ts';

const agent = (slug: string) => ({ id: `agt_${slug}`, slug });

/** `a<b` is span a under b; `!x` names agent x, `?x` guesses it; `s=…`, `c=…`, `u=…` tell texts. */
function span(text: string): SpanContext {
  const [ids = '', ...facts] = text.split(' ');
  const [spanId = '', parentSpanId = null] = ids.split('<');
  const told = (mark: string) =>
    facts.find((fact) => fact.startsWith(mark))?.slice(mark.length) ?? null;
  const slug = told('!') ?? told('?');
  return {
    spanId,
    parentSpanId,
    agent: slug === null ? null : agent(slug),
    isAgentExplicit: told('!') !== null,
    sessionId: told('s='),
    conversationId: told('c='),
    user: told('u='),
  };
}

const summary = (spans: readonly SpanContext[]) =>
  [...inheritContext(spans)]
    .map(([id, context]) => {
      const texts = [context.sessionId, context.conversationId, context.user].map((t) => t ?? '-');
      return `${id} ${context.agent?.slug ?? '-'} ${texts.join(' ')}`;
    })
    .sort();

describe('inheritContext', () => {
  it.each<[string, string[], string[]]>([
    ['an empty trace', [], []],
    ['a lone span', ['a'], ['a - - - -']],
    ['its own values', ['a !x s=1 c=2 u=3'], ['a x 1 2 3']],
    [
      'a root that names the agent',
      ['a !x', 'b<a', 'c<b'],
      ['a x - - -', 'b x - - -', 'c x - - -'],
    ],
    ['a name before a guess', ['a !x', 'b<a ?svc'], ['a x - - -', 'b x - - -']],
    ['a guess before a far guess', ['a ?one', 'b<a ?two'], ['a one - - -', 'b two - - -']],
    ['a far guess before nothing', ['a ?one', 'b<a'], ['a one - - -', 'b one - - -']],
    ['the nearest name', ['a !x', 'b<a !y', 'c<b ?s'], ['a x - - -', 'b y - - -', 'c y - - -']],
    ['nothing from a child', ['a ?s', 'b<a !x'], ['a s - - -', 'b x - - -']],
    ['nothing from a sibling', ['a', 'b<a !x', 'c<a'], ['a - - - -', 'b x - - -', 'c - - - -']],
    ['a missing parent', ['b<gone ?s', 'c<b'], ['b s - - -', 'c s - - -']],
    [
      'the nearest session',
      ['a s=1', 'b<a s=2', 'c<b', 'd<a'],
      ['a - 1 - -', 'b - 2 - -', 'c - 2 - -', 'd - 1 - -'],
    ],
    [
      'the only session of the trace, upwards and sideways',
      ['a', 'b<a s=1 u=9', 'c<a'],
      ['a - 1 - 9', 'b - 1 - 9', 'c - 1 - 9'],
    ],
    [
      'no session where two children disagree',
      ['a', 'b<a s=1', 'c<a s=2'],
      ['a - - - -', 'b - 1 - -', 'c - 2 - -'],
    ],
    ['its own parent', ['a<a !x'], ['a x - - -']],
    ['a ring of two', ['a<b !x', 'b<a'], ['a x - - -', 'b x - - -']],
    [
      'a ring, cut at its smallest',
      ['c<b', 'b<a !x', 'a<c', 'd<c'],
      ['a - - - -', 'b x - - -', 'c x - - -', 'd x - - -'],
    ],
    ['two events of one span', ['a ?s s=1', 'a !x u=2'], ['a x 1 - 2']],
    ['two events that disagree', ['a !y s=2', 'a !x s=1', 'b<a'], ['a x 1 - -', 'b x 1 - -']],
  ])('gives %s', (_, spans, expected) => {
    expect(summary(spans.map(span))).toEqual(expected);
    expect(summary(spans.map(span).reverse())).toEqual(expected);
  });

  it('walks a chain of twenty thousand spans, and a ring as long, without recursion', () => {
    const count = 20_000;
    const name = (at: number) => String(at).padStart(6, '0');
    const chain = Array.from({ length: count }, (_, at) =>
      span(`${name(at)}<${name(at - 1)}${at === 0 ? ' !x' : ' ?s'}`),
    );
    expect(inheritContext(chain).get(name(count - 1))?.agent).toEqual(agent('x'));
    const ring = [...chain.slice(1), span(`${name(0)}<${name(count - 1)} !x`)];
    expect(inheritContext(ring).get(name(count - 1))?.agent).toEqual(agent('x'));
  });

  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const texts = fc.option(fc.constantFrom('1', '2'), { nil: null });
  const spans = fc.array(
    fc.record({
      spanId: ids,
      parentSpanId: fc.option(ids, { nil: null }),
      agent: fc.option(fc.constantFrom(agent('x'), agent('y'), agent('z')), { nil: null }),
      isAgentExplicit: fc.boolean(),
      sessionId: texts,
      conversationId: texts,
      user: texts,
    }),
    { maxLength: 12 },
  );

  it('does not depend on the order in which spans land', () => {
    const shuffled = spans.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(summary(other)).toEqual(summary(all));
      }),
    );
  });

  it('keeps what a span says itself, and invents nothing', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const contexts = inheritContext(all);
        expect(new Set(contexts.keys())).toEqual(new Set(all.map((one) => one.spanId)));
        const sessions = new Set(all.map((one) => one.sessionId));
        for (const [spanId, context] of contexts) {
          const own = all.filter((one) => one.spanId === spanId);
          const told = own.map((one) => one.sessionId).filter((one) => one !== null);
          if (told.length > 0) expect(told).toContain(context.sessionId);
          if (context.sessionId !== null) expect(sessions).toContain(context.sessionId);
          const named = own.flatMap((one) => (one.isAgentExplicit && one.agent ? [one.agent] : []));
          if (named.length > 0) expect(named).toContainEqual(context.agent);
        }
      }),
    );
  });
});
