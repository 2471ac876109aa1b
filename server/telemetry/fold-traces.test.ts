import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import {
  countMinutes,
  type EventHeader,
  foldTraces,
  sightInstances,
  type TraceRow,
} from './fold-traces.ts';

const minute = 60_000_000;
const t0 = 1_795_334_400_000_000;

function header(overrides: Partial<EventHeader> = {}): EventHeader {
  return {
    at: { incarnation: 1, xid: '10', seq: 1 },
    revision: 0,
    traceId: 'a'.repeat(32),
    spanId: '1'.repeat(16),
    parentSpanId: '0'.repeat(16),
    sessionId: null,
    conversationId: null,
    agentId: 'agt_1',
    agentSlug: 'billing-bot',
    agentExplicit: true,
    instanceId: null,
    user: null,
    kind: 'tool_call',
    phase: null,
    name: 'read_file',
    status: 'ok',
    trust: 'unknown',
    startedAtUs: t0,
    endedAtUs: t0 + 5,
    receivedAtUs: t0 + 100,
    findings: 0,
    bodyBytes: 10,
    title: null,
    ...overrides,
  };
}

function foldOne(...events: Partial<EventHeader>[]): TraceRow {
  const [row] = foldTraces(new Map(), events.map(header)).values();
  if (!row) throw new Error('no trace');
  return row;
}

