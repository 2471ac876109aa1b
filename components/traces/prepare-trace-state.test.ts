import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '#server/telemetry/wire/contract.ts';
import type { TraceFact } from '#server/telemetry/traces/contract.ts';
import { processorMs } from '#server/testing/processor-ms.ts';
import { makeTraceEvent } from '#server/testing/trace-event-factory.ts';
import { foldTraceState, type TraceState } from './prepare-trace-state.ts';
import { buildTraceTree } from './prepare-trace-tree.ts';

type Sketch = Partial<TraceEvent> & { readonly fact?: Partial<TraceFact> };

function fact(eventId: string, overrides: Partial<TraceFact> = {}): TraceFact {
  return {
    eventId,
    revision: 0,
    inputTokens: 0,
    outputTokens: 0,
    origin: null,
    data: null,
    ...overrides,
  };
}

function stateAt(atUs: number, sketches: readonly Sketch[], alerts: string[][] = []): TraceState {
  const events = sketches
    .map(({ fact: _fact, ...event }, index) => makeTraceEvent({ id: `e${index}`, ...event }))
    .toSorted((a, b) => a.startedAtUs - b.startedAtUs);
  const facts = new Map(
    sketches.flatMap((sketch, index) => {
      const id = sketch.id ?? `e${index}`;
      return sketch.fact ? [[id, fact(id, sketch.fact)] as const] : [];
    }),
  );
  const named = alerts.map((eventIds, index) => ({ id: `alert${index}`, eventIds }));
  return foldTraceState(buildTraceTree(events).nodes, facts, named, atUs);
}

const data = (resource: string, overrides: Partial<NonNullable<TraceFact['data']>> = {}) => ({
  data: { resource, classes: [], subjects: [], subjectsTotal: 0, rows: null, ...overrides },
});