describe('foldTraces', () => {
  it.each<[string, Partial<EventHeader>[], Partial<TraceRow>]>([
    ['counts events', [{}, {}], { events: 2, toolCalls: 2, errors: 0 }],
    [
      'widens times whatever the order',
      [
        { startedAtUs: t0 + 50, endedAtUs: t0 + 60 },
        { startedAtUs: t0, endedAtUs: null },
      ],
      { startedAtUs: t0, endedAtUs: t0 + 60 },
    ],
    ['ends where it started without an end', [{ endedAtUs: null }], { endedAtUs: t0 }],
    [
      'counts a call of two phases once, when it starts',
      [{ phase: 'start' }, { phase: 'end' }],
      { events: 2, toolCalls: 1 },
    ],
    [
      'counts only tool calls as tool calls',
      [{ kind: 'llm_call', name: 'm' }],
      { toolCalls: 0, tools: [] },
    ],
    [
      'counts errors by status and by kind',
      [{ status: 'error' }, { kind: 'error', status: 'unset' }, { status: 'unset' }],
      { errors: 2 },
    ],
    ['adds findings', [{ findings: 2 }, { findings: 1 }], { findings: 3 }],
    [
      'does not count a revision as an event',
      [{}, { revision: 1, status: 'error', findings: 3, endedAtUs: t0 + 900, trust: 'untrusted' }],
      { events: 1, errors: 0, findings: 0, endedAtUs: t0 + 900, hasUntrusted: true },
    ],
    [
      'names tools once, in order',
      [{ name: 'b' }, { name: 'a' }, { name: 'b' }, { name: null }],
      { tools: ['b', 'a'] },
    ],
    [
      'names agents once, ids and slugs together',
      [{}, { agentId: 'agt_2', agentSlug: 'other' }, {}],
      { agentIds: ['agt_1', 'agt_2'], agentSlugs: ['billing-bot', 'other'] },
    ],
    [
      'keeps the first session and user that is told',
      [{}, { sessionId: 's1', user: 'u1' }, { sessionId: 's2', user: 'u2' }],
      { sessionId: 's1', userId: 'u1' },
    ],
    [
      'is untrusted once untrusted',
      [{ trust: 'untrusted' }, { trust: 'trusted' }],
      { hasUntrusted: true },
    ],
    ['is not untrusted when unknown', [{ trust: 'unknown' }], { hasUntrusted: false }],
    ['takes the name as title at first', [{ name: 'read_file' }], { title: 'read_file' }],
    ['takes the kind without a name', [{ name: null, kind: 'lifecycle' }], { title: 'lifecycle' }],
    [
      'prefers the root’s name',
      [
        { name: 'child', startedAtUs: t0 + 5 },
        { name: 'root', parentSpanId: null, startedAtUs: t0 },
      ],
      { title: 'root', titleAtUs: null },
    ],
    [
      'prefers what a person asked',
      [
        { parentSpanId: null, name: 'root' },
        { kind: 'user_message', title: 'Pay', startedAtUs: t0 + 9 },
      ],
      { title: 'Pay', titleAtUs: t0 + 9 },
    ],
    [
      'prefers the earlier question though it arrived later',
      [
        { kind: 'user_message', title: 'second', startedAtUs: t0 + 9 },
        { kind: 'user_message', title: 'first', startedAtUs: t0 + 3 },
        { kind: 'user_message', title: 'third', startedAtUs: t0 + 30 },
      ],
      { title: 'first', titleAtUs: t0 + 3 },
    ],
    [
      'does not let a late root take the title of a question',
      [
        { kind: 'user_message', title: 'Pay' },
        { parentSpanId: null, name: 'root', startedAtUs: t0 - 1 },
      ],
      { title: 'Pay' },
    ],
    [
      'stands at the last event',
      [
        { at: { incarnation: 1, xid: '10', seq: 1 } },
        { at: { incarnation: 1, xid: '11', seq: 4 } },
      ],
      { at: { incarnation: 1, xid: '11', seq: 4 } },
    ],
  ])('%s', (_name, events, expected) => {
    expect(foldOne(...events)).toMatchObject(expected);
  });

  it('bounds what a row names', () => {
    const events = Array.from({ length: 200 }, (_, index) => ({
      name: `t${index}`,
      agentId: `agt_${index}`,
      agentSlug: `a${index}`,
    }));
    const row = foldOne(...events);
    expect(row.tools).toHaveLength(limits.traceToolsMax);
    expect(row.agentIds).toHaveLength(limits.traceAgentsMax);
    expect(row.agentSlugs).toHaveLength(limits.traceAgentsMax);
    expect(row.events).toBe(200);
  });

  it('answers only touched traces', () => {
    const known = foldTraces(new Map(), [header({ traceId: 'b'.repeat(32) })]);
    const folded = foldTraces(known, [header()]);
    expect([...folded.keys()]).toEqual(['a'.repeat(32)]);
  });

  it('gives the same rows however the log is cut into batches', () => {
    const event = fc.record({
      traceId: fc.constantFrom('a'.repeat(32), 'b'.repeat(32)),
      name: fc.constantFrom('x', 'y', null),
      kind: fc.constantFrom('tool_call' as const, 'user_message' as const, 'error' as const),
      revision: fc.constantFrom(0, 0, 0, 1),
      startedAtUs: fc.integer({ min: t0, max: t0 + 20 }),
      parentSpanId: fc.constantFrom(null, '0'.repeat(16)),
      title: fc.constantFrom(null, 'one', 'two'),
      trust: fc.constantFrom('untrusted' as const, 'unknown' as const),
      sessionId: fc.constantFrom(null, 's1', 's2'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat(30), (raw, cut) => {
        const events = raw.map((fields, seq) =>
          header({ ...fields, at: { incarnation: 1, xid: '1', seq } }),
        );
        const whole = foldTraces(new Map(), events);
        const first = foldTraces(new Map(), events.slice(0, cut));
        const second = foldTraces(first, events.slice(cut));
        expect(new Map([...first, ...second])).toEqual(whole);
      }),
    );
  });
});

describe('countMinutes', () => {
  it('counts deliveries by received minute, agent and kind', () => {
    const base = Math.floor(t0 / minute) * minute;
    const counts = countMinutes([
      header({ receivedAtUs: base }),
      header({ receivedAtUs: base + minute - 1, status: 'error', revision: 1 }),
      header({ receivedAtUs: base + minute }),
      header({ receivedAtUs: base, kind: 'error' }),
      header({ receivedAtUs: base, agentId: 'agt_2' }),
    ]);
    expect(counts).toEqual([
      { minuteUs: base, agentId: 'agt_1', kind: 'tool_call', events: 2, errors: 1, bytes: 20 },
      {
        minuteUs: base + minute,
        agentId: 'agt_1',
        kind: 'tool_call',
        events: 1,
        errors: 0,
        bytes: 10,
      },
      { minuteUs: base, agentId: 'agt_1', kind: 'error', events: 1, errors: 1, bytes: 10 },
      { minuteUs: base, agentId: 'agt_2', kind: 'tool_call', events: 1, errors: 0, bytes: 10 },
    ]);
  });

  it('loses no event', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10 * minute)), (offsets) => {
        const counts = countMinutes(offsets.map((offset) => header({ receivedAtUs: t0 + offset })));
        expect(counts.reduce((sum, count) => sum + count.events, 0)).toBe(offsets.length);
      }),
    );
  });
});

describe('sightInstances', () => {
  it('keeps first and last sighting of each instance, and one for those without a name', () => {
    expect(
      sightInstances([
        header({ instanceId: 'pod-1', receivedAtUs: t0 + 5 }),
        header({ instanceId: 'pod-1', receivedAtUs: t0 + 2 }),
        header({ instanceId: 'pod-1', receivedAtUs: t0 + 9, startedAtUs: t0 + 1 }),
        // Its clock is ahead of ours.
        header({ receivedAtUs: t0, startedAtUs: t0 + 60 }),
      ]),
    ).toEqual([
      {
        agentId: 'agt_1',
        instanceId: 'pod-1',
        firstSeenAtUs: t0 + 2,
        lastSeenAtUs: t0 + 9,
        lastStartedAtUs: t0 + 1,
      },
      {
        agentId: 'agt_1',
        instanceId: '-',
        firstSeenAtUs: t0,
        lastSeenAtUs: t0,
        lastStartedAtUs: t0,
      },
    ]);
  });
});