describe('foldTraceState', () => {
  it.each<[string, Sketch[], number, Partial<TraceState>]>([
    [
      'before anything',
      [{ startedAtUs: 5 }],
      4,
      { events: 0, agents: [], tools: [], inFlight: [] },
    ],
    [
      'a call that has begun',
      [{ startedAtUs: 5, endedAtUs: 9, status: 'error', trust: 'untrusted' }],
      5,
      {
        events: 1,
        inFlight: ['e0'],
        errors: 0,
        taint: null,
        tools: [{ name: 'read_file', effect: null, calls: 1, errors: 0 }],
      },
    ],
    [
      'the same call when it has ended',
      [
        {
          startedAtUs: 5,
          endedAtUs: 9,
          status: 'error',
          trust: 'untrusted',
          fact: { origin: 'web' },
        },
      ],
      9,
      {
        inFlight: [],
        errors: 1,
        taint: { eventId: 'e0', origin: 'web' },
        untrustedEvents: 1,
        tools: [{ name: 'read_file', effect: null, calls: 1, errors: 1 }],
      },
    ],
    [
      'taint by what came in first, not by what was asked first',
      [
        { startedAtUs: 0, endedAtUs: 50, trust: 'untrusted' },
        { startedAtUs: 10, endedAtUs: 20, trust: 'untrusted' },
      ],
      60,
      { taint: { eventId: 'e1', origin: null }, untrustedEvents: 2 },
    ],
    ['unknown trust is no taint', [{ trust: 'unknown' }], 99, { taint: null }],
    [
      'a message is there at once',
      [{ kind: 'user_message', endedAtUs: null, trust: 'untrusted', startedAtUs: 3 }],
      3,
      { taint: { eventId: 'e0', origin: null }, inFlight: [], tools: [] },
    ],
    [
      'a call told in two phases is one call',
      [
        { phase: 'start', callId: 'c', startedAtUs: 1, endedAtUs: null, effect: 'money' },
        { phase: 'end', callId: 'c', startedAtUs: 8, endedAtUs: null, status: 'error' },
      ],
      8,
      {
        events: 2,
        inFlight: [],
        errors: 1,
        tools: [{ name: 'read_file', effect: 'money', calls: 1, errors: 1 }],
      },
    ],
    [
      'a call that never ends stays in flight',
      [{ phase: 'start', startedAtUs: 1, endedAtUs: null }],
      1_000_000,
      { inFlight: ['e0'] },
    ],
    [
      'tokens and data once the result is there',
      [
        {
          kind: 'data_access',
          endedAtUs: 10,
          fact: {
            inputTokens: 7,
            outputTokens: 3,
            ...data('accounts', {
              classes: ['financial'],
              subjects: ['a'],
              subjectsTotal: 1,
              rows: 2,
            }),
          },
        },
        {
          kind: 'data_access',
          endedAtUs: 12,
          fact: data('accounts', { subjects: ['a', 'b'], subjectsTotal: 9, rows: 1 }),
        },
        { endedAtUs: 99, fact: { inputTokens: 100, ...data('mail') } },
      ],
      50,
      {
        inputTokens: 7,
        outputTokens: 3,
        data: [
          { resource: 'accounts', classes: ['financial'], subjects: 2, isMore: true, rows: 3 },
        ],
      },
    ],
    [
      'agents in the order of their first event',
      [
        { agent: 'b', startedAtUs: 2 },
        { agent: 'a', startedAtUs: 1 },
        { agent: 'b', startedAtUs: 0 },
      ],
      9,
      { agents: ['b', 'a'] },
    ],
    ['an error without a tool', [{ kind: 'error', name: null }], 20, { errors: 1, tools: [] }],
  ])('%s', (_name, events, atUs, expected) => {
    expect(stateAt(atUs, events)).toMatchObject(expected);
  });

  it('names an alert as soon as some of its evidence has happened', () => {
    const events = [{ endedAtUs: 10 }, { startedAtUs: 5, endedAtUs: 20 }];
    const alerts = [['e0', 'e1'], ['e1'], ['elsewhere']];
    expect(stateAt(9, events, alerts).alertIds).toEqual([]);
    expect(stateAt(10, events, alerts).alertIds).toEqual(['alert0']);
    expect(stateAt(20, events, alerts).alertIds).toEqual(['alert0', 'alert1']);
  });

  const sketch: fc.Arbitrary<Sketch> = fc.record({
    startedAtUs: fc.nat(20),
    endedAtUs: fc.option(fc.integer({ min: 0, max: 30 })),
    kind: fc.constantFrom('tool_call', 'error', 'llm_call', 'user_message'),
    name: fc.constantFrom('x', 'y', null),
    status: fc.constantFrom('ok', 'error'),
    trust: fc.constantFrom('untrusted', 'unknown'),
    phase: fc.constantFrom(null, null, 'start', 'end'),
    callId: fc.constantFrom(null, 'c1', 'c2'),
    agent: fc.constantFrom('a', 'b'),
    fact: fc.record({
      inputTokens: fc.nat(5),
      outputTokens: fc.nat(5),
      data: fc.constantFrom(null, data('r', { subjects: ['s'], subjectsTotal: 1, rows: 1 }).data),
    }),
  });

  it('only ever grows, but for what is in flight', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { maxLength: 10 }),
        fc.nat(35),
        fc.nat(35),
        (events, one, two) => {
          const alerts = events.map((_, index) => [`e${index}`]);
          const before = stateAt(Math.min(one, two), events, alerts);
          const after = stateAt(Math.max(one, two), events, alerts);
          for (const field of [
            'events',
            'errors',
            'untrustedEvents',
            'inputTokens',
            'outputTokens',
          ] as const) {
            expect(after[field]).toBeGreaterThanOrEqual(before[field]);
          }
          if (before.taint) expect(after.taint).toEqual(before.taint);
          expect(after.alertIds).toEqual(expect.arrayContaining([...before.alertIds]));
          expect(after.agents.slice(0, before.agents.length)).toEqual(before.agents);
          for (const use of before.tools) {
            const later = after.tools.find((tool) => tool.name === use.name);
            expect(later?.calls).toBeGreaterThanOrEqual(use.calls);
            expect(later?.errors).toBeGreaterThanOrEqual(use.errors);
          }
          for (const touch of before.data) {
            const later = after.data.find((one_) => one_.resource === touch.resource);
            expect(later?.rows).toBeGreaterThanOrEqual(touch.rows);
          }
        },
      ),
    );
  });

  it('takes an end before the beginning for an end at the beginning', () => {
    const early = { startedAtUs: 0, endedAtUs: 1, kind: 'tool_call', trust: 'untrusted' } as const;
    const torn = { ...early, startedAtUs: 2, endedAtUs: 0 };
    expect(stateAt(1, [torn, early]).taint?.eventId).toBe('e1');
    expect(stateAt(2, [torn, early]).taint?.eventId).toBe('e1');
  });

  it('does not depend on what comes after the moment', () => {
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 10 }), fc.nat(35), (events, atUs) => {
        const alone = events.map(({ phase: _phase, ...event }, index) => ({
          ...event,
          id: `e${index}`,
        }));
        const upTo = alone.filter((event) => (event.startedAtUs ?? 0) <= atUs);
        expect(stateAt(atUs, alone)).toEqual(stateAt(atUs, upTo));
      }),
    );
  });

  it('folds ten thousand events in a frame or two', () => {
    const events = Array.from({ length: 10_000 }, (_, index) =>
      makeTraceEvent({ id: `e${index}`, startedAtUs: index, name: `tool${index % 50}` }),
    );
    const { nodes } = buildTraceTree(events);
    foldTraceState(nodes, new Map(), [], 5000);
    expect(processorMs(() => foldTraceState(nodes, new Map(), [], 10_000))).toBeLessThan(100);
  });
});
